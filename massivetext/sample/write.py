"""The embedded sample: six sources in their real formats, with the hard cases planted.

Made of text that is installed anyway, the same bytes on every run of an installation. The truth
about the planted documents is in ``truth.json`` before any pipeline runs.
"""

import hashlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from massivetext.errors import ConfigError
from massivetext.hashing import unit
from massivetext.paper import SOURCES
from massivetext.sample.formats.books import bind
from massivetext.sample.formats.web import write_web
from massivetext.sample.formats.wikipedia import is_plain
from massivetext.sample.material.articles import Article, Supply, compose, shuffled
from massivetext.sample.material.text import (
    Module,
    Passage,
    installed_versions,
    read_modules,
    read_passages,
)
from massivetext.sample.material.truth import TRUTH, Written, read_made_of, write_truth
from massivetext.sample.planted.held_out import held_out_code, write_heldout
from massivetext.sample.planted.plant import Planted, plant, too_long_article
from massivetext.sample.planted.safety import write_domain_list
from massivetext.sample.shelves import write_books
from massivetext.sample.sources import write_c4, write_github, write_news, write_wikipedia

_SIMPLE = re.compile(r"[A-Za-z0-9 ,.;:'\"()`/-]+")
_COMMON = {
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "can", "for", "from", "has", "have",
    "if", "in", "is", "it", "its", "may", "not", "of", "on", "or", "that", "the", "this", "to",
    "was", "when", "which", "will", "with",
}  # fmt: skip
_COMMON_SHARE = 0.33
_NAMES = {TRUTH, "lists", "tests", *SOURCES}
_RESERVED = 0.75  # share of the simple passages that only planted documents have
_C4_SHARE, _NEWS_SHARE, _WIKIPEDIA_SHARE, _BOOKS_SHARE = 0.7, 0.7, 0.35, 0.7
_BOOK_CHAPTERS = 18
_HELD_OUT_MODULES = slice(40, 46)


class Stock(NamedTuple):
    """What the sample is made of."""

    ordinary: list[Passage]
    supply: Supply  # passages for planted documents that may stay
    spare: Supply  # passages, also of other documents, for planted documents that must go
    modules: list[Module]
    seed: int


def write_sample(folder: Path, seed: int = 0) -> None:
    """Writes the sample below a folder: inputs by source, lists, held-out texts, truth.

    A folder that holds this sample already stays as it is; an older one is replaced. The folder
    appears when it is whole.

    Raises:
        ConfigError: if the folder holds anything else.
    """
    _check_folder(folder)
    made_of = _made_of(seed)
    if (folder / TRUTH).exists() and read_made_of(folder / TRUTH) == made_of:
        return
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    _fill(partial, seed, made_of)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)


def _check_folder(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    strange = folder.exists() and not folder.is_dir()
    if strange or (names and (TRUTH not in names or names - _NAMES)):
        raise ConfigError(f"{folder} is there and holds no sample: remove it, or name another")


def _made_of(seed: int) -> str:
    """Returns a digest of what decides the sample's bytes: seed, Python, packages, this code."""
    digest = hashlib.sha256(f"{seed} {sys.version} {installed_versions()}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem.startswith("demo"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _fill(folder: Path, seed: int, made_of: str) -> None:
    stock = _stock(seed)
    planted = plant(stock.supply, stock.spare)
    planted.wet.append(too_long_article(stock.ordinary))
    code = held_out_code(stock.modules[_HELD_OUT_MODULES])
    write_heldout(folder / "tests", [*planted.items, *(item for item, _, _ in code)])
    write_domain_list(folder / "lists")
    files = list(_write_sources(folder, stock, planted))
    files += write_github(folder / "github", stock.modules, code)
    write_truth(folder / TRUTH, seed, made_of, files)


def _stock(seed: int) -> Stock:
    modules = read_modules()
    passages = read_passages(modules)
    own = [passage for passage in passages if _is_reserved(passage, seed)]
    ordinary = [passage for passage in passages if not _is_reserved(passage, seed)]
    spare = shuffled([passage for passage in passages if _is_simple(passage)], seed, "spare")
    large = [module for module in modules if len(module.text) > 1500]
    return Stock(ordinary, Supply(own), Supply(spare), shuffled(large, seed, "modules"), seed)


def _is_reserved(passage: Passage, seed: int) -> bool:
    """Returns whether only planted documents have a passage."""
    return _is_simple(passage) and unit(seed, "demo reserved", passage.text) < _RESERVED


def _is_simple(passage: Passage) -> bool:
    """Returns whether a passage is plainly English, and passes through any format unchanged."""
    if not _SIMPLE.fullmatch(passage.text) or not is_plain(passage.text):
        return False
    words = passage.text.lower().split()
    return sum(word in _COMMON for word in words) >= _COMMON_SHARE * len(words)


def _write_sources(folder: Path, stock: Stock, planted: Planted) -> Iterator[Written]:
    natural = compose(stock.ordinary, stock.seed, "natural")
    articles = [*natural, *_mixed(stock, "web", 1.0), *_mixed(stock, "more web", 1.0)]
    yield from write_web(folder / "web", articles, planted, stock.supply, stock.spare)
    yield from write_c4(folder / "c4", [*_mixed(stock, "c4", _C4_SHARE)], planted, stock.supply)
    news = [*_mixed(stock, "news", _NEWS_SHARE)]
    yield from write_news(folder / "news", news, planted, stock.supply)
    plain = [p for p in _share(stock, "wikipedia", _WIKIPEDIA_SHARE) if is_plain(p.text)]
    wikipedia = [*compose(plain, stock.seed, "wikipedia")]
    yield from write_wikipedia(folder / "wikipedia", wikipedia, planted)
    books = [*bind(stock.ordinary, _BOOK_CHAPTERS, "The handbook")]
    books += bind(_share(stock, "books", _BOOKS_SHARE), _BOOK_CHAPTERS, "The collected notes")
    yield from write_books(folder / "books", books, planted, stock.supply)


def _mixed(stock: Stock, purpose: str, share: float) -> Iterator[Article]:
    return compose(_share(stock, purpose, share), stock.seed, purpose)


def _share(stock: Stock, purpose: str, share: float) -> list[Passage]:
    passages = shuffled(stock.ordinary, stock.seed, purpose)
    return passages[: int(share * len(passages))]

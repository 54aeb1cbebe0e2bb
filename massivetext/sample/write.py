"""The embedded sample: six sources in their real formats, with the hard cases planted.

Made of text that every installation has, the same bytes for the same versions of a few packages.
The truth about the planted documents is in ``truth.json`` before any pipeline runs.
"""

import hashlib
import json
import math
import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

from massivetext.errors import ConfigError
from massivetext.hashing import hash_fraction
from massivetext.paper import SOURCES
from massivetext.sample.formats.books import Book, bind, books_without_end
from massivetext.sample.formats.web import write_web
from massivetext.sample.formats.wikipedia import is_plain
from massivetext.sample.material.articles import Article, Supply, compose, shuffled
from massivetext.sample.material.deal import Deal, articles_without_end, divide
from massivetext.sample.material.packages import Module, installed_versions, read_modules
from massivetext.sample.material.text import COMMON_WORDS, Passage, read_passages
from massivetext.sample.material.truth import TRUTH, Written, read_made_of, write_truth
from massivetext.sample.planted.held_out import held_out_code, write_heldout
from massivetext.sample.planted.plant import Planted, plant, too_long_article
from massivetext.sample.planted.safety import write_domain_list
from massivetext.sample.shelves import write_books
from massivetext.sample.sources import write_c4, write_github, write_news, write_wikipedia

_SIMPLE = re.compile(r"[A-Za-z0-9 ,.;:'\"()`/-]+")
_COMMON_SHARE = 0.33
_CODE = Path(__file__).parent
_NAMES = {TRUTH, "lists", "tests", *SOURCES}
_RESERVED = 0.8  # share of the simple passages that only planted documents have
# How often ordinary passages stand in each source, each time in other company.
_WEB_TIMES, _C4_TIMES, _NEWS_TIMES, _WIKIPEDIA_TIMES, _BOOKS_TIMES = 4.8, 1.4, 1.4, 0.65, 2.1
# Shares for validation: more than of documents, so that these repeat each other less.
_VALIDATION_PASSAGES, _VALIDATION_CODE = 0.08, 0.15
_BOOK_CHAPTERS = 18
_CODE_BYTES = range(1_500, 80_000)  # of a file
_LEADING_COMMENT = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\n)+")
_HELD_OUT_MODULES = 6


class Stock(NamedTuple):
    """What the sample is made of."""

    ordinary: list[Passage]
    validation: list[Passage]  # for documents that a build holds out, and for no others
    supply: Supply  # passages for planted documents that may stay
    spare: Supply  # passages, also of other documents, for planted documents that must go
    code: list[Module]
    validation_code: list[Module]
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
    """Returns a digest of what decides the sample's bytes: seed, packages, recipe, this code."""
    digest = hashlib.sha256(json.dumps([seed, installed_versions()]).encode())
    for path in [*sorted(_CODE.rglob("*.py")), _CODE.parent / "recipes" / "sample.toml"]:
        digest.update(f"{path.relative_to(_CODE.parent).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fill(folder: Path, seed: int, made_of: str) -> None:
    stock = _stock(seed)
    planted = plant(stock.supply, stock.spare)
    planted.wet.append(too_long_article(stock.ordinary))
    code = held_out_code([stock.code.pop() for _ in range(_HELD_OUT_MODULES)])
    write_heldout(folder / "tests", [*planted.items, *(item for item, _, _ in code)])
    write_domain_list(folder / "lists")
    files = list(_write_sources(folder, stock, planted))
    deal = Deal(stock.code, cycle(stock.validation_code))
    files += write_github(folder / "github", deal, code)
    write_truth(folder / TRUTH, seed, made_of, files)


def _stock(seed: int) -> Stock:
    modules = read_modules()
    passages, validation = divide(
        read_passages(m for m in modules if not m.is_test), _VALIDATION_PASSAGES, seed
    )
    own = [passage for passage in passages if _is_reserved(passage, seed)]
    ordinary = [passage for passage in passages if not _is_reserved(passage, seed)]
    spare = shuffled([passage for passage in passages if _is_simple(passage)], seed, "spare")
    code, validation_code = divide(
        shuffled([*_code(modules)], seed, "modules"), _VALIDATION_CODE, seed
    )
    if not validation or not validation_code:
        raise ConfigError("the sample needs more text than the installed packages have")
    supplies = Supply(own), Supply(spare)
    return Stock(ordinary, validation, *supplies, code, validation_code, seed)


def _code(modules: list[Module]) -> Iterator[Module]:
    """Yields the packages' own tests, which share no prose with the passages.

    The comment that opens a file goes: a licence that many files share would lie on both sides,
    and the sample gives each file a licence of its own.
    """
    for module in modules:
        text = _LEADING_COMMENT.sub("", module.text)
        if module.is_test and module.path.endswith(".py") and len(text) in _CODE_BYTES:
            yield module._replace(text=text)


def _is_reserved(passage: Passage, seed: int) -> bool:
    """Returns whether only planted documents have a passage."""
    return _is_simple(passage) and hash_fraction(seed, "sample reserved", passage.text) < _RESERVED


def _is_simple(passage: Passage) -> bool:
    """Returns whether a passage is plainly English, and passes through any format unchanged."""
    if not _SIMPLE.fullmatch(passage.text) or not is_plain(passage.text):
        return False
    words = passage.text.lower().split()
    return sum(word in COMMON_WORDS for word in words) >= _COMMON_SHARE * len(words)


def _write_sources(folder: Path, stock: Stock, planted: Planted) -> Iterator[Written]:
    supply, spare = stock.supply, stock.spare
    web = _articles(stock, "web", _WEB_TIMES, compose(stock.ordinary, stock.seed, "natural"))
    yield from write_web(folder / "web", web, planted, supply, spare)
    yield from write_c4(folder / "c4", _articles(stock, "c4", _C4_TIMES), planted, supply)
    yield from write_news(folder / "news", _articles(stock, "news", _NEWS_TIMES), planted, supply)
    plain = stock._replace(
        ordinary=[p for p in stock.ordinary if is_plain(p.text)],
        validation=[p for p in stock.validation if is_plain(p.text)],
    )
    wikipedia = _articles(plain, "wikipedia", _WIKIPEDIA_TIMES)
    yield from write_wikipedia(folder / "wikipedia", wikipedia, planted, supply)
    yield from write_books(folder / "books", _books(stock), planted, supply)


def _articles(
    stock: Stock, purpose: str, times: float, first: Iterable[Article] = ()
) -> Deal[Article]:
    train = [*first, *compose(_repeated(stock, purpose, times), stock.seed, purpose)]
    purpose = f"{purpose} validation"
    return Deal(train, articles_without_end(stock.validation, stock.seed, purpose))


def _books(stock: Stock) -> Deal[Book]:
    train = [*bind(stock.ordinary, _BOOK_CHAPTERS, "The handbook")]
    notes = _repeated(stock, "books", _BOOKS_TIMES)
    train += bind(notes, _BOOK_CHAPTERS, "The collected notes")
    return Deal(train, books_without_end(stock.validation, _BOOK_CHAPTERS, stock.seed))


def _repeated(stock: Stock, purpose: str, times: float) -> list[Passage]:
    """Returns the ordinary passages so many times, in another order each time."""
    rounds = range(math.ceil(times))
    passages = [p for n in rounds for p in shuffled(stock.ordinary, stock.seed, f"{purpose} {n}")]
    return passages[: int(times * len(stock.ordinary))]

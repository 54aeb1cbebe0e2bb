"""Real English prose that every installation has, as passages of one paragraph each.

Nothing is downloaded and no text of others is in the repository, so the embedded sample is put
together from what is installed: the language reference, the docstrings and comments of the
standard library, and the descriptions and docstrings of packages that the pipelines need anyway.
"""

import re
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from pydoc_data import topics
from typing import NamedTuple

from massivetext.paper import STOP_WORDS

# Folders that some distributions of Python leave out, or that hold data rather than prose.
_SKIPPED = {"site-packages", "dist-packages", "test", "tests", "idle_test", "pydoc_data"}
_DESCRIBED = (
    "aiohttp", "apache-beam", "array_record", "attrs", "cachetools", "cffi", "cryptography",
    "datasketch", "fastavro", "FastWARC", "filelock", "google-api-core", "google-auth",
    "google-cloud-storage", "grpcio", "httplib2", "mwparserfromhell", "numpy", "opentelemetry-sdk",
    "orjson", "packaging", "pip", "protobuf", "psutil", "pyarrow", "pyparsing", "python-dateutil",
    "pytz", "PyYAML", "regex", "requests", "Resiliparse", "selectolax", "sentencepiece",
    "simplejson", "six", "tenacity", "tensorflow-datasets", "tldextract", "tqdm", "urllib3",
    "wrapt", "xxhash", "yarl", "zstandard",
)  # fmt: skip
_DOCUMENTED = ("numpy", "apache_beam")
_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
_COMMENT = re.compile(r"(?:^[ \t]*#[^\n]*\n){3,}", re.MULTILINE)
_COMMENT_MARK = re.compile(r"^[ \t]*#+ ?", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"(?<=[.!?]) ")
MIN_WORDS, MAX_WORDS = 18, 120  # of a passage
_SHINGLE = 13


class Passage(NamedTuple):
    """One paragraph of prose, white space squeezed."""

    text: str
    origin: str  # the module, topic or package it is from


class Module(NamedTuple):
    """One source file of the standard library."""

    path: str  # relative to the library's folder
    text: str


def installed_versions() -> list[str]:
    """Returns the versions of the packages whose text is used, "" for those that are not there."""
    return [_version(name) for name in (*_DESCRIBED, *_DOCUMENTED)]


def read_modules() -> list[Module]:
    """Returns the sources of the standard library, sorted by path, without its tests."""
    return list(_modules_below(Path(sysconfig.get_path("stdlib"))))


def read_passages(modules: Iterable[Module]) -> list[Passage]:
    """Returns the passages of all texts that are installed anyway, in a fixed order."""
    return passages_of(_texts(modules))


def passages_of(texts: Iterable[tuple[str, str]]) -> list[Passage]:
    """Returns the passages of prose in (origin, text) pairs; no two share much of their text."""
    passages: list[Passage] = []
    seen: set[str] = set()
    for origin, text in texts:
        for paragraph in _BLANK_LINES.split(text):
            pieces = (p for p in _pieces(paragraph.split()) if _is_prose(p) and _is_new(p, seen))
            passages += [Passage(" ".join(piece), origin) for piece in pieces]
    return passages


def _texts(modules: Iterable[Module]) -> Iterator[tuple[str, str]]:
    for topic in sorted(topics.topics):
        yield f"the language reference on {topic.lower()}", topics.topics[topic]
    for module in modules:
        yield from documentation(module)
    for name in _DESCRIBED:
        yield name, _description(name)
    for name in _DOCUMENTED:
        for module in _modules_below(Path(sysconfig.get_path("purelib")), name):
            yield from documentation(module)


def _modules_below(root: Path, folder: str = "") -> Iterator[Module]:
    for path in sorted((root / folder).rglob("*.py")):
        relative = path.relative_to(root)
        if not _SKIPPED.intersection(relative.parts) and not path.stem.endswith("_test"):
            yield Module(relative.as_posix(), path.read_text("utf-8", errors="replace"))


def documentation(module: Module) -> Iterator[tuple[str, str]]:
    """Yields a module's dotted name with each of its docstrings and longer comments."""
    name = module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for docstring in _DOCSTRING.findall(module.text):
        yield name, docstring
    for comment in _COMMENT.findall(module.text):
        yield name, _COMMENT_MARK.sub("", comment)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _description(name: str) -> str:
    try:
        message = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    return str(message.get_payload() or message.get("Description") or "")  # type: ignore[attr-defined]


def _pieces(words: list[str]) -> Iterator[list[str]]:
    """Yields a paragraph's words, cut at sentence ends where it is long."""
    if len(words) <= MAX_WORDS:
        yield words
        return
    piece: list[str] = []
    for sentence in _SENTENCE_END.split(" ".join(words)):
        new = sentence.split()
        if len(piece) + len(new) > MAX_WORDS:
            yield piece
            piece = []
        piece = piece + new
    yield piece


def _is_prose(words: list[str]) -> bool:
    if not MIN_WORDS <= len(words) <= MAX_WORDS:
        return False
    text = " ".join(words)
    if ">>>" in text or "://" in text or "..." in text or not text.isprintable():
        return False
    lettered = sum(any(map(str.isalpha, word)) for word in words)
    stops = {word.lower().strip(".,:;") for word in words}.intersection(STOP_WORDS)
    return lettered >= 0.88 * len(words) and len(text) <= 8.0 * len(words) and len(stops) >= 2


def _is_new(words: list[str], seen: set[str]) -> bool:
    """Returns whether most of a passage was not seen before; remembers it if so."""
    shingles = {" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}
    if len(shingles & seen) * 10 > len(shingles):
        return False
    seen |= shingles
    return True

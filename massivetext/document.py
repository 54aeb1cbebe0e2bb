"""What a document is, and the two other things that an input record can turn out to be."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

import xxhash

from massivetext.errors import ConfigError
from massivetext.limits import MAX_ERROR_CHARACTERS
from massivetext.reasons import Reason

_Item = TypeVar("_Item")


class Signals(NamedTuple):
    """What the reader knows of a document besides its text; empty where the format does not say."""

    rating: str = ""  # value of a page's rating tag or header, as written
    language: str = ""  # declared by the page: the html tag's lang, or the Content-Language header
    status: int = 0  # HTTP status
    licence: str = ""  # BigQuery's licence id, for code
    repository: str = ""  # owner/name, for code
    path: str = ""  # path inside the repository, for code
    # What a page says of its use, as `massivetext.readers.html.opt_outs` reads it.
    robots: tuple[str, ...] = ()  # directives; of one robot alone: "googlebot: noindex"
    tdm_reservation: str = ""  # "1": text and data mining is reserved; "0": it is not
    tdm_policy: str = ""  # address of the policy of that
    content_usage: tuple[str, ...] = ()  # preferences of Content-Usage: "train-ai=n"


class DocumentId(str):
    """An id that knows the place it was made from, so that no reader can forget to tell it."""

    __slots__ = ("file", "position")  # as `Broken.path` and `Broken.position`; 90 bytes fewer
    file: str
    position: int

    @classmethod
    def at(cls, name: str, file: str, position: int) -> "DocumentId":
        """Returns the id `name` of the document at a place."""
        made = str.__new__(cls, name)
        made.file, made.position = file, position
        return made


class Place(NamedTuple):
    """Where a document came from: the input file and the record or row in it."""

    file: str
    position: int


def place_of(document_id: str) -> Place | None:
    """Returns the place that an id was made from; None of an id that a row brought along.

    >>> place_of(Origin("books", "a/1.txt").document_id(7)), place_of("x")
    (Place(file='a/1.txt', position=7), None)
    """
    if isinstance(document_id, DocumentId):
        return Place(document_id.file, document_id.position)
    return None


class Document(NamedTuple):
    """One document of one source: the element that flows through the pipelines."""

    id: str  # 32 hexadecimal digits, see `Origin.document_id`
    source: str  # as the recipe names it: web, books, forum, …
    text: str
    url: str = ""
    timestamp: str = ""  # as the source writes it; ISO 8601 where it has one
    title: str = ""
    signals: Signals = Signals()
    source_id: str = ""  # the row's own id
    extra: str = ""  # a JSON object: keys of the row that the recipe keeps


def given_text(value: object) -> str:
    """Returns a text that a caller gave: tables have rows without one, and tell nobody.

    Raises:
      ConfigError: it is no text.

    >>> given_text("the river")
    'the river'
    """
    if isinstance(value, str):
        return value
    advice = 'leave out a row without text, or give ""'
    if hasattr(value, "as_py"):  # an Arrow value that was not taken out of its column
        advice = "give its as_py()"
    raise ConfigError(f"a text is expected, not {type(value).__name__}: {advice}")


def given_texts(values: Iterable[_Item]) -> Iterator[_Item]:
    """Returns an iterator of the texts or documents that a caller gave.

    Raises:
      ConfigError: it is one text or document, whose characters or fields would be taken for them.
    """
    if isinstance(values, str | bytes | Document):
        kind = type(values).__name__
        raise ConfigError(f"several texts are expected, not one {kind}: give a list")
    return iter(values)


class Dropped(NamedTuple):
    """A document that a reader or filter leaves out. The first reason is the one that counts."""

    document: Document
    reasons: tuple[Reason, ...]


class Broken(NamedTuple):
    """A record that cannot be read: counted, kept in ``errors/``, never lost silently."""

    path: str  # of the input file, relative to its glob's fixed prefix
    position: int  # byte offset or record number, as in `Origin.document_id`
    message: str

    def __str__(self) -> str:
        """Returns path, position and cause in one line.

        >>> str(Broken("a.jsonl", 7, "no key 'text'"))
        "a.jsonl at 7: no key 'text'"
        """
        message = " ".join(self.message.split())[:MAX_ERROR_CHARACTERS]
        return f"{self.path} at {self.position}: {message}"


Record = Document | Dropped | Broken


class Origin(NamedTuple):
    """Where records come from: what makes their ids, the same on a laptop and on ``gs://``."""

    source: str
    path: str  # relative to the fixed prefix of the recipe's glob

    def document_id(self, position: int) -> DocumentId:
        """Returns the id of the record at `position` (a record number or a byte offset).

        >>> Origin("books", "a/1.txt").document_id(0)
        '6b8a259bc76010f7dde5a12c282e291a'
        """
        place = f"{self.source}\0{self.path}\0{position}"
        name = xxhash.xxh3_128_hexdigest(place.encode())
        return DocumentId.at(name, self.path, position)

    def broken(self, position: int, message: str) -> Broken:
        """Returns the record of an unreadable record at `position`."""
        return Broken(self.path, position, message)

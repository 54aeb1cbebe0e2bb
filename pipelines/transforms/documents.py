"""Checks on the documents of others: what a collection holds is not always what it should."""

from massivetext import paper
from massivetext.document import Broken, Document, Dropped, Record
from massivetext.readers.rows.rows import judge_text


def checked(record: object, sources: tuple[str, ...] = paper.SOURCES) -> Record:
    r"""Returns a record that the filters can work on.

    A document whose text is empty or too long is `Dropped`; one that no reader would make is
    `Broken`: its source is unknown, or its text or URL is no text that UTF-8 can hold.

    >>> checked(Document("a", "web", "\ud800")).message
    'text: lone surrogate'
    """
    if isinstance(record, Dropped | Broken):
        return record
    if not isinstance(record, Document):
        return Broken("an element", 0, f"no document but {type(record).__name__}")
    problem = _problem(record, sources)
    return Broken(f"document {record.id!r}", 0, problem) if problem else judge_text(record)


def _problem(document: Document, sources: tuple[str, ...]) -> str:
    for name in ("text", "url", "id"):
        value: object = getattr(document, name)
        if not isinstance(value, str):
            return f"{name}: no text but {type(value).__name__}"
        if not value.isascii() and _has_surrogate(value):
            return f"{name}: lone surrogate"
    if document.source not in sources:
        return f"source: {document.source!r} is not one of {', '.join(sources)}"
    return ""


def _has_surrogate(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return True
    return False

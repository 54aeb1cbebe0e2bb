"""Documents as the rows that they were read from, for the commands that write rows again."""

from typing import Any

import orjson

from massivetext.document import Document
from massivetext.readers.rows.rows import Fields, kept_keys


def row_of(document: Document, fields: Fields) -> dict[str, Any]:
    """Returns the row of a document, with its text as it is now, and its id where the row has none.

    A document of a format without rows (a page, a book, an article) becomes a row of its own.

    Args:
      document: as a reader gives it by `fields`, with its text as the filters leave it.
      fields: with `whole`.

    >>> row_of(Document("n1", "web", "judged", extra='{"text": "read", "score": 3}'), Fields())
    {'text': 'judged', 'score': 3, 'id': 'n1'}
    """
    if not document.extra:
        return _made(document)
    row: dict[str, Any] = orjson.loads(document.extra)
    if document.text:  # else it is empty, or so long that no reader holds it: as it was read
        _put(row, fields.text, document.text)
    key = fields.id or "id"
    if "." not in key and row.get(key) is None:
        row[key] = document.id
    return row


def with_kept_keys(document: Document, fields: Fields) -> Document:
    """Returns a document that carries the keys that a build would carry, not its whole row.

    >>> read = Document("n1", "web", "a", extra='{"text": "a", "score": 3}')
    >>> with_kept_keys(read, Fields(keep=("score",), whole=True)).extra
    '{"score":3}'
    """
    if not fields.whole or not document.extra:
        return document
    row: dict[str, Any] = orjson.loads(document.extra)
    return document._replace(extra=kept_keys(row, fields.keep) if fields.keep else "")


def _put(row: dict[str, Any], key: str, text: str) -> None:
    """Puts the text where it was read from, as `massivetext.readers.rows.rows.find` finds it."""
    head, dot, rest = key.partition(".")
    inner = row.get(head)
    if key not in row and dot and isinstance(inner, dict):
        _put(inner, rest, text)
    else:
        row[key] = text


def _made(document: Document) -> dict[str, Any]:
    named = {"id": document.id, "source": document.source, "url": document.url}
    named |= {"timestamp": document.timestamp, "title": document.title}
    signals = {key: value for key, value in document.signals._asdict().items() if value}
    return named | signals | {"text": document.text}

"""Books as plain text, one a file: Project Gutenberg's, or any other."""

from collections.abc import Iterator
from typing import BinaryIO

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.readers.books.gutenberg import strip_gutenberg
from massivetext.readers.bytes.decompress import expand
from massivetext.readers.rows.rows import judge_text
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def read_book(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    r"""Returns the one record of a plain text file, plain or compressed, at position 0.

    Hard-wrapped lines stay as they are; newlines become "\n", NUL characters go, and what Project
    Gutenberg puts around a book is cut off. A file over `MAX_DOCUMENT_BYTES` is dropped as too
    large; an empty one has no record. A slice that does not start at 0 has none.
    """
    if start:
        return
    data = bytearray()
    try:
        for chunk in expand(file):
            data += chunk
            if len(data) > MAX_DOCUMENT_BYTES:
                document = Document(origin.document_id(0), origin.source, "")
                yield Dropped(document, (Reason.TOO_LARGE,))
                return
        text = decode_book(bytes(data))
    except RecordError as error:
        yield origin.broken(0, str(error))
        return
    if data:
        book = strip_gutenberg(text)
        document = Document(origin.document_id(0), origin.source, book.text, title=book.title)
        yield judge_text(document)


def decode_book(data: bytes) -> str:
    r"""Returns the text of a file whose character set nobody names: UTF-8, else Windows' Latin.

    Windows-1252 contains what Latin-1 prints; its five holes fall back to Latin-1.

    >>> decode_book(b"caf\xe9 \x93\r\n")
    'café “\n'

    Raises:
        RecordError: if a byte order mark names a character set that the text is not in.
    """
    return unix_newlines(_decode(data)).replace("\0", "")


def _decode(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(name)
            except UnicodeDecodeError as error:
                raise RecordError(f"invalid {name}: {error.reason}") from error
    for name in ("utf-8", "cp1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")

"""Books as plain text, one a file: Project Gutenberg's, or any other."""

import re
from collections.abc import Iterator
from encodings.aliases import aliases
from typing import BinaryIO, Final

from massivetext.document import Document, Dropped, Origin, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_DOCUMENT_BYTES
from massivetext.readers.books.gutenberg import strip_gutenberg
from massivetext.readers.bytes.charset import codec_name, is_utf_8, meta_charset
from massivetext.readers.bytes.decompress import expand
from massivetext.readers.rows.rows import judge_text
from massivetext.reasons import Reason
from massivetext.text.newlines import unix_newlines


def _latin_character(byte: int) -> str:
    """Returns a byte's character in Windows-1252, whose five holes are Latin-1's."""
    return bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")


_UNTOLD: Final = ("mbcs", "rot_13", "tactis", "hz", "iso2022_jp")  # of bytes or of this system
_NO_ALIAS: Final = (
    "cp720", "cp737", "cp856", "cp874", "koi8_t", "koi8_u", "mac_arabic", "mac_croatian",
    "mac_farsi", "mac_romanian",
)  # fmt: skip
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

HEADER_BYTES = 1 << 15  # of a text in which its header may name the character set
_CHARACTER_SET = re.compile(
    rb"^[ \t*]{0,9}Character[ -]?set(?: encoding| coding)?[ \t]{0,9}:[ \t]{0,9}([^\r\n]{1,60})",
    re.M | re.I,
)
_NOISE = re.compile(
    r"\b(?:code ?page|dos|ms|apple|os|x(?=-)|encoding|character set|charset|iso(?=[ -]?latin)"
    r"|cyrillic(?= *\d))[ -]?"
)
_SEPARATORS = re.compile(r"[^a-z0-9]+")
# Codecs by their names without separators; those of bytes to bytes have no place among texts', and
# the marks of UTF-16 and its like are known already.
_CODECS: Final = {
    _SEPARATORS.sub("", name): codec
    for alias, codec in [*aliases.items(), *zip(_NO_ALIAS, _NO_ALIAS, strict=True)]
    for name in (codec, alias)
    if not codec.startswith("utf_") and not codec.endswith("_codec") and codec not in _UNTOLD
}
_LATIN: Final = ("", "ascii", "latin_1", "cp1252")  # Windows-1252 has their characters, and more
_BOM = "\ufeff"  # also in the middle: files are joined as they are
MAX_REPLACED = 1_000  # characters of UTF-16, of which one may be wrong
_STRAY: Final = "surrogateescape"  # bytes that are no UTF-8 become U+DC80 to U+DCFF
_NOT_STRAY = re.compile("[^\udc80-\udcff]+")
_ASCII = re.compile(r"[\x00-\x7f]+")
_WINDOWS: Final = {0xDC00 + byte: _latin_character(byte) for byte in range(0x80, 0x100)}


def read_book(
    file: BinaryIO, origin: Origin, start: int = 0, end: int | None = None
) -> Iterator[Record]:
    r"""Yields the one record of a plain text file, plain or compressed, at position 0.

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
    r"""Returns the text of a file: UTF-8, else what its header names, else Windows' Latin.

    Where more characters are whole UTF-8 than bytes are none, it is UTF-8, and only these bytes
    are Windows-1252. That contains what Latin-1 prints; its five holes fall back to Latin-1. The
    header's "Character set encoding:" is believed where it names another set that all bytes fit.

    >>> decode_book(b"caf\xe9 \x93\r\n")
    'café “\n'

    Raises:
      RecordError: if a byte order mark names a character set that the text is not in.
    """
    return unix_newlines(_decode(data)).replace("\0", "").replace(_BOM, "")


def decode_markup(data: bytes) -> str:
    """Returns a page of a book, or a list of them, in the character set that it declares.

    A declaration is not believed where the bytes are UTF-8 all the same, or do not fit it.
    """
    encoding = meta_charset(data)
    if encoding in ("", "utf-8") or is_utf_8(data, encoding):
        return decode_book(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return decode_book(data)


def _decode(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            if name == "utf-8":
                return _decode_marked(data[len(mark) :])
            text = data[len(mark) :].decode(name, "replace")
            if text.count("\ufffd") > len(text) // MAX_REPLACED:
                raise RecordError(f"invalid {name}: more than one character in {MAX_REPLACED}")
            return text
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", _STRAY)
    stray = len(_NOT_STRAY.sub("", text))
    whole = len(_ASCII.sub("", text)) - stray  # characters of several bytes: none by chance
    if whole >= stray:
        return text.translate(_WINDOWS)
    return _by_header(data) or _latin(data)


def _by_header(data: bytes) -> str:
    """Returns a text in the character set that its header names, "" if it is in none."""
    found = _CHARACTER_SET.search(data, 0, HEADER_BYTES)
    codec = named_codec(found[1].decode("ascii", "replace")) if found else ""
    if codec in _LATIN:
        return ""
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return ""


def named_codec(label: str) -> str:
    """Returns Python's codec for a character set as people write its name, "" if it has none.

    >>> named_codec("ISO-8859-2"), named_codec("Codepage 437 (DOS)"), named_codec("Mac Roman")
    ('iso8859-2', 'cp437', 'mac_roman')
    """
    label = label.partition("(")[0].strip()
    name = codec_name(label) or _CODECS.get(_SEPARATORS.sub("", _NOISE.sub("", label.lower())), "")
    return "" if name.startswith("utf") else name


def _decode_marked(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", _STRAY).translate(_WINDOWS)


def _latin(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")

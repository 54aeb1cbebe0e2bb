"""The footer of a Parquet file, as far as its row groups are planned by it.

Read here and not by pyarrow, whose objects of column chunks end the process, not the call, where
one byte of their statistics is wrong (`ColumnChunkMetaData`, pyarrow 25).
"""

from collections.abc import Collection
from typing import Any, BinaryIO, NamedTuple

from massivetext.errors import RecordError
from massivetext.limits import MAX_PARQUET_FOOTER_BYTES

_MAX_DEPTH = 20  # of Thrift structures
_TAIL_BYTES = 8  # the footer's length, and the file's magic number
_DICTIONARIES = frozenset((2, 8))  # encodings: PLAIN_DICTIONARY, RLE_DICTIONARY
_PREFIXES = 7  # DELTA_BYTE_ARRAY
_DICTIONARY_PAGE = 2
_HEADER_BYTES = 256  # that the header of a dictionary's page has at most, several times over
_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY = (1, 2), 3, (4, 5, 6), 7, 8
_LISTS, _MAP, _STRUCT = (9, 10), 11, 12


class Chunk(NamedTuple):
    """A column's part of a row group. Sizes are in bytes."""

    column: str  # its path with dots: `text`, `metadata.url`, `tags.list.element`
    uncompressed: int
    compressed: int
    offset: int  # of its first page
    has_dictionary: bool
    has_prefixes: bool  # a value may repeat the beginning of the one before it, however long


class Group(NamedTuple):
    """A row group."""

    rows: int
    bytes: int  # expanded
    chunks: list[Chunk]

    def offset(self) -> int:
        """Returns the offset of its first page; writers leave the field for it unset."""
        return min((chunk.offset for chunk in self.chunks), default=0)

    def of(self, names: Collection[str]) -> list[Chunk]:
        """Returns the chunks of some columns, or of all that lies inside them."""
        return [c for c in self.chunks if any(f"{c.column}.".startswith(f"{n}.") for n in names)]


def read_groups(file: BinaryIO) -> list[Group]:
    """Returns the row groups of a Parquet file, in order.

    Raises:
      RecordError: if the footer cannot be read, or has more than `MAX_PARQUET_FOOTER_BYTES`.
    """
    end = file.seek(0, 2)
    file.seek(max(end - _TAIL_BYTES, 0))
    size = int.from_bytes(file.read(4), "little")
    if size > min(end, MAX_PARQUET_FOOTER_BYTES):
        raise RecordError(f"footer of {size} bytes")
    file.seek(max(end - _TAIL_BYTES - size, 0))
    try:
        footer = _Thrift(file.read(size)).struct(0)
        return [_group(value) for value in footer.get(4, [])]
    except (IndexError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise RecordError(f"unreadable footer: {type(error).__name__}") from error


def dictionary_bytes(file: BinaryIO, chunk: Chunk) -> int:
    """Returns the expanded bytes of the dictionary of a chunk that has one.

    Raises:
      RecordError: no dictionary stands where the chunk begins.
    """
    file.seek(chunk.offset)
    try:
        page = _Thrift(file.read(_HEADER_BYTES)).struct(0)
        kind, expanded, stored = int(page[1]), int(page[2]), int(page[3])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"unreadable page: {type(error).__name__}") from error
    if kind != _DICTIONARY_PAGE:
        raise RecordError("its dictionary is not its first page")
    return max(expanded, stored)


def _group(value: dict[int, Any]) -> Group:
    return Group(int(value[3]), int(value[2]), [_chunk(column[3]) for column in value[1]])


def _chunk(value: dict[int, Any]) -> Chunk:
    pages = [page for page in (value[9], value.get(11, 0)) if page > 0]
    has_dictionary = 11 in value or not _DICTIONARIES.isdisjoint(value[2])
    column = b".".join(value[3]).decode("utf-8", "replace")
    first, has_prefixes = min(pages, default=0), _PREFIXES in value[2]
    return Chunk(column, int(value[6]), int(value[7]), first, has_dictionary, has_prefixes)


class _Thrift:
    """Values in Thrift's compact protocol; errors are those of running out of bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self, depth: int) -> dict[int, Any]:
        """Returns a structure's values by the numbers of their fields."""
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        values: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            kind, delta = head & 15, head >> 4
            field = field + delta if delta else self._integer()
            values[field] = kind == 1 if kind in _BOOLEANS else self._value(kind, depth)
        return values

    def _value(self, kind: int, depth: int) -> Any:
        if kind in _INTEGERS:
            return self._integer()
        if kind in (_BINARY, _DOUBLE):
            return self._bytes(self._varint() if kind == _BINARY else 8)
        if kind in _LISTS:
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _MAP:
            return self._map(depth)
        if kind in (_BYTE, *_BOOLEANS):
            return self._byte()
        raise ValueError("no type of Thrift")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        return [self._value(head & 15, depth) for _ in range(self._bounded(size))]

    def _map(self, depth: int) -> None:
        size = self._bounded(self._varint())
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4, depth)
            self._value(kinds & 15, depth)

    def _bounded(self, size: int) -> int:
        if size > len(self._data) - self._at:  # each element takes a byte or more
            raise ValueError("more elements than bytes")
        return size

    def _bytes(self, size: int) -> bytes:
        self._at += self._bounded(size)
        return self._data[self._at - size : self._at]

    def _byte(self) -> int:
        value = self._data[self._at]
        self._at += 1
        return value

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

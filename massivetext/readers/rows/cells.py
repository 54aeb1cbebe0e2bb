"""Cells of Parquet columns as Python values: one that Python cannot hold is an error of its own.

A value that stands in many rows is held once.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from massivetext.errors import RecordError

_UNREADABLE = (ArithmeticError, ValueError, LookupError, TypeError, pa.ArrowException, ImportError)
_OFFSETS = {
    pa.string(): np.int32, pa.binary(): np.int32,
    pa.large_string(): np.int64, pa.large_binary(): np.int64,
}  # fmt: skip
_SPREAD_BYTES = 1 << 17  # of a batch's text; more of it is held once, however many rows have it
_LISTS = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)


def is_text(type_: Any) -> bool:
    """Returns whether a column's values are strings or bytes, in whatever form of Arrow's.

    >>> is_text(pa.large_string()), is_text(pa.dictionary(pa.int8(), pa.binary()))
    (True, True)
    """
    if isinstance(type_, pa.BaseExtensionType):
        return is_text(type_.storage_type)
    if pa.types.is_dictionary(type_):
        return is_text(type_.value_type)
    name = str(type_).partition("[")[0]  # of fixed size: "fixed_size_binary[4]"
    return not pa.types.is_nested(type_) and ("string" in name or "binary" in name)


def is_readable(type_: Any) -> bool:
    """Returns whether cells of a type are worth reading: text, numbers, dates, lists of these."""
    if any(is_list(type_) for is_list in _LISTS):
        return not pa.types.is_nested(type_.value_type) and is_readable(type_.value_type)
    return is_text(type_) or not pa.types.is_nested(type_)


def type_of(schema: Any, name: str) -> Any | None:
    """Returns the type of a column, or of a field of structures by a path with dots; None: none.

    Args:
      schema: a schema, or the type of structures.
      name: a column of that name, standing twice, is none.

    >>> schema = pa.schema({"m": pa.struct({"url": pa.string()})})
    >>> type_of(schema, "m.url"), type_of(schema, "m.text")
    (DataType(string), None)
    """
    names = [field.name for field in schema]
    if name in names:
        return schema.field(name).type if names.count(name) == 1 else None
    head, dot, rest = name.partition(".")
    inner = type_of(schema, head) if dot else None
    return type_of(inner, rest) if inner is not None and pa.types.is_struct(inner) else None


def size_of(value: object) -> int:
    """Returns the bytes or characters of a value's text, however deep it lies."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, list | tuple) else 0


class Cells(NamedTuple):
    """A column's values, an error in place of one that Python cannot hold, and its text's size."""

    values: Sequence[object]
    size: int  # bytes of its text, each row's counted; characters of structures and views


def cells(column: Any) -> Cells:
    """Returns a column's values and the bytes of its text."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if isinstance(column, pa.DictionaryArray):
        return _of_dictionary(column)
    if pa.types.is_timestamp(column.type):
        column = _plain_timestamps(column)
    values = _of_structures(column) if isinstance(column, pa.StructArray) else _values(column)
    offsets = _offsets(column)
    if offsets is not None:
        return Cells(values, int(offsets[-1] - offsets[0]))
    return Cells(values, sum(map(size_of, values)) if _may_hold_text(column.type) else 0)


def _may_hold_text(type_: Any) -> bool:
    return is_text(type_) or pa.types.is_nested(type_)


def _values(column: Any) -> Sequence[object]:
    if pa.types.is_null(column.type):
        return (None,) * len(column)
    try:
        values: list[object] = column.to_pylist()
    except _UNREADABLE:
        return [_value(column, index) for index in range(len(column))]
    return values


def _value(column: Any, index: int) -> object:
    try:
        value: object = column[index].as_py()
    except UnicodeDecodeError as error:
        return RecordError(f"invalid UTF-8: {error}")
    except _UNREADABLE as error:
        return RecordError(f"unreadable value: {error}")
    return value


def _offsets(column: Any) -> Any | None:
    """Returns where each text begins in its buffer, and the last one ends; None if unknown."""
    width = _OFFSETS.get(column.type)
    buffer = column.buffers()[1] if width else None
    if buffer is None or not len(column):
        return None
    return np.frombuffer(buffer, width, len(column) + 1 + column.offset)[column.offset :]


def _of_dictionary(column: Any) -> Cells:
    """Returns the values that rows point to: where that is more text than is spread, each once."""
    held, codes = column.dictionary, column.indices.cast(pa.int64()).fill_null(-1).to_numpy()
    size = _size_of_rows(held, codes[codes >= 0])
    if size is not None and size <= _SPREAD_BYTES:
        return Cells(_values(held.take(column.indices)), size)
    used, places = np.unique(codes, return_inverse=True)
    if len(used) != len(held) or codes.min(initial=0) < 0:
        held = held.take(pa.array(used, mask=used < 0))
    values = _values(held)
    found = [values[place] for place in places.tolist()]
    return Cells(found, sum(map(size_of, found)) if size is None else size)


def _size_of_rows(held: Any, codes: Any) -> int | None:
    """Returns the bytes of the texts at `codes`; None if unknown."""
    offsets = _offsets(held)
    return None if offsets is None else int((offsets[codes + 1] - offsets[codes]).sum())


def _of_structures(column: Any) -> list[object]:
    names = [field.name for field in column.type]
    fields = [cells(column.field(index)).values for index in range(len(names))]
    rows = zip(*fields, strict=True) if fields else repeat((), len(column))
    return [
        dict(zip(names, values, strict=True)) if valid else None
        for valid, values in zip(column.is_valid().to_pylist(), rows, strict=True)
    ]


def _plain_timestamps(column: Any) -> Any:
    """Returns timestamps in UTC without time zone, whose name may be none, in microseconds."""
    unit = "us" if column.type.unit == "ns" else column.type.unit
    stored = column.view(pa.int64()).view(pa.timestamp(column.type.unit))
    return stored if unit == column.type.unit else stored.cast(pa.timestamp(unit), safe=False)

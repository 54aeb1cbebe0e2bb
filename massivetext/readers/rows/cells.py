"""Cells of Parquet columns as Python values: one that Python cannot hold is an error of its own.

A value that stands in many rows is held once.
"""

from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pyarrow as pa

from massivetext.errors import RecordError

_UNREADABLE = (ArithmeticError, ValueError, LookupError, TypeError, pa.ArrowException, ImportError)
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


def cells(column: Any) -> Iterator[object]:
    """Returns a column's values; an error in place of a value that Python cannot hold."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if isinstance(column, pa.DictionaryArray):
        return _of_dictionary(column)
    if pa.types.is_timestamp(column.type):
        column = _plain_timestamps(column)
    if pa.types.is_null(column.type):
        return repeat(None, len(column))
    if isinstance(column, pa.StructArray):
        return _of_structures(column)
    return _values(column)


def _values(column: Any) -> Iterator[object]:
    try:
        return iter(column.to_pylist())
    except _UNREADABLE:
        return (_value(column, index) for index in range(len(column)))


def _value(column: Any, index: int) -> object:
    try:
        value: object = column[index].as_py()
    except UnicodeDecodeError as error:
        return RecordError(f"invalid UTF-8: {error}")
    except _UNREADABLE as error:
        return RecordError(f"unreadable value: {error}")
    return value


def _of_dictionary(column: Any) -> Iterator[object]:
    values, known = column.dictionary, dict[int, object]()
    for index in column.indices.to_pylist():
        if index is None:
            yield None
            continue
        if index not in known:
            known[index] = _value(values, index)
        yield known[index]


def _of_structures(column: Any) -> Iterator[object]:
    names = [field.name for field in column.type]
    fields = [cells(column.field(index)) for index in range(len(names))]
    rows = zip(*fields, strict=True) if fields else repeat((), len(column))
    for valid, values in zip(column.is_valid().to_pylist(), rows, strict=True):
        yield dict(zip(names, values, strict=True)) if valid else None


def _plain_timestamps(column: Any) -> Any:
    """Returns timestamps in UTC without time zone, whose name may be none, in microseconds."""
    unit = "us" if column.type.unit == "ns" else column.type.unit
    stored = column.view(pa.int64()).view(pa.timestamp(column.type.unit))
    return stored if unit == column.type.unit else stored.cast(pa.timestamp(unit), safe=False)

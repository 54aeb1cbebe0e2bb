"""Columns of every type as Python values, with the bytes of their text."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import RecordError
from massivetext.readers.rows import cells as module
from massivetext.readers.rows.cells import cells

LONG = module._SPREAD_BYTES // 3  # characters; four of them are more than is spread
TEXTS = {"null": None, "empty": "", "a": "a", "é": "é", "nine": "b" * 9, "long": "x" * LONG}
STRINGS = [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view()]


def size(values: list[str | None]) -> int:
    return sum(len(value.encode()) for value in values if value)


@pytest.mark.parametrize("type_", STRINGS)
@given(names=st.lists(st.sampled_from(list(TEXTS)), max_size=8), start=st.integers(0, 3))
def test_text_is_itself_however_it_is_held(type_, names, start):
    values = [TEXTS[name] for name in names]
    array = pa.array(values, pa.string())
    expected = array.cast(type_).to_pylist()[start:]
    held = [array.cast(type_)]
    if type_ != pa.string_view():
        held.append(array.dictionary_encode().cast(pa.dictionary(pa.int32(), type_)))
    for column in held:
        found = cells(column.slice(start))
        assert list(found.values) == expected
        characters = sum(len(value or "") for value in values[start:])
        assert found.size == (characters if type_ == pa.string_view() else size(values[start:]))


def test_values_that_no_row_points_to_are_left_out_and_others_are_held_once():
    values = pa.array(["a", "x" * LONG, "never", "b"])
    codes = pa.array([1, 0, None, 1, 1, 1, 3], pa.int8())
    found = cells(pa.DictionaryArray.from_arrays(codes, values))
    assert found.values == ["x" * LONG, "a", None, *["x" * LONG] * 3, "b"]
    assert found.size == 4 * LONG + 2
    assert len({id(value) for value in found.values}) == 4


@pytest.mark.parametrize("repeats", [1, LONG])  # below and above what is spread
def test_one_value_that_is_no_utf_8_is_an_error_of_its_rows_alone(repeats):
    raw = b"good" + b"\xff" * repeats
    offsets = pa.py_buffer(np.array([0, 4, len(raw)], np.int32))
    values = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(raw)])
    codes = pa.array([0, 1, 0, None, 1, 1, 1], pa.int32())
    found = cells(pa.DictionaryArray.from_arrays(codes, values)).values
    assert [i for i, value in enumerate(found) if isinstance(value, RecordError)] == [1, 4, 5, 6]
    assert [found[0], found[2], found[3]] == ["good", "good", None]


OTHERS = {
    "numbers": (pa.array([1, None, 3]), [1, None, 3], 0),
    "null": (pa.nulls(2), [None, None], 0),
    "lists": (pa.array([["ab", "c"], None]), [["ab", "c"], None], 3),
    "structures": (
        pa.array([{"u": "ab", "n": {"v": "c"}}, None]),
        [{"u": "ab", "n": {"v": "c"}}, None],
        3,
    ),
    "bytes of one length": (pa.array([b"abcd", None], pa.binary(4)), [b"abcd", None], 4),
    "none": (pa.array([], pa.string()), [], 0),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_columns(name):
    column, values, bytes_ = OTHERS[name]
    found = cells(column)
    assert (list(found.values), found.size) == (values, bytes_)

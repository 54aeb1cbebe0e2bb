import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.shards import document_columns
from massivetext.shards.document_columns import (
    Fixed,
    read_all_fixed,
    read_fixed,
    read_rows,
    read_short,
    read_strings,
)
from massivetext.shards.parquet_files import open_parquet


def parquet(rows, group_rows):
    table = pa.table(
        {
            "id": [f"id{row}" for row in range(rows)],
            "text": [f"text {row}" for row in range(rows)],
            "hash": pa.array([row.to_bytes(8, "little") for row in range(rows)], pa.binary(8)),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=group_rows)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize(("rows", "group"), [(0, 10), (1, 10), (25, 10), (30, 10)])
def test_fixed_and_strings(rows, group, monkeypatch):
    monkeypatch.setattr(document_columns, "_FIXED_ROWS", 4)
    batches = list(read_fixed(parquet(rows, group), "hash", "<u4", 2))
    values = [value for _, array in batches for value in array.tolist()]
    assert values == [[row, 0] for row in range(rows)]
    assert [first for first, _ in batches] == list(
        np.cumsum([0, *[len(array) for _, array in batches]])[: len(batches)]
    )
    assert read_strings(parquet(rows, group), "id") == [f"id{row}" for row in range(rows)]


@given(st.sets(st.integers(0, 39)), st.integers(1, 45))
def test_rows_in_one_pass(wanted, group):
    rows = np.array(sorted(wanted), np.uint32)
    found = list(read_rows(parquet(40, group), ["id", "text"], rows))
    assert found == [(row, {"id": f"id{row}", "text": f"text {row}"}) for row in sorted(wanted)]


def test_batches_within_a_row_group(monkeypatch):
    monkeypatch.setattr(document_columns, "_SMALL_GROUP", 0)
    monkeypatch.setattr(document_columns, "_BATCH_ROWS", 3)
    rows = np.array([0, 2, 3, 11], np.uint32)
    assert [row for row, _ in read_rows(parquet(12, 12), ["id"], rows)] == [0, 2, 3, 11]


def test_row_groups_without_wanted_rows_are_not_read():
    buffer = parquet(30, 10)
    damaged = bytearray(buffer.getvalue())
    group = pq.ParquetFile(buffer).metadata.row_group(1)
    for column in range(group.num_columns):
        meta = group.column(column)
        start = meta.dictionary_page_offset or meta.data_page_offset
        damaged[start : start + 8] = b"\xff" * 8
    rows = np.array([1, 29], np.uint32)
    found = list(read_rows(io.BytesIO(bytes(damaged)), ["id"], rows))
    assert [values["id"] for _, values in found] == ["id1", "id29"]


@given(st.sets(st.integers(0, 39)), st.integers(1, 45))
def test_short_values_of_some_rows(wanted, group):
    rows = np.array(sorted(wanted), np.uint32)
    found = read_short(open_parquet(parquet(40, group)), "id", rows)
    assert found == [f"id{row}" for row in sorted(wanted)]


@pytest.mark.parametrize("group", [3, 50])
def test_columns_read_together(group):
    hashes = Fixed("hash", "<u4", 2)
    whole = open_parquet(parquet(40, group))
    for row, (left, right) in read_all_fixed(whole, hashes, hashes):
        assert left.tolist() == right.tolist() == [[row + n, 0] for n in range(len(left))]


def test_large_row_groups_are_read_in_batches(monkeypatch):
    rows = np.arange(0, 40, 3, dtype=np.uint32)
    together = list(read_rows(parquet(40, 20), ["id", "text"], rows))
    monkeypatch.setattr(document_columns, "_SMALL_GROUP", 0)
    monkeypatch.setattr(document_columns, "_BATCH_ROWS", 4)
    assert list(read_rows(parquet(40, 20), ["id", "text"], rows)) == together

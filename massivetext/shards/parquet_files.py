"""Parquet with a checksum in every page, verified when the page is read.

It is read without Arrow's threads, everywhere: one that still lives when Python ends may abort the
process ("terminate called without an active exception", apache/arrow issue 34314).
"""

from typing import IO, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq


def open_parquet(file: BinaryIO) -> pq.ParquetFile:
    """Returns an open Parquet file; a page whose checksum is wrong raises OSError when read.

    Of a file that says that its bytes `are_checked` before they are given out, pages are not
    checked again.
    """
    checks = not getattr(file, "are_checked", False)
    return pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=checks)


def write_parquet(table: pa.Table, file: IO[bytes]) -> None:
    """Writes a table, compressed by zstd."""
    pq.write_table(table, file, compression="zstd", write_page_checksum=True)


def read_table(file: BinaryIO, columns: list[str] | None = None) -> pa.Table:
    """Returns some columns, or all, of a small file; see `open_parquet` on damage."""
    return open_parquet(file).read(columns, use_threads=False)


def read_column(file: BinaryIO, column: str) -> list[Any]:
    """Returns the values of one column of a small file."""
    values: list[Any] = read_table(file, [column])[column].to_pylist()
    return values

"""``files.parquet`` of a stage: a row for each part, with its plain facts and its files' checksums.

For DuckDB and pandas as for `massivetext verify`.
"""

import io
import json
from typing import Any

import pyarrow as pa

from massivetext.pipelines.folder.file_names import FILES
from massivetext.pipelines.folder.sums import SUMS
from massivetext.shards.parquet_files import open_parquet, write_parquet
from massivetext.storage.checksums import FileSum, sum_bytes
from massivetext.storage.files import write_bytes

MADE_FROM = "made_from"  # of a summary: names and digests of what its part is made from
_SUM = pa.struct([("name", pa.string()), ("size", pa.int64()), ("crc32c", pa.string())])


def write_file_table(
    path: str, summaries: list[dict[str, Any]], sums: dict[str, list[FileSum]]
) -> FileSum:
    """Writes the table of a stage's parts, given in the same order; returns its own checksum."""
    table = pa.Table.from_pylist([_flat(summary) for summary in summaries])
    files = [[found.brief()._asdict() for found in part] for part in sums.values()]
    kept = [[{n: s[n] for n in ("name", "size", "crc32c")} for s in part] for part in files]
    column = pa.array(kept, pa.list_(_SUM))
    plain = dict(zip(table.column_names, table.columns, strict=True))
    table = pa.table(plain | {SUMS: column})
    buffer = io.BytesIO()
    write_parquet(table, buffer)
    write_bytes(path, buffer.getvalue())
    return sum_bytes(FILES, buffer.getvalue())


def read_file_table(data: bytes) -> list[FileSum]:
    """Returns the checksums in the content of a table."""
    column = open_parquet(io.BytesIO(data)).read([SUMS], use_threads=False)[SUMS].to_pylist()
    return [FileSum(**found) for part in column for found in part]


def _flat(summary: dict[str, Any]) -> dict[str, Any]:
    plain = (str, int, float)
    found = {name: value for name, value in summary.items() if isinstance(value, plain)}
    made_from = summary.get(MADE_FROM)
    return found | ({MADE_FROM: json.dumps(made_from)} if made_from else {})

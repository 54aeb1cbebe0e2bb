"""One shard of an export: JSON lines or Parquet, whole or not at all."""

from collections.abc import Iterator
from typing import IO, Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.errors import StageError
from massivetext.exports.plan import Shard
from massivetext.finished.build import FinishedBuild
from massivetext.finished.survivors import Survivors, document_schema
from massivetext.shards.compressed import compressed
from massivetext.storage.files import new_file
from massivetext.storage.paths import join


class ShardWork(NamedTuple):
    """What a process needs to write shards."""

    build: FinishedBuild
    folder: str  # of the export
    split: str
    format: str  # jsonl or parquet


def write_shard(work: ShardWork, shard: Shard) -> int:
    """Writes a shard; returns its documents.

    Raises:
      StageError: there are not as many survivors as the manifest counts; nothing is written.
      OSError: it cannot be written.
    """
    schema = document_schema(work.build)
    tables = _tables(work, shard, schema.names)
    with new_file(join(work.folder, shard.name)) as file:
        write = _write_parquet if work.format == "parquet" else _write_lines
        written = write(file, shard.name, tables, schema)
        if written != shard.documents:
            raise StageError(
                f"{shard.name}: {written:,} documents where the manifest counts"
                f" {shard.documents:,}; build again, files of the build are damaged"
            )
    return written


def _tables(work: ShardWork, shard: Shard, columns: list[str]) -> Iterator[pa.Table]:
    for piece in shard.pieces:
        survivors = Survivors(work.build, piece.stem, work.split)
        yield from survivors.read(columns, piece.first, None if piece.ends else piece.last)


def _write_parquet(file: IO[bytes], _: str, tables: Iterator[pa.Table], schema: pa.Schema) -> int:
    written = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.select(schema.names).cast(schema))
            written += len(table)
    return written


def _write_lines(file: IO[bytes], name: str, tables: Iterator[pa.Table], schema: pa.Schema) -> int:
    texts = {field.name for field in schema if _is_text(field.type)}
    written = 0
    with compressed(file, name) as out:
        for table in tables:
            for row in table.select(schema.names).to_pylist():
                out.write(orjson.dumps(_line(row, texts), option=orjson.OPT_APPEND_NEWLINE))
                written += 1
    return written


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind))


def _line(row: dict[str, Any], texts: set[str]) -> dict[str, Any]:
    # A reader infers a column's type from the first rows: a text is never null.
    return {name: "" if v is None and name in texts else v for name, v in row.items()}

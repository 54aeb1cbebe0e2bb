"""The files of stage 1: kept documents, dropped documents and broken records of one part.

All are plain Parquet or JSON lines, to be opened with DuckDB or pandas. Text is compressed; hashes
and signatures are not (they are random). A pointer to a document is (part, row of the kept file).
"""

import json
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import IO, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.document import Broken, Document, DocumentId
from massivetext.limits import MAX_ERROR_CHARACTERS
from massivetext.measures import Measures
from massivetext.shards.parquet_files import open_parquet

ROW_GROUP_ROWS = 1_000
ROW_GROUP_BYTES = 16 << 20  # of text: books are long

_DOCUMENT = [
    ("id", pa.string()),
    ("source", pa.string()),
    ("url", pa.string()),
    ("host", pa.string()),
    ("timestamp", pa.string()),
    ("title", pa.string()),
    ("text", pa.string()),
    ("text_bytes", pa.int64()),
    ("rating", pa.string()),
    ("declared_language", pa.string()),
    ("status", pa.int64()),
    ("licence", pa.string()),
    ("repository", pa.string()),
    ("path", pa.string()),
    ("robots", pa.list_(pa.string())),  # null where the page says nothing
    ("tdm_reservation", pa.string()),
    ("tdm_policy", pa.string()),
    ("content_usage", pa.list_(pa.string())),
    ("file", pa.string()),  # of the input, below its glob's fixed part
    ("position", pa.int64()),  # of the record or row in it
    ("source_id", pa.string()),  # the row's own id
    ("extra", pa.string()),  # a JSON object of the keys that the recipe keeps
    ("language", pa.string()),
    ("language_probability", pa.float64()),
    ("explicit_probability", pa.float64()),  # null where the recipe asks no classifier
    ("masked_emails", pa.int64()),  # null where the recipe masks no personal data
    ("masked_ip_addresses", pa.int64()),
    ("masked_phones", pa.int64()),
]
KEPT = [("content_hash", pa.binary(16)), ("signature", pa.binary(512))]
DROPPED = [("reasons", pa.list_(pa.string()))]  # all that fail
# Where the recipe measures what the language drops: what else decides on that, and moves later.
ASKED = ("asked_probability", "asked_stop_words")
_ASKED = list(zip(ASKED, (pa.float64(), pa.int64()), strict=True))
_NAMES = [name for name, _ in _DOCUMENT]
ABOUT = len(_NAMES)  # values of a row that tell of the document; then signature or reasons
TEXT, TEXT_BYTES = _NAMES.index("text"), _NAMES.index("text_bytes")  # places in a row
MASKED = slice(_NAMES.index("masked_emails"), _NAMES.index("masked_phones") + 1)
_EXTRA = _NAMES.index("extra")
_ABOUT = (
    *("url", "timestamp", "title", "rating", "declared_language", "status", "licence"),
    *("repository", "path", "source_id", "extra"),
)
_DICTIONARIES = ("source", "host", "language", "licence", "file")


NO_SCORE = (None, None)  # of a language and its probability
NOT_MASKED = (None, None, None)
NOT_ASKED = (None, None)
_NO_MEASURES = (None,) * len(Measures._fields)
Row = tuple[Any, ...]  # the values of a row, in the order of the file's schema


def document_schema(
    own: list[tuple[str, pa.DataType]], measures: Iterable[str], asked: bool = False
) -> pa.Schema:
    """Returns the columns of the kept or the dropped documents.

    Args:
      own: what these alone have: `KEPT` or `DROPPED`.
      measures: the names of the integer measures.
      asked: whether the columns `ASKED` stand behind them.
    """
    counts = [(name, pa.int64()) for name in measures]
    return pa.schema(_DOCUMENT + own + counts + (_ASKED if asked else []))


def document_values(document: Document, host: str) -> Row:
    """Returns the columns up to the language, which a document itself fills."""
    name, source, text, url, timestamp, title, signals, source_id, extra = document
    rating, declared, status, licence, repository, path, *opted = signals
    place = (name.file, name.position) if isinstance(name, DocumentId) else (None, None)
    about = (name, source, url, host, timestamp, title)
    size = len(text) if text.isascii() else len(text.encode())
    said = (rating, declared, status, licence, repository, path, *(x or None for x in opted))
    return (*about, text, size, *said, *place, source_id or None, extra or None)


def kept_row(
    document: Document,
    host: str,
    content: Row,
    signature: tuple[bytes, bytes] | None,
    measures: Sequence[int] | None,
) -> Row:
    """Returns a row of the kept; what was not counted is None.

    `content` is what the content filter found: `NO_SCORE` and `NOT_MASKED` stand for nothing.
    """
    values = document_values(document, host)
    return (*values, *content, *(signature or (None, None)), *(measures or _NO_MEASURES))


def dropped_row(
    document: Document,
    host: str,
    content: Row,
    reasons: Iterable[str],
    measures: Sequence[int] | None,
) -> Row:
    """Returns a row of the dropped; what was not counted is None."""
    values = document_values(document, host)
    return (*values, *content, [str(r) for r in reasons], *(measures or _NO_MEASURES))


def without_text(row: Row) -> Row:
    """Returns the row of a document that was taken out, kept or dropped.

    What is left: its id and source, where in the input it stood, its hashes and measures.
    """
    blank = dict.fromkeys(_ABOUT) | {"host": "", "text": "", "text_bytes": 0}
    return (*(blank.get(n, v) for n, v in zip(_NAMES, row, strict=False)), *row[len(_NAMES) :])


class RowWriter:
    """Writes rows to a Parquet file in row groups of bounded size."""

    def __init__(
        self, file: IO[bytes], schema: pa.Schema, blank: Container[int] = frozenset()
    ) -> None:
        self._blank = blank  # rows of documents that were taken out
        self._number = self.text_bytes = 0
        self._schema = schema
        self._rows: list[Row] = []
        self._bytes = 0
        plain = {"content_hash", "signature"}
        self._writer = pq.ParquetWriter(
            file,
            schema,
            compression={n: "NONE" if n in plain else "ZSTD" for n in schema.names},
            use_dictionary=[n for n in _DICTIONARIES if n in schema.names],
            write_statistics=False,
            write_page_checksum=True,
        )

    def write(self, row: Row) -> None:
        """Adds one row: a value or None for each column of the schema."""
        if self._number in self._blank:
            row = without_text(row)
        self._number += 1
        self.text_bytes += row[TEXT_BYTES]
        self._rows.append(row)
        self._bytes += row[TEXT_BYTES] + len(row[_EXTRA] or "")
        if len(self._rows) >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(columns, self._schema, strict=True)]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._rows, self._bytes = [], 0

    def close(self) -> None:
        """Writes what is left and the footer."""
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Lets go of a file that will not be complete; nothing more is written to it."""
        self._writer.is_open = False  # else pyarrow writes a footer when it collects the writer


def read_columns(
    file: BinaryIO, columns: list[str], batch_rows: int = ROW_GROUP_ROWS
) -> Iterator[tuple[int, dict[str, list[Any]]]]:
    """Yields (first row, columns by name) of a Parquet file, one row group or less at a time."""
    parquet = open_parquet(file)
    row = 0
    for batch in parquet.iter_batches(batch_rows, columns=columns, use_threads=False):
        yield row, batch.to_pydict()
        row += len(batch)


def error_line(broken: Broken) -> bytes:
    """Returns a broken record as one JSON line; its message is one line too."""
    message = " ".join(broken.message.split())[:MAX_ERROR_CHARACTERS]
    value = broken._asdict() | {"message": message}
    return (json.dumps(value, ensure_ascii=True) + "\n").encode()

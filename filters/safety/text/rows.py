"""Labelled texts: JSON lines or TSV with text, label and perhaps host."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import orjson
import xxhash

from massivetext.errors import ConfigError
from massivetext.readers.bytes.lines import read_lines

EXPLICIT, SAFE, HARD = "explicit", "safe", "hard"
LABELS: Final = (SAFE, HARD, EXPLICIT)
_SHARES: Final = 1 << 32


class Labelled(NamedTuple):
    """A text and what it is; `hard` is benign text that is easily taken for explicit."""

    text: str
    label: str
    group: str  # its host, else a hash of the text: what is held out together

    @property
    def explicit(self) -> bool:
        """Whether the label is that of explicit text."""
        return self.label == EXPLICIT

    def fold(self, folds: int) -> int:
        """Returns the number of the fold that its group falls into."""
        share = xxhash.xxh3_64_intdigest(self.group.encode("utf-8", "replace")) % _SHARES
        return share * folds // _SHARES


def read_labelled(path: str) -> list[Labelled]:
    """Returns the rows of a file: JSON lines (`.gz` and `.zst` too), or TSV with a head line.

    Raises:
      ConfigError: no such file, or a row without text or with an unknown label; with its number.
    """
    if not Path(path).is_file():
        raise ConfigError(f"no file {path}; give JSON lines or TSV with text, label and host")
    with Path(path).open("rb") as file:
        is_table = Path(path).name.removesuffix(".gz").endswith(".tsv")
        rows = [
            _labelled(row, f"{path}, row {number}")
            for number, row in enumerate(_table(file) if is_table else _lines(file, path), 1)
        ]
    if not rows:
        raise ConfigError(f"{path} has no rows; give texts with labels {', '.join(LABELS)}")
    return rows


def _lines(file: BinaryIO, path: str) -> Iterator[object]:
    for offset, line in read_lines(file):
        if not isinstance(line, bytes):
            raise ConfigError(f"{path}, at byte {offset}: {line}")
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise ConfigError(f"{path}, at byte {offset}: no JSON ({error})") from error


def _table(file: BinaryIO) -> Iterator[object]:
    found = (line for _, line in read_lines(file) if isinstance(line, bytes))
    lines = (line.decode("utf-8", "replace") for line in found)
    yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _labelled(row: object, where: str) -> Labelled:
    values = row if isinstance(row, dict) else {}
    text, label, host = values.get("text"), values.get("label"), values.get("host") or ""
    if not isinstance(text, str) or not isinstance(host, str):
        raise ConfigError(f"{where}: no text; each row needs text and label, and may have a host")
    if label not in LABELS:
        raise ConfigError(f"{where}: label {label!r} is not one of {', '.join(LABELS)}")
    group = host or f"text {xxhash.xxh3_64_hexdigest(text.encode('utf-8', 'replace'))}"
    return Labelled(text, label, group)

"""What a finished build holds: its documents, its files, its sequences."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from massivetext.shards.tfrecord import RecordFile
from massivetext.storage.json_files import require_json


def documents(output: Path, name: str = "part-*.parquet") -> list[dict[str, Any]]:
    """All rows of the kept documents, or of files of another name, with their part and row."""
    return [
        row | {"part": path.stem, "row": number}
        for path in sorted((output / "documents").glob(name))
        for number, row in enumerate(pq.read_table(path).to_pylist())
    ]


def dropped(output: Path) -> set[tuple[str, int]]:
    return {
        (path.stem, row)
        for name in ("duplicates", "overlap")
        for path in (output / name).glob("part-*.parquet")
        for row in pq.read_table(path)["row"].to_pylist()
    }


def kept(output: Path) -> list[dict[str, Any]]:
    gone = dropped(output)
    return [row for row in documents(output) if (row["part"], row["row"]) not in gone]


def files(output: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(output)): p.read_bytes()
        for p in sorted(output.rglob("*"))
        if p.is_file() and p.parent.name != "similar"
    }


def records(output: Path) -> dict[str, list[bytes]]:
    return {
        name: [tokens.tobytes() for tokens in found] for name, found in sequences_of(output).items()
    }


def sequences_of(output: Path) -> dict[str, list[NDArray[np.uint16]]]:
    """Returns the sequences of each shard, by its name."""
    recipe, found = require_json(str(output / "manifest.json"))["recipe"], {}
    for path in sorted((output / "sequences").glob("*.tfrecord*")):
        with path.open("rb") as file:
            opened = RecordFile(file, recipe["sequences"]["length"], str(path))
            found[path.name] = [opened[number][1] for number in range(len(opened))]
    return found

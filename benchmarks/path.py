"""Single stages: JSON lines to documents, and documents to TFRecords, in a processor second.

Each is set against itself without kernels, on the same text, and must write the same bytes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.corpus import write_corpus
from benchmarks.encoding import Speed
from massivetext.config.recipe import Vocabulary
from massivetext.tokenizer.vocabulary import train_vocabulary

WITHOUT = {"MASSIVETEXT_KERNELS": "off"}


def measure_path(folder: Path, megabytes: int) -> Iterator[Speed]:
    """Returns rows of JSON lines to documents, and of documents to TFRecords, in `folder`."""
    write_corpus(folder / "input", megabytes, 4)
    lines = sum(path.stat().st_size for path in (folder / "input").iterdir()) / 1e6
    yield _stage("JSON lines -> documents", "documents", folder, lines)
    kept = pq.read_table(folder / "documents" / "part-00000.parquet", columns=["text"])["text"]
    sample = kept.slice(0, 1_000).to_pylist()
    model = train_vocabulary(sample, Vocabulary(4_096))
    (folder / "vocabulary.model").write_bytes(model)
    for name in ("duplicates", "overlap"):
        _no_drops(folder / name, 4)
    yield _stage(
        "documents -> TFRecords", "records", folder, kept_bytes(folder / "documents") / 1e6
    )


def _stage(label: str, name: str, folder: Path, megabytes: float) -> Speed:
    plain, ours = (_run_stage(name, folder, setting) for setting in (WITHOUT, {}))
    speeds = (megabytes / run["seconds"] for run in (ours, plain))
    return Speed(label, *speeds, ours["digest"] == plain["digest"])


def _run_stage(name: str, folder: Path, setting: dict[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.stages", name, str(folder)]
    done = subprocess.run(words, env=os.environ | setting, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def kept_bytes(documents: Path) -> int:
    """Returns the bytes of text that a documents stage kept."""
    parts = documents.glob("part-*.json")
    return sum(json.loads(path.read_text())["text_bytes"] for path in parts)


def _no_drops(folder: Path, parts: int) -> None:
    folder.mkdir()
    empty = pa.table({"row": pa.array([], pa.uint32())})
    for number in range(parts):
        pq.write_table(empty, folder / f"part-{number:05d}.parquet")

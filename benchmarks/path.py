"""The whole path: JSON lines to documents, documents to TFRecords, builds on one and two cores.

Each is set against itself without kernels, on the same text, and must write the same bytes.
"""

import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.corpus import write_corpus
from benchmarks.encoding import Speed
from benchmarks.stages import MODEL
from tokenizer.vocabulary import VocabularySettings, train_vocabulary

RECIPE = """
root = "{root}"
mixture.web = 1.0
parts.batch_bytes = 1
vocabulary.size = 8_000
vocabulary.sample_bytes = 2_000_000
sequences.tokens = "max"
sequences.shards = 4
sequences.default_max_passes = 1
language_model.path = "{model}"
sources.web.files = ["*.json"]
"""
WITHOUT = {"MASSIVETEXT_KERNELS": "off"}


class Built(NamedTuple):
    """What a build took in seconds, and a digest of its shards."""

    processor: float
    wall: float
    digest: str


def measure_path(folder: Path, megabytes: int) -> Iterator[Speed]:
    """Returns rows of JSON lines to documents, and of documents to TFRecords, in `folder`."""
    text = write_corpus(folder / "input", megabytes, 4) / 1e6
    lines = sum(path.stat().st_size for path in (folder / "input").iterdir()) / 1e6
    yield _stage("JSON lines -> documents", "documents", folder, lines)
    kept = pq.read_table(folder / "documents" / "part-00000.parquet", columns=["text"])["text"]
    sample = kept.slice(0, 1_000).to_pylist()
    model = train_vocabulary(sample, VocabularySettings(4_096))
    (folder / "vocabulary.model").write_bytes(model)
    for name in ("duplicates", "overlap"):
        _no_drops(folder / name, 4)
    yield _stage("documents -> TFRecords", "records", folder, _kept_bytes(folder) or text)


def _stage(label: str, name: str, folder: Path, megabytes: float) -> Speed:
    plain, ours = (_run_stage(name, folder, setting) for setting in (WITHOUT, {}))
    speeds = (megabytes / run["seconds"] for run in (ours, plain))
    return Speed(label, *speeds, ours["digest"] == plain["digest"])


def _run_stage(name: str, folder: Path, setting: dict[str, str]) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.stages", name, str(folder)]
    done = subprocess.run(words, env=os.environ | setting, check=True, capture_output=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _kept_bytes(folder: Path) -> float:
    summaries = (folder / "documents").glob("part-*.json")
    return sum(json.loads(path.read_text())["text_bytes"] for path in summaries) / 1e6


def _no_drops(folder: Path, parts: int) -> None:
    folder.mkdir()
    empty = pa.table({"row": pa.array([], pa.uint32())})
    for number in range(parts):
        pq.write_table(empty, folder / f"part-{number:05d}.parquet")


def measure_build(folder: Path, megabytes: int) -> Speed:
    """Returns the row of a whole build in one process, per processor second."""
    recipe, text = _write_recipe(folder, megabytes)
    plain = run_build(recipe, folder / "plain", 1, WITHOUT)
    ours = run_build(recipe, folder / "ours", 1, {})
    speeds = (text / build.processor for build in (ours, plain))
    return Speed("whole build, one process", *speeds, ours.digest == plain.digest)


def measure_processes(folder: Path, megabytes: int) -> Speed:
    """Returns the row of a whole build in two processes against one, by the clock."""
    recipe, text = _write_recipe(folder, megabytes)
    one = run_build(recipe, folder / "one", 1, {})
    two = run_build(recipe, folder / "two", 2, {})
    label = "whole build, two processes against one (clock)"
    return Speed(label, text / two.wall, text / one.wall, two.digest == one.digest)


def _write_recipe(folder: Path, megabytes: int) -> tuple[Path, float]:
    text = write_corpus(folder / "input", megabytes, 16) / 1e6
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE.format(root=folder / "input", model=MODEL))
    return recipe, text


def run_build(recipe: Path, output: Path, workers: int, setting: dict[str, str]) -> Built:
    """Builds in a process of its own."""
    words = [sys.executable, "-m", "massivetext.cli", "build", str(recipe)]
    words += ["--output", str(output), "--workers", str(workers)]
    before, start = _children(), time.monotonic()
    subprocess.run(words, env=os.environ | setting, check=True, capture_output=True)
    seconds = _children() - before, time.monotonic() - start
    found = hashlib.sha256()
    for path in sorted((output / "sequences").glob("*.tfrecord-*")):
        found.update(path.read_bytes())
    return Built(*seconds, found.hexdigest())


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

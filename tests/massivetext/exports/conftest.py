"""A build's folder with a few shards, and an export of it."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from massivetext.shards.folder import read_sequences
from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files, shard_name
from massivetext.shards.tfrecord import write_records
from tests.support.commands import run

LENGTH = 20
SOURCES = ("web", "c4")
SPLITS = {"train": [7, 0, 1_500], "validation_web": [0], "validation_c4": [4]}


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build's folder with shards, one of them empty, one longer than a block."""
    folder = tmp_path_factory.mktemp("build")
    (folder / "sequences").mkdir()
    (folder / "vocabulary").mkdir()
    (folder / "vocabulary" / "vocabulary.model").write_bytes(b"model")
    draw = np.random.default_rng(0)
    for split, counts in SPLITS.items():
        for number, count in enumerate(counts):
            tokens = draw.integers(0, 1 << 16, (count, LENGTH + 1), np.uint16)
            name = shard_name("massivetext", split, number, len(counts))
            with (folder / "sequences" / name).open("wb") as file:
                write_records(file, tokens, draw.integers(0, 2, count, np.uint8))
    splits = [SplitShards(name, counts) for name, counts in SPLITS.items()]
    data = DataSet("massivetext", "", LENGTH, SOURCES, splits)
    for name, content in metadata_files(data).items():
        (folder / "sequences" / name).write_bytes(content)
    return folder


def exported(build: Path, output: Path, kind: str, *more: str) -> Path:
    command = ("export-sequences", build, "-o", output, "--format", kind, "--workers", "1", *more)
    finished = run(*command)
    assert finished.code == 0, finished.err
    assert f"{sum(sum(counts) for counts in SPLITS.values()):,} sequences" in finished.out.decode()
    assert (output / "vocabulary.model").read_bytes() == b"model"
    assert json.loads((output / "export.json").read_text())["complete"]
    return output


def tokens_of(build: Path, split: str) -> NDArray[np.uint16]:
    rows = [found.tokens for found in read_sequences(build, split)]
    return np.array(rows, np.uint16).reshape(-1, LENGTH + 1)

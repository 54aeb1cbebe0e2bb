"""Reads a folder of shards with TensorFlow and compares each token with our own reader.

Run by `make check-tensorflow` in an environment of its own, because TensorFlow's pins do not agree
with Beam's: first `--ours FOLDER FILE.npz` in the project's environment, then `FOLDER FILE.npz` in
TensorFlow's.
"""

import argparse
import sys
from pathlib import Path

import numpy as np


def shards_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if ".tfrecord-" in path.name)


def write_ours(folder: Path, output: Path) -> None:
    """Writes the tokens and sources of every shard, read without TensorFlow."""
    import json

    from massivetext.shards.tfrecord import read_shard

    length = json.loads((folder / "metadata.json").read_text())["sequence_length"]
    arrays = {}
    for path in shards_of(folder):
        with path.open("rb") as file:
            pairs = list(read_shard(file, length, path.name))
        tokens = [tokens for _, tokens in pairs]
        arrays[f"{path.name}/tokens"] = np.array(tokens, np.uint16).reshape(-1, length + 1)
        arrays[f"{path.name}/source"] = np.array([source for source, _ in pairs], np.uint8)
    np.savez(output, **arrays)


def compare(folder: Path, ours: Path) -> int:
    """Returns the number of records that TensorFlow and tfds read equal to ours."""
    import tensorflow as tf
    import tensorflow_datasets as tfds

    expected = np.load(ours)
    names = {path.name for path in shards_of(folder)}
    assert {key.split("/")[0] for key in expected} == names
    by_split: dict[str, list[str]] = {}
    for name in sorted(names):
        by_split.setdefault(name.split(".")[0].split("-", 1)[1], []).append(name)
        check_shard(tf, folder / name, expected[f"{name}/tokens"], expected[f"{name}/source"])
    builder = tfds.builder_from_directory(folder)
    assert set(builder.info.splits) == set(by_split)
    return sum(check_split(builder, split, by_split[split], expected) for split in by_split)


def check_shard(tf, path: Path, tokens: np.ndarray, sources: np.ndarray) -> None:
    """Reads one shard by TensorFlow's own reader and parser."""
    spec = {name: tf.io.FixedLenFeature([], tf.string) for name in ("tokens", "source")}
    count = 0
    for number, record in enumerate(tf.data.TFRecordDataset(str(path))):
        example = tf.io.parse_single_example(record, spec)
        read = tf.io.decode_raw(example["tokens"], tf.uint16).numpy()
        assert np.array_equal(read, tokens[number]), f"{path.name}: record {number}"
        assert tf.io.decode_raw(example["source"], tf.uint8).numpy()[0] == sources[number]
        count += 1
    assert count == len(tokens), path.name


def check_split(builder, split: str, names: list[str], expected) -> int:
    """Reads one split by tensorflow-datasets; returns its number of records."""
    import tensorflow_datasets as tfds

    read = list(tfds.as_numpy(builder.as_dataset(split=split, shuffle_files=False)))
    tokens = np.concatenate([expected[f"{name}/tokens"] for name in names])
    sources = np.concatenate([expected[f"{name}/source"] for name in names])
    assert len(read) == len(tokens) == builder.info.splits[split].num_examples
    # tensorflow-datasets interleaves shards: compare the records as a sorted list.
    ours = sorted((int(s), t.tobytes()) for s, t in zip(sources, tokens, strict=True))
    theirs = sorted((int(example["source"]), example["tokens"].tobytes()) for example in read)
    assert ours == theirs, split
    return len(read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", action="store_true", help="write our reading to FILE")
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    if arguments.ours:
        write_ours(arguments.folder, arguments.file)
    else:
        records = compare(arguments.folder, arguments.file)
        print(f"TensorFlow reads {records:,} records equal to ours")
        sys.exit(records == 0)


if __name__ == "__main__":
    main()

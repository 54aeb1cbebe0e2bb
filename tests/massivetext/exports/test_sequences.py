"""Sequences in the formats of other trainers, each read by its library or its specification."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tensorflow_datasets.proto import tf_example_pb2

from massivetext.errors import ConfigError, RecordError
from massivetext.exports.sequences.plan import FORMATS, RECORDS
from massivetext.exports.sequences.run import SequencesExport, export_sequences
from massivetext.exports.sequences.source import open_source
from massivetext.exports.sequences.write import ENDINGS
from massivetext.shards.folder import read_sequences
from massivetext.shards.tfds_metadata import shard_name
from tests.massivetext.exports.conftest import LENGTH, SOURCES, SPLITS, exported, tokens_of
from tests.support.commands import one_line, run


def sources_of(build: Path, split: str) -> list[str]:
    return [found.source for found in read_sequences(build, split)]


def test_npy_is_mapped_by_numpy(build: Path, tmp_path: Path) -> None:
    out = exported(build, tmp_path / "npy", "npy")
    for split, counts in SPLITS.items():
        stems = [f"massivetext-{split}-{n:05d}-of-{len(counts):05d}" for n in range(len(counts))]
        arrays = [np.load(out / f"{stem}.npy", mmap_mode="r") for stem in stems]
        assert [array.shape for array in arrays] == [(count, LENGTH + 1) for count in counts]
        assert np.array_equal(np.concatenate(arrays), tokens_of(build, split))
        sources = np.concatenate([np.load(out / f"{stem}-sources.npy") for stem in stems])
        assert [SOURCES[number] for number in sources] == sources_of(build, split)


def test_bin_is_mapped_as_nanogpt_does(build: Path, tmp_path: Path) -> None:
    out = exported(build, tmp_path / "bin", "bin")
    train = np.memmap(out / "train.bin", np.uint16, "r")
    assert np.array_equal(train.reshape(-1, LENGTH + 1), tokens_of(build, "train"))
    held = np.memmap(out / "val.bin", np.uint16, "r")
    assert np.array_equal(held.reshape(-1, LENGTH + 1), tokens_of(build, "validation_c4"))


def read_megatron(prefix: Path) -> list[NDArray[np.uint16]]:
    """The sequences of a pair of files, by the layout that Megatron's reader expects."""
    index, data = prefix.with_suffix(".idx").read_bytes(), prefix.with_suffix(".bin").read_bytes()
    assert index[:9] == b"MMIDIDX\x00\x00"
    version, code = struct.unpack_from("<QB", index, 9)
    sequences, documents = struct.unpack_from("<QQ", index, 18)
    assert (version, code) == (1, 8)
    sizes = np.frombuffer(index, "<i4", sequences, 34)
    starts = np.frombuffer(index, "<i8", sequences, 34 + 4 * sequences)
    edges = np.frombuffer(index, "<i8", documents, 34 + 12 * sequences)
    assert len(index) == 34 + 12 * sequences + 8 * documents
    assert edges.tolist() == list(range(sequences + 1))
    return [
        np.frombuffer(data, "<u2", size, start) for size, start in zip(sizes, starts, strict=True)
    ]


def test_megatron_files_hold_each_sequence(build: Path, tmp_path: Path) -> None:
    out = exported(build, tmp_path / "megatron", "megatron", "--shards", "2")
    for split, counts in SPLITS.items():
        number = min(2, len(counts))
        prefixes = [f"massivetext-{split}-{n:05d}-of-{number:05d}" for n in range(number)]
        found = [tokens for prefix in prefixes for tokens in read_megatron(out / prefix)]
        rows = np.array(found, np.uint16).reshape(-1, LENGTH + 1)
        assert np.array_equal(rows, tokens_of(build, split))


def test_array_records_open_in_grain_and_tfds(build: Path, tmp_path: Path) -> None:
    grain = pytest.importorskip("grain")
    tfds = pytest.importorskip("tensorflow_datasets")
    out = exported(build, tmp_path / "records", "arrayrecord")
    expected = tokens_of(build, "train")
    source = tfds.builder_from_directory(out).as_data_source("train")
    assert len(source) == len(expected)
    for number in (0, 6, 7, 1_506):
        found = source[number]
        assert np.array_equal(found["tokens"], expected[number])
        assert SOURCES[int(found["source"])] == sources_of(build, "train")[number]
    batches = grain.MapDataset.source(source).map(lambda row: row["tokens"]).batch(100)
    assert np.array_equal(np.concatenate(list(batches)), expected)
    assert len(tfds.builder_from_directory(out).as_data_source("validation_c4")) == 4


def test_maxtext_reads_lists_of_integers(build: Path, tmp_path: Path) -> None:
    """As its `ParseFeatures` does: an example by protobuf, its column an int64_list."""
    records = pytest.importorskip("array_record.python.array_record_data_source")
    out = exported(build, tmp_path / "maxtext", "maxtext")
    paths = sorted(map(str, out.glob("massivetext-train.array_record-*")))
    source, expected = records.ArrayRecordDataSource(paths), tokens_of(build, "train")
    assert len(source) == len(expected)
    for number in range(0, len(expected), 97):
        example = tf_example_pb2.Example.FromString(source[number])
        assert list(example.features.feature) == ["text"]
        values = example.features.feature["text"].int64_list.value
        assert list(values) == expected[number].tolist()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_rerun_writes_what_is_missing_alone(build: Path, tmp_path: Path, kind: str) -> None:
    out = exported(build, tmp_path / "out", kind)
    names = sorted(path.name for path in out.iterdir())
    data = {name: (out / name).read_bytes() for name in names}
    lost = next(name for name in names if "train" in name and name.endswith(ENDINGS[kind][-1]))
    (out / lost).unlink()
    (out / f"{lost}.tmp-0").write_bytes(b"half")
    stem = lost.removesuffix(".npy").removesuffix("-sources").removesuffix(".idx")
    kept = [name for name in names if name.startswith("mass") and not name.startswith(stem)]
    times = [(out / name).stat().st_mtime_ns for name in kept]
    exported(build, out, kind)
    assert [(out / name).stat().st_mtime_ns for name in kept] == times
    assert sorted(path.name for path in out.iterdir()) == names
    if kind not in RECORDS:  # of which the library's files hold random bytes
        assert {name: (out / name).read_bytes() for name in names} == data


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--format", "npy", "--shards", "4"), "the build has 3 shards of train; ask for fewer"),
        (("--format", "bin", "--shards", "2"), "one file of each split; leave it out"),
    ],
)
def test_mistakes_are_one_line(
    build: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    finished = run("export-sequences", build, "-o", tmp_path / "out", *words)
    assert finished.code == 2
    assert message in one_line(finished)
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(build: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds other files, as notes\.txt"):
        export_sequences(open_source(str(build)), SequencesExport(str(tmp_path), "npy"))
    exported(build, tmp_path / "out", "npy")
    with pytest.raises(ConfigError, match="with other options"):
        export_sequences(open_source(str(build)), SequencesExport(str(tmp_path / "out"), "bin"))
    with pytest.raises(ConfigError, match="no shards in"):
        open_source(str(tmp_path))


def test_a_broken_record_leaves_no_file(build: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(build, tmp_path / "copy"))
    path = copy / "sequences" / shard_name("massivetext", "train", 2, 3)
    data = bytearray(path.read_bytes())
    data[-9] ^= 1
    path.write_bytes(data)
    for kind in FORMATS:
        out = tmp_path / kind
        with pytest.raises(RecordError, match="record 1499: the checksum of its data is wrong"):
            export_sequences(open_source(str(copy)), SequencesExport(str(out), kind))
        assert not list(out.glob("*train*00002-of*"))
        assert not (out / "train.bin").exists()

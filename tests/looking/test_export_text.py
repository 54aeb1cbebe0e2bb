"""``massivetext export-text``: exactly the survivors, whatever the shards, and a rerun's rest."""

import gzip
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError
from massivetext.exports.plan import plan_shards
from massivetext.finished.build import BuiltPart
from massivetext.storage.files import list_names, read_bytes, upload, write_bytes
from tests.support.commands import Finished, one_line, run, stage, stems

pytestmark = pytest.mark.xdist_group("looking")


def survivors(build: Path) -> list[dict[str, Any]]:
    """Returns the rows that no list of the comparing stages names, read without our code."""
    found = []
    for path in (build / "documents" / f"{stem}.parquet" for stem in stems(build)):
        gone = set[int]()
        for name in ("duplicates", "overlap"):
            gone |= set(pq.read_table(build / name / path.name)["row"].to_pylist())
        rows = pq.read_table(path).to_pylist()
        found += [row for n, row in enumerate(rows) if n not in gone]
    return found


def opened(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return [orjson.loads(line) for line in data.splitlines()]


def texts(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.glob("text-*")) for row in opened(path)]


def export(build: Path, out: Path, *words: object) -> Finished:
    done = run("export-text", build, "-o", out, "--workers", 1, *words)
    assert done.code == 0, done.err
    return done


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--compress", "none"),
        ("--compress", "zst", "--shards", 5),
        ("--format", "parquet"),
        ("--format", "parquet", "--shards", 7),
        ("--shards", 1),
    ],
)
def test_every_survivor_is_written_once(small: Path, tmp_path: Path, words: Any) -> None:
    done = export(small, tmp_path / "text", *words)
    wanted, found = survivors(small), texts(tmp_path / "text")
    assert [row["id"] for row in found] == [row["id"] for row in wanted]
    for row, original in zip(found, wanted, strict=True):
        assert set(row) == set(original) - {"text_bytes", "content_hash", "signature"} - {
            name
            for name in original
            if isinstance(original[name], int) and name not in ("status", "position")
        }
        assert all(row[name] == original[name] for name in row if original[name] is not None)
        assert all(row[name] in ("", None) for name in row if original[name] is None)
    kept = stage(small, "overlap")["sources"]
    assert Counter(row["source"] for row in found) == {s: kept[s]["kept"] for s in kept}
    assert f"{len(wanted):,} documents in" in done.out.decode()
    if "--shards" in words:
        shards = int(words[-1])
        sizes = [len(opened(path)) for path in sorted((tmp_path / "text").glob("text-*"))]
        assert len(sizes) == shards
        assert max(sizes) - min(sizes) <= 1


def test_splits_are_those_of_the_build(small: Path, tmp_path: Path) -> None:
    kept = stage(small, "overlap")["sources"]
    ids = []
    for split in ("train", "validation"):
        export(small, tmp_path / split, "--split", split, "--sources", "web")
        rows = texts(tmp_path / split)
        assert len(rows) == kept["web"][f"{split}_documents"] > 0
        assert {row["source"] for row in rows} == {"web"}
        ids += [row["id"] for row in rows]
    web = [row["id"] for row in survivors(small) if row["source"] == "web"]
    assert sorted(ids) == sorted(web)


def test_bytes_depend_on_no_workers_and_a_rerun_writes_what_is_missing(
    small: Path, tmp_path: Path
) -> None:
    export(small, tmp_path / "one", "--shards", 4)
    done = run("export-text", small, "-o", tmp_path / "two", "--shards", 4, "--workers", 2)
    assert done.code == 0, done.err
    files = sorted((tmp_path / "one").iterdir())
    assert len(files) == 5
    for path in files:
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
    lost, kept = files[2], files[3]
    data, age = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    (tmp_path / "one" / f"{lost.name}.tmp-1234").write_bytes(data[:10])
    assert "4/4 shards" in export(small, tmp_path / "one", "--shards", 4).err
    assert lost.read_bytes() == data
    assert kept.stat().st_mtime_ns == age
    assert sorted((tmp_path / "one").iterdir()) == files


def test_nothing_of_a_user_is_overwritten(small: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "text-00000-of-00001.jsonl").write_text("mine")
    done = run("export-text", small, "-o", tmp_path / "mine", "--shards", 1)
    assert (done.code, "holds other files" in one_line(done)) == (2, True)
    export(small, tmp_path / "text", "--shards", 1)
    done = run("export-text", small, "-o", tmp_path / "text", "--shards", 2)
    assert (done.code, "another build, or with other options" in one_line(done)) == (2, True)
    done = run("export-text", small, "-o", small, "--shards", 2)
    assert (done.code, "holds other files" in one_line(done)) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sources", "web,wbe"), "no source wbe in it; there are web, c4"),
        (("--shards", "100000"), "--shards 100,000: more than the "),
        (("--format", "parquet", "--compress", "gz"), "--compress is for JSON lines"),
    ],
)
def test_mistakes_cost_one_line(small: Path, tmp_path: Path, words: Any, said: str) -> None:
    done = run("export-text", small, "-o", tmp_path / "text", *words)
    assert done.code == 2
    assert said in one_line(done)
    assert not (tmp_path / "text").exists()


@pytest.mark.parametrize("output", ["", "/", "//"])
def test_an_output_that_is_no_folder(small: Path, output: str) -> None:
    done = run("export-text", small, "-o", output)
    assert (done.code, "names no folder of its own" in one_line(done)) == (2, True)


def test_what_is_no_finished_build(small: Path, tmp_path: Path) -> None:
    done = run("export-text", tmp_path, "-o", tmp_path / "text")
    assert "it has no manifest.json; name the --output of one" in one_line(done)
    for name in ("documents", "duplicates"):
        shutil.copytree(small / name, tmp_path / name)
    shutil.copy(small / "manifest.json", tmp_path)
    done = run("export-text", tmp_path, "-o", tmp_path / "text")
    assert "stage overlap is missing; run its command again" in one_line(done)
    shutil.rmtree(tmp_path / "documents")
    shutil.rmtree(tmp_path / "duplicates")
    shutil.copytree(small, tmp_path, dirs_exist_ok=True)
    words = ("--output", tmp_path, "--set", "overlap.max_jaccard=0.7", "--replace")
    assert run("overlap", small.parent / "small.toml", *words).code == 0
    shutil.copy(small / "manifest.json", tmp_path)
    done = run("export-text", tmp_path, "-o", tmp_path / "text")
    assert "stage overlap was made again after the build ended" in one_line(done)


def test_the_sample_is_exported_as_counted(sample: Path, tmp_path: Path) -> None:
    done = run("export-text", sample, "-o", tmp_path / "text", "--compress", "none")
    assert done.code == 0, done.err
    kept = stage(sample, "overlap")["sources"]
    rows = texts(tmp_path / "text")
    assert Counter(row["source"] for row in rows) == {s: kept[s]["kept"] for s in kept}
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["text"] for row in rows)
    size = sum(len(row["text"].encode()) for row in rows)
    splits = ("train_bytes", "validation_bytes")
    assert size == sum(kept[s][name] for s in kept for name in splits)


def test_from_an_object_store_to_one(small: Path, tmp_path: Path, store: str) -> None:
    for name in ("documents", "duplicates", "overlap"):
        upload(small / name, f"s3://bucket/build/{name}")
    write_bytes("s3://bucket/build/manifest.json", (small / "manifest.json").read_bytes())
    words = ("--shards", 3, "--workers", 1)
    done = run("export-text", "s3://bucket/build/", "-o", "s3://bucket/text/", *words)
    assert done.code == 0, done.err
    export(small, tmp_path / "text", "--shards", 3)
    for path in (tmp_path / "text").iterdir():
        assert read_bytes(f"s3://bucket/text/{path.name}") == path.read_bytes()
    assert len(list_names("s3://bucket/text")) == 4


def test_a_list_that_is_damaged_is_no_silent_loss(small: Path, tmp_path: Path) -> None:
    build = tmp_path / "build"
    shutil.copytree(small, build)
    path = next(p for p in sorted((build / "duplicates").glob("part-*.parquet")) if pq_rows(p))
    pq.write_table(pq.read_table(path).slice(1), path)
    done = run("export-text", build, "-o", tmp_path / "text", "--workers", 1, "--shards", 1)
    assert done.code == 1
    assert "files of the build are damaged" in one_line(done)
    export(small, tmp_path / "sound")
    written = sorted((tmp_path / "text").glob("text-*"))
    assert len(written) < len(list((tmp_path / "sound").glob("text-*")))
    assert all(
        path.read_bytes() == (tmp_path / "sound" / path.name).read_bytes() for path in written
    )


def pq_rows(path: Path) -> int:
    rows: int = pq.ParquetFile(path).metadata.num_rows
    return rows


counts = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6)


@given(counts, st.integers(1, 12), st.sampled_from(["train", "validation", "all"]), st.booleans())
def test_shards_share_all_documents_in_order(
    pairs: list[tuple[int, int]], shards: int, split: str, by_part: bool
) -> None:
    parts = [BuiltPart(f"part-{n:05d}", "web", *pair) for n, pair in enumerate(pairs)]
    every = [(part.stem, n) for part in parts for n in range(part.count(split))]
    asked = None if by_part else shards
    if not every or (asked or 0) > len(every):
        with pytest.raises(ConfigError):
            plan_shards(parts, split, "jsonl", asked)
        return
    found = plan_shards(parts, split, "jsonl", asked)
    dealt = [(p.stem, n) for s in found for p in s.pieces for n in range(p.first, p.last)]
    assert dealt == every
    sizes = [shard.documents for shard in found]
    assert min(sizes) > 0
    assert by_part or max(sizes) - min(sizes) <= 1


def test_a_flipped_bit_is_one_line_and_no_shard_holds_it(small: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(small, tmp_path / "copy"))
    path = next((copy / "documents").glob("part-*.parquet"))
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    assert column.path_in_schema == "id"
    data = bytearray(path.read_bytes())
    data[column.data_page_offset + column.total_compressed_size // 2] ^= 1
    path.write_bytes(data)
    done = run("export-text", copy, "-o", tmp_path / "text", "--workers", 1)
    assert done.code == 1
    assert "Traceback" not in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("massivetext:")]) == 1
    export(small, tmp_path / "sound")
    written = sorted((tmp_path / "text").glob("text-*"))
    assert len(written) < len(list((tmp_path / "sound").glob("text-*")))
    assert all(
        path.read_bytes() == (tmp_path / "sound" / path.name).read_bytes() for path in written
    )

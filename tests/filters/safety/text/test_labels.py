"""Weak labels: what a build flagged against random pages of hosts of which nothing is flagged."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.errors import ConfigError
from massivetext.filters.safety.text.labels import Choice, weak_labels
from tests.support.commands import run


def write(folder: Path, name: str, rows: list[tuple[str, str, list[str]]]) -> None:
    columns = {
        "host": [host for host, _, _ in rows],
        "text": [text for _, text, _ in rows],
        "language": ["en"] * len(rows),
        "reasons": pa.array([reasons for *_, reasons in rows], pa.list_(pa.string())),
    }
    (folder / "documents").mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), folder / "documents" / name)


def page(number: int, size: int = 300) -> str:
    return f"{number} " + "word " * (size // 5)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    dropped = [("bad.example", page(n), ["rating"]) for n in range(10)]
    dropped += [("worse.example", page(n), ["language", "domain"]) for n in range(20, 23)]
    dropped += [("c.example", page(50), ["word_count"]), ("bad.example", page(60, 50), ["rating"])]
    dropped += [("bad.example", page(0), ["rating"])]  # twice
    kept = [(f"good{n % 7}.example", page(100 + n), []) for n in range(40)]
    kept += [("bad.example", page(200 + n), []) for n in range(5)]
    write(tmp_path, "dropped-part-00000.parquet", dropped)
    write(tmp_path, "part-00000.parquet", kept)
    return tmp_path


def test_flagged_pages_stand_against_others(build: Path) -> None:
    rows = list(weak_labels(str(build), Choice(of_host=5)))
    explicit = [row for row in rows if row["label"] == "explicit"]
    safe = [row for row in rows if row["label"] == "safe"]
    assert {row["host"] for row in explicit} == {"bad.example", "worse.example"}
    assert len(explicit) == 5 + 3
    assert len(safe) == 8
    assert all(row["host"].startswith("good") for row in safe)
    assert len({row["text"] for row in rows}) == len(rows)
    assert list(weak_labels(str(build), Choice(of_host=5))) == rows


def test_so_many_at_most(build: Path) -> None:
    rows = list(weak_labels(str(build), Choice(most=2)))
    assert [row["label"] for row in rows] == ["explicit"] * 2 + ["safe"] * 2


def test_the_command_writes_what_training_reads(build: Path) -> None:
    done = run("safety", "label", build, "-o", build / "labels.jsonl")
    assert done.code == 0, done.err
    lines = [json.loads(line) for line in (build / "labels.jsonl").read_text().splitlines()]
    assert {line["label"] for line in lines} == {"explicit", "safe"}
    assert "13 explicit, 13 safe texts" in done.err


def test_a_build_without_flags_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no documents"):
        list(weak_labels(str(tmp_path), Choice()))
    write(tmp_path, "part-00000.parquet", [("a.example", page(1), [])])
    write(tmp_path, "dropped-part-00000.parquet", [("a.example", page(2), ["word_count"])])
    with pytest.raises(ConfigError, match="no page with text is flagged"):
        list(weak_labels(str(tmp_path), Choice()))

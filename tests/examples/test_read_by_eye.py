import runpy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "read_by_eye.py"))


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def make_build(folder: Path) -> None:
    kept = [{"id": f"kept {n}", "source": "web", "text": "t", "signature": b"s"} for n in range(5)]
    write(folder / "documents" / "part-00000.parquet", kept)
    reasons = [["language"], ["redirect"], ["word_count", "stop_words"], ["http_status"]]
    dropped = [{"id": f"{r[0]}", "source": "web", "text": "t", "reasons": r} for r in reasons]
    write(folder / "documents" / "dropped-part-00000.parquet", dropped)
    near = [{"row": 3, "kind": "near", "twin_id": "kept 0", "jaccard": 0.9}]
    write(folder / "duplicates" / "part-00000.parquet", near)
    overlap = [{"row": 4, "kind": "overlap", "item": "a:1", "jaccard": 1.0}]
    write(folder / "overlap" / "part-00000.parquet", overlap)


def test_kept_and_dropped_are_told_apart(tmp_path: Path) -> None:
    make_build(tmp_path)
    reasons = {row["id"]: row["reasons"] for row in SCRIPT["choose"](tmp_path)}
    assert reasons == {
        **{f"kept {n}": [] for n in range(3)},
        "kept 3": ["near"],
        "kept 4": ["overlap"],
        "language": ["language"],
        "word_count": ["word_count", "stop_words"],
    }


def test_the_smallest_hashes_are_chosen_in_their_order(tmp_path: Path) -> None:
    make_build(tmp_path)
    names = [row["id"] for row in SCRIPT["choose"](tmp_path, 2) if not row["reasons"]]
    assert names == sorted(["kept 0", "kept 1", "kept 2"], key=SCRIPT["order"])[:2]
    assert all("signature" not in row for row in SCRIPT["choose"](tmp_path))

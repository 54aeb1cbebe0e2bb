"""A stage's folder: what is done stays, what is left over goes, a manifest vouches for all."""

from pathlib import Path

import pytest

from massivetext.errors import StageError
from massivetext.pipelines.folder.damage import Damage, remove_damaged
from massivetext.pipelines.folder.stage import (
    UP_TO_DATE,
    Stage,
    finish,
    finished_parts,
    manifest_of,
    start,
    why_it_runs,
)
from massivetext.pipelines.stages.documents import stage as documents
from massivetext.storage.files import list_names, write_bytes
from massivetext.storage.json_files import write_json

STEMS = ["part-00000", "part-00001"]


def stage(tmp_path: Path, seed: int = 0):  # type: ignore[no-untyped-def]
    names, reads = documents.STAGE.names, {"format": 1, "seed": seed}
    return Stage("documents", str(tmp_path / "documents"), f"key {seed}", names, reads=reads)


def write_part(made, stem: str) -> dict[str, object]:  # type: ignore[no-untyped-def]
    for name in (f"{stem}.parquet", f"dropped-{stem}.parquet", f"errors-{stem}.jsonl"):
        write_bytes(made.path(name), b"x")
    summary = {"key": made.key, "part": stem, "source": "web"}
    write_json(made.path(f"{stem}.json"), summary)
    return summary


def test_a_run_keeps_finished_parts_and_removes_leftovers(tmp_path: Path) -> None:
    made = stage(tmp_path)
    write_part(made, STEMS[0])
    write_bytes(made.path("part-00001.parquet"), b"no summary")
    write_bytes(made.path("part-00000.parquet.tmp-1"), b"killed")
    write_bytes(made.path("part-00007.parquet"), b"of another plan")
    done = start(made, STEMS)
    assert list(done) == [STEMS[0]]
    assert list_names(made.folder) == [
        "dropped-part-00000.parquet",
        "errors-part-00000.jsonl",
        "part-00000.json",
        "part-00000.parquet",
    ]


@pytest.mark.parametrize("name", ["thesis.docx", "part-1.parquet", "notes-00000.txt", "a.tokens"])
def test_files_that_no_run_writes_stay(tmp_path: Path, name: str) -> None:
    made = stage(tmp_path)
    write_bytes(made.path(name), b"a user's")
    write_bytes(made.path("part-00000.parquet"), b"of another run")
    assert start(made, STEMS) == {}
    assert list_names(made.folder) == [name]


def test_parts_of_another_recipe_are_redone(tmp_path: Path) -> None:
    write_part(stage(tmp_path), STEMS[0])
    assert start(stage(tmp_path, seed=1), STEMS) == {}
    assert list_names(stage(tmp_path).folder) == []


def test_manifest_only_when_every_part_is_there(tmp_path: Path) -> None:
    made = stage(tmp_path)
    write_part(made, STEMS[0])
    assert why_it_runs(made) == "runs: not complete (1 summaries there)"
    with pytest.raises(StageError, match="1 of 2 parts left no summary, the first is part-00001"):
        finish(made, finished_parts(made, STEMS), STEMS, {})
    assert manifest_of(made) is None
    write_part(made, STEMS[1])
    finish(made, finished_parts(made, STEMS), STEMS, {"facts": 1})
    assert (manifest_of(made) or {})["facts"] == 1
    assert why_it_runs(made) == "up to date"
    other = stage(tmp_path, seed=1)
    assert manifest_of(other) is None
    assert why_it_runs(other) == "runs: seed 0 -> 1"


def test_a_part_that_another_runs_job_wrote_over_is_seen(tmp_path: Path) -> None:
    """Of the same sizes, and whole: only its key tells."""
    made, other = stage(tmp_path), stage(tmp_path, seed=1)
    for stem in STEMS:
        write_part(made, stem)
    finish(made, finished_parts(made, STEMS), STEMS, {})
    assert why_it_runs(made) == UP_TO_DATE
    write_part(other, STEMS[1])
    assert why_it_runs(made) == "runs: files are damaged (documents/part-00001.json: another run's)"
    assert remove_damaged(made) == [Damage("part-00001.json", "another run's")]
    assert why_it_runs(made) == "runs: files are gone (1)"
    assert list(start(made, STEMS)) == STEMS[:1]
    assert made.path("part-00001.parquet") not in list_names(made.folder)

"""Jobs that an earlier run left: known by all that is asked of a stage, its halves' seen to too."""

from pathlib import Path

import pytest

from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.portable.records import Record, keep, last_record, owner_path
from tests.support.commands import run, small_corpus

HALVES = ("overlap-matches", "tokens-held", "tokens-found")


def test_a_job_is_known_by_what_its_parts_are_made_from() -> None:
    stage = Stage("documents", "out/documents", "key")
    one = stage.asking({"part-1": {"recipe": "a", "content": ""}})
    assert one.work == stage.asking({"part-1": {"recipe": "a", "content": "read since"}}).work
    assert one.work != stage.asking({"part-1": {"recipe": "b", "content": ""}}).work
    assert one.work != stage.asking({"part-2": {"recipe": "a", "content": ""}}).work
    assert one.work != one._replace(key="other").work
    assert stage.work == stage.asking({"part-1": {}}).work == "key"


@pytest.mark.parametrize("name", HALVES)
def test_a_job_of_a_half_may_write_no_longer(tmp_path: Path, name: str) -> None:
    recipe = small_corpus(tmp_path, 1, tokens=8_000, length=64)
    output = tmp_path / "out"
    stage = Stage(name, str(output / name), "of another recipe")
    keep(stage, Record("job-1", "massivetext", name, stage.key, "", "", "token", "RUNNING"))
    owner = Path(owner_path(stage))
    owner.write_text("token")
    listed = run("jobs", output)
    assert listed.out.decode() == f"{name:<15} running    job-1  of an ended process\n"
    finished = run("build", recipe, "--output", output)
    assert finished.code == 0, finished.err
    assert "job job-1 is out of reach, and can no longer write" in finished.err
    assert not owner.exists()
    record = last_record(str(output), name)
    assert record is not None
    assert record.state == "CANCELLED"

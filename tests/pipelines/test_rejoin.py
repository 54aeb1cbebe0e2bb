"""Jobs that an earlier run left: known by all that is asked of a stage, or of a half of it."""

from pathlib import Path

import pytest

from massivetext.config.recipe import load_recipe
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.origins import with_origins
from massivetext.pipelines.plan import plan_build
from massivetext.pipelines.portable.records import Record, keep, last_record, owner_path
from massivetext.pipelines.rejoin import as_recorded
from massivetext.pipelines.stage_list import STAGES
from tests.support.commands import run, small_corpus


def test_a_job_is_known_by_what_its_parts_are_made_from() -> None:
    stage = Stage("documents", "out/documents", "key")
    one = stage.asking({"part-1": {"recipe": "a", "content": ""}})
    assert one.work == stage.asking({"part-1": {"recipe": "a", "content": "read since"}}).work
    assert one.work != stage.asking({"part-1": {"recipe": "b", "content": ""}}).work
    assert one.work != stage.asking({"part-2": {"recipe": "a", "content": ""}}).work
    assert one.work != one._replace(key="other").work
    assert stage.work == stage.asking({"part-1": {}}).work == "key"


def test_a_half_of_a_stage_has_work_of_its_own(tmp_path: Path) -> None:
    recipe, output = small_corpus(tmp_path, 1, tokens=8_000, length=64), tmp_path / "out"
    finished = run("build", recipe, "--output", output)
    assert finished.code == 0, finished.err
    plan = plan_build(load_recipe(str(recipe)), str(output), Execution())
    for spec in STAGES:
        plan = with_origins(plan, spec)
        stage = plan.stages[spec.name]
        works = [stage.asking(origins(plan).parts or {}).work for _, origins in spec.halves]
        assert [as_recorded(plan, spec, work).work for work in works] == works
        assert len({stage.work, *works}) == 1 + len(spec.halves)
        assert as_recorded(plan, spec, "another recipe's") == stage


@pytest.mark.parametrize("spec", STAGES, ids=lambda spec: spec.name)
def test_a_job_of_another_recipe_may_write_no_longer(tmp_path: Path, spec: StageSpec) -> None:
    recipe, output = small_corpus(tmp_path, 1, tokens=8_000, length=64), tmp_path / "out"
    stage = Stage(spec.name, str(output / spec.name), "of another recipe")
    keep(stage, Record("job-1", "massivetext", spec.name, stage.key, "", "", "token", "RUNNING"))
    owner = Path(owner_path(stage))
    owner.write_text("token")
    listed = run("jobs", output)
    assert listed.out.decode() == f"{spec.name:<11} running    job-1  of an ended process\n"
    finished = run("build", recipe, "--output", output)
    assert finished.code == 0, finished.err
    assert "job job-1 is out of reach, and can no longer write" in finished.err
    assert not owner.exists()
    record = last_record(str(output), spec.name)
    assert record is not None
    assert record.state == "CANCELLED"

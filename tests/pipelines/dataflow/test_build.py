"""A build on Dataflow, end to end: the command line, every stage a job, the sample's own bytes."""

from pathlib import Path

import pytest

from massivetext.cli.main import main
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import list_files, read_bytes
from massivetext.storage.json_files import read_json
from tests.pipelines.dataflow.conftest import Build, Cloud

# Without kernels and beside other work, a whole build through the services takes four minutes.
pytestmark = [pytest.mark.heavy, pytest.mark.xdist_group("sample"), pytest.mark.timeout(900)]


def test_the_shards_are_those_of_a_local_build(built: Build, sample: Path) -> None:
    local = sorted((sample / "sequences").glob("*.tfrecord-*"))
    assert local
    remote = list_files(f"{built.output}/sequences/*.tfrecord-*")
    assert [Path(f.path).name for f in remote] == [f.name for f in local]
    for ours, theirs in zip(local, remote, strict=True):
        assert read_bytes(theirs.path) == ours.read_bytes(), ours.name


def test_every_stage_was_a_job_and_its_record_has_its_numbers(built: Build) -> None:
    for stage in STAGES:
        record = read_json(f"{built.output}/jobs/{stage.name}.json")
        assert record is not None
        assert {job["state"] for job in record["jobs"]} == {"DONE"}
        assert all(built.jobs[job["id"]]["name"] == job["name"] for job in record["jobs"])
    documents = (read_json(f"{built.output}/jobs/documents.json") or {})["jobs"][-1]
    manifest = read_json(f"{built.output}/documents/manifest.json") or {}
    total = sum(source["records"] for source in manifest["sources"].values())
    assert documents["metrics"]["documents: records"] == total


def test_a_rerun_finds_everything_done(
    built: Build, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*built.words, "--explain"]) == 0
    assert capsys.readouterr().out.count("up to date") == len(STAGES)
    assert main(built.words) == 0
    assert not cloud.service.jobs


def test_the_jobs_of_the_build_are_listed(built: Build) -> None:
    assert {job["currentState"] for job in built.jobs.values()} == {"JOB_STATE_DONE"}
    work = len(STAGES) + sum(len(spec.halves) for spec in STAGES)
    assert len({job["name"] for job in built.jobs.values()}) == work

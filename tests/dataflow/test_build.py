"""A build on Dataflow, end to end: the command line, every stage a job, the sample's own bytes."""

import json
from pathlib import Path
from typing import Any

import pytest

from massivetext.cli import main
from pipelines.files import list_files, read_bytes, read_json
from pipelines.plan import STAGES
from tests.dataflow.conftest import Cloud
from tests.dataflow.execute import JobServer

pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture(scope="module")
def built(cloud_machine: Cloud, job_server: JobServer, sample: Path) -> Any:
    """Returns the machine after a build of the sample by jobs that ran their submitted graphs."""
    cloud_machine.service.reset()
    cloud_machine.upload(sample / "input", "input")
    cloud_machine.service.execute = job_server.execute
    words = [
        "build",
        "sample.toml",
        "--output",
        "gs://bucket/out",
        "--set",
        "root=gs://bucket/input",
    ]
    assert main([*words, *cloud_machine.flags]) == 0
    return cloud_machine


def test_the_shards_are_those_of_a_local_build(built: Cloud, sample: Path) -> None:
    local = sorted((sample / "sequences").glob("*.tfrecord-*"))
    assert local
    remote = list_files("gs://bucket/out/sequences/*.tfrecord-*")
    assert [Path(f.path).name for f in remote] == [f.name for f in local]
    for ours, theirs in zip(local, remote, strict=True):
        assert read_bytes(theirs.path) == ours.read_bytes(), ours.name


def test_every_stage_was_a_job_and_its_record_has_its_numbers(built: Cloud) -> None:
    for stage in STAGES:
        record = read_json(f"gs://bucket/out/jobs/{stage}.json")
        assert record is not None
        assert {job["state"] for job in record["jobs"]} == {"DONE"}
        assert all(built.service.jobs[job["id"]]["name"] == job["name"] for job in record["jobs"])
    documents = json.loads(read_bytes("gs://bucket/out/jobs/documents.json"))["jobs"][-1]
    manifest = read_json("gs://bucket/out/documents/manifest.json") or {}
    total = sum(source["records"] for source in manifest["sources"].values())
    assert documents["metrics"]["documents: records"] == total


def test_a_rerun_finds_everything_done(built: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(built.service.jobs)
    words = [
        "build",
        "sample.toml",
        "--output",
        "gs://bucket/out",
        "--set",
        "root=gs://bucket/input",
    ]
    assert main([*words, "--explain", *built.flags]) == 0
    assert capsys.readouterr().out.count("up to date") == len(STAGES)
    assert main([*words, *built.flags]) == 0
    assert len(built.service.jobs) == before

"""The command line and its jobs: killed, interrupted, left, taken up again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.cli.main import STOPPED, main
from massivetext.storage.files import read_bytes
from massivetext.storage.json_files import read_json
from tests.pipelines.dataflow.conftest import Cloud
from tests.support.commands import model_path

OUTPUT = "gs://bucket/out"


@pytest.fixture
def words(cloud: Cloud, tmp_path: Path) -> list[str]:
    """Returns the command line of a small build whose first stage is a job."""
    page = b'{"text": "one line of text", "url": "http://example.com/"}\n'
    cloud.storage.bucket(cloud.bucket).blob("in/c4/a.jsonl").upload_from_string(page)
    domains = tmp_path / "domains"
    domains.write_text("bad.example\n")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'root = "gs://bucket/in"\nsources.c4.files = ["c4/*"]\nmixture = {{c4 = 1.0}}\n'
        f'language_model.path = "{model_path()}"\n'
        f'filters.safety.domain_lists = ["{domains}"]\n'
    )
    return ["build", str(recipe), "--output", OUTPUT, *cloud.flags]


@pytest.fixture
def driver(words: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Returns a running build, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "massivetext", *words], stderr=subprocess.PIPE, text=True
    )
    yield process
    process.kill()
    if process.stderr is not None and not process.stderr.closed:
        process.stderr.close()
    process.wait()


def test_a_killed_drivers_job_is_taken_up_by_the_next_run(
    cloud: Cloud, words: list[str], driver: subprocess.Popen[str]
) -> None:
    (number,) = cloud.service.wait_for_jobs(1)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    assert main([*words, "--wait=false"]) == STOPPED
    assert list(cloud.service.jobs) == [number]
    assert (read_json(f"{OUTPUT}/jobs/documents.json") or {})["jobs"][0]["id"] == number


def test_an_interrupted_driver_detaches(cloud: Cloud, driver: subprocess.Popen[str]) -> None:
    (number,) = cloud.service.wait_for_jobs(1)
    assert driver.stderr is not None
    line = driver.stderr.readline()
    while "is running" not in line:
        line = driver.stderr.readline()
    driver.send_signal(signal.SIGINT)
    assert driver.wait() == STOPPED
    said = driver.stderr.read()
    assert f"job {number} continues without this terminal" in said
    assert f"massivetext jobs {OUTPUT} --cancel" in said
    assert cloud.service.jobs[number]["currentState"] == "JOB_STATE_RUNNING"


def test_leaving_at_once_and_coming_back(
    cloud: Cloud, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert main([*words, "--wait=false"]) == STOPPED
        assert len(cloud.service.jobs) == 1
    assert "of an earlier run is running" in capsys.readouterr().err


def test_local_models_and_lists_are_uploaded_and_the_graph_names_them(
    cloud: Cloud, words: list[str]
) -> None:
    assert main([*words, "--wait=false"]) == STOPPED
    names = [blob.name for blob in cloud.storage.list_blobs(cloud.bucket, prefix="out/inputs/")]
    assert len(names) == 2
    assert names[0].endswith(("-domains", "-lid.176.ftz"))
    (domains,) = (name for name in names if name.endswith("-domains"))
    assert read_bytes(f"gs://bucket/{domains}") == b"bad.example\n"

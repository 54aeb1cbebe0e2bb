"""Jobs that outlive their run: cancelled, come back to, or shut out; never unseen."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from massivetext.pipelines.portable.job import job_at
from massivetext.pipelines.portable.records import Record, last_record
from tests.faults.building import digests
from tests.pipelines.portable.conftest import Held, Service
from tests.support.commands import check_conserved, one_line, run, small_corpus

# A Beam job service and its workers start for each: minutes together.
pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


def started(held: Held, service: Service, output: Path, *words: str) -> "subprocess.Popen[str]":
    """Returns a build that runs, held in the documents stage."""
    command = [sys.executable, "-m", "massivetext", "build", str(held.recipe)]
    command += ["--output", str(output), *service.flags(), *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    held.wait_until_seen()
    end = time.monotonic() + 30
    while last_record(str(output), "documents") is None:
        assert time.monotonic() < end
        time.sleep(0.05)
    return process


def record_of(output: Path) -> Record:
    record = last_record(str(output), "documents")
    assert record is not None
    return record


def test_builds_there_and_here_are_equal(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Relative paths mean the same on workers, whose working folder is another."""
    recipe = small_corpus(tmp_path, 2, tokens=8_000, length=64)
    text = recipe.read_text().replace(f'root = "{tmp_path}"\n', 'root = "."\n')
    model = text.split('path = "')[1].split('"')[0]
    (tmp_path / "model.ftz").symlink_to(model)
    recipe.write_text(text.replace(f'path = "{model}"', 'path = "model.ftz"'))
    monkeypatch.chdir(tmp_path)
    finished = run("build", "recipe.toml", "--output", "there", *service.flags())
    assert finished.code == 0, finished.err
    assert "documents: records 40" in finished.err
    assert run("build", "recipe.toml", "--output", "here").code == 0
    assert digests(Path("there")) == digests(Path("here"))
    assert not list(Path("there/jobs").glob("*.owner"))
    again = run("build", "recipe.toml", "--output", "there", "--explain")
    assert again.out.count(b"up to date") == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_cancels_its_job(
    held: Held, service: Service, tmp_path: Path, number: signal.Signals
) -> None:
    output = tmp_path / "out"
    process = started(held, service, output)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    record = record_of(output)
    assert f"job {record.id} is cancelled" in err
    assert record.state == job_at(service.endpoint, record.id).state() == "CANCELLED"
    held.held.unlink()  # its workers go on, and find that they may not
    time.sleep(3)
    assert not list((output / "documents").glob("*"))


def test_an_orphan_writes_nothing_into_another_recipes_stage(
    held: Held, service: Service, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    process = started(held, service, output)
    process.kill()  # nobody is left to cancel the job
    process.communicate()
    other = small_recipe_beside(held)
    finished = run("build", other, "--output", output)
    assert finished.code == 0, finished.err
    assert "is cancelled" in finished.err
    before = digests(output)
    held.held.unlink()
    time.sleep(3)
    assert digests(output) == before
    explained = run("build", other, "--output", output, "--explain")
    assert explained.out.count(b"up to date") == 6
    check_conserved(output)


def small_recipe_beside(held: Held) -> Path:
    """Returns a recipe of the same inputs and another key, which holds nothing."""
    text = held.recipe.read_text().split("[filters]")[0]
    path = held.recipe.with_name("other.toml")
    path.write_text(text + '[filters]\nkeep_dropped_text = "none"\n')
    return path


def test_the_same_command_comes_back_to_its_job(
    held: Held, service: Service, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    process = started(held, service, output)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    number = record_of(output).id
    command = [sys.executable, "-m", "massivetext", "documents", str(held.recipe)]
    command += ["--output", str(output), *service.flags()]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as again:
        assert again.stderr is not None
        first = again.stderr.readline()
        assert f"job {number} of an earlier run is running: waiting for it" in first
        held.held.unlink()
        assert again.wait(60) == 0, again.stderr.read()
    assert record_of(output) == record_of(output)._replace(id=number, state="DONE")


def test_jobs_are_listed_and_cancelled(held: Held, service: Service, tmp_path: Path) -> None:
    output = tmp_path / "out"
    process = started(held, service, output)
    process.kill()
    process.communicate()
    number = record_of(output).id
    listed = run("jobs", output)
    assert listed.code == 0, listed.err
    assert f"documents   running    {number}" in listed.out.decode()
    assert run("jobs", output, "--cancel").code == 0
    assert f"cancelled  {number}" in run("jobs", output).out.decode()
    assert not list((output / "jobs").glob("*.owner"))


def test_a_failed_job_is_one_line(service: Service, tmp_path: Path) -> None:
    recipe = small_corpus(tmp_path, 2, tokens=8_000, length=64)
    (tmp_path / "own.py").write_text("def f(document, measures):\n    raise SystemError('odd')\n")
    recipe.write_text(
        recipe.read_text().replace("max_bad_fraction = 1.0", "max_bad_fraction = 0.01")
        + '[filters]\nown = ["own.py:f"]\n'
    )
    finished = run("build", recipe, "--output", tmp_path / "out", *service.flags())
    assert finished.code == 1
    assert "odd" in one_line(finished).splitlines()[-1]

"""Builds on Apache Flink, in one process and on a session cluster that loses its parts.

`make flink-test` runs these: they start Java, and fetch Flink and Beam's runner from Maven once.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flink.builds import on, same, words
from tests.flink.cluster import JAR, Cluster, session
from tests.support.commands import one_line, run

pytestmark = [pytest.mark.heavy, pytest.mark.xdist_group("flink"), pytest.mark.timeout(900)]
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


def resumed(process: "subprocess.Popen[str]", command: list[str], cluster: Cluster) -> str:
    """Runs a build's command again if it failed; returns what it said then, else nothing."""
    _, err = process.communicate(timeout=600)
    if not process.returncode:
        return ""
    assert "Traceback" not in err
    cluster.wait_for(2)
    finished = run(*command)
    assert finished.code == 0, finished.err
    return err


def test_in_one_process(local: Path) -> None:
    """`[local]`: the runner in the job server, workers in this process."""
    flags = ["--runner=FlinkRunner", f"--flink_job_server_jar={JAR}", "--parallelism=2"]
    finished = run(*words(local, local / "one", *flags))
    assert finished.code == 0, finished.err
    same(local, local / "one")


def test_on_a_session_cluster(local: Path, cluster: Cluster) -> None:
    finished = run(*words(local, local / "session", *on(cluster)))
    assert finished.code == 0, finished.err
    assert "documents: records" in finished.err
    same(local, local / "session")


@pytest.mark.parametrize("stage", STAGES)
def test_a_worker_machine_is_lost_in_each_stage(local: Path, cluster: Cluster, stage: str) -> None:
    """The job recovers, or fails in one line and the same command continues."""
    output = local / f"lost-{stage}"
    command = words(local, output, *on(cluster))
    process = started(command)
    await_stage(output, stage)
    name = next(name for name in cluster.processes if name != "jm")
    cluster.kill(name)
    cluster.start(f"{name}x")
    err = resumed(process, command, cluster)
    assert not err or "rerun the same command to continue" in err.splitlines()[-1]
    same(local, output)


@pytest.mark.parametrize("stage", STAGES)
def test_a_python_worker_is_killed_in_each_stage(local: Path, cluster: Cluster, stage: str) -> None:
    output = local / f"killed-{stage}"
    command = words(local, output, *on(cluster))
    process = started(command)
    await_stage(output, stage)
    worker, *_ = cluster.workers()
    os.kill(worker, signal.SIGKILL)
    resumed(process, command, cluster)
    same(local, output)


def test_ctrl_c_leaves_no_job_on_the_cluster(local: Path, cluster: Cluster) -> None:
    output = local / "stopped"
    process = started(words(local, output, *on(cluster)))
    await_stage(output, "documents")
    process.terminate()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 3, err
    assert "is cancelled" in err
    assert cluster.live_jobs() == []
    finished = run(*words(local, output, *on(cluster)))
    assert finished.code == 0, finished.err
    same(local, output)


def test_too_little_network_memory_is_one_line(local: Path, tmp_path: Path) -> None:
    """Flink's own number of buffers for each sorting shuffle does not fit 128 MB."""
    small = Cluster(tmp_path, **{"taskmanager.network.sort-shuffle.min-buffers": "512"})
    try:
        for name in ("jm", "tm1"):
            small.start(name)
        small.wait_for(1)
        finished = run(*words(local, tmp_path / "out", *on(small)))
    finally:
        small.stop()
    assert finished.code == 2
    assert "sort-shuffle.min-buffers: 64" in one_line(finished)


def test_the_job_manager_is_lost(local: Path) -> None:
    output = local / "headless"
    with session(local / "second") as cluster:
        command = words(local, output, *on(cluster))
        process = started(command)
        await_stage(output, "documents")
        cluster.kill("jm")
        _, err = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in err
    with session(local / "third") as cluster:
        finished = run(*words(local, output, *on(cluster)))
        assert finished.code == 0, finished.err
    same(local, output)


def started(command: list[str]) -> "subprocess.Popen[str]":
    """Returns a build that runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "massivetext", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def await_stage(output: Path, stage: str) -> None:
    """Returns in the middle of a stage: when its job has been submitted and has begun to write."""
    record = output / "jobs" / f"{stage}.portable.json"
    end = time.monotonic() + 600
    while not record.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(2.0)  # workers start, or are in the middle of it

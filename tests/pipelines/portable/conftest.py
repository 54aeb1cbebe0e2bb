"""A job service and a pool of workers, as processes: a job outlives who submitted it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest

from massivetext.pipelines.portable.options import worker_command
from tests.flink.cluster import free_port
from tests.support.commands import small_corpus

# Beam's own job service in Python. Told to cancel it says that it has, and works on.
SERVICE = "apache_beam.runners.portability.local_job_service_main"
POOL = "apache_beam.runners.worker.worker_pool_main"
# Waits while a file is there: for a test to hold a job where it wants it.
HOLDING = """
import os, time

def hold(document, measures):
    with open({seen!r}, "a") as file:
        file.write("x")
    while os.path.exists({held!r}):
        time.sleep(0.02)
"""


class Service(NamedTuple):
    """Where jobs are taken, and where workers are started."""

    endpoint: str
    pool: str

    def flags(self) -> list[str]:
        """Returns the flags of a build there."""
        return [
            "--runner=PortableRunner",
            f"--job_endpoint={self.endpoint}",
            "--environment_type=EXTERNAL",
            f"--environment_config={self.pool}",
            "--shared-filesystem",
        ]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A job service and a pool, both of this machine."""
    jobs, pool = free_port(), free_port()
    executable = f"--container_executable={worker_command()}"
    with (
        _process(SERVICE, "-p", str(jobs)),
        _process(POOL, f"--service_port={pool}", executable),
    ):
        for port in (jobs, pool):
            with grpc.insecure_channel(f"localhost:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=60)
        yield Service(f"localhost:{jobs}", f"localhost:{pool}")


@contextmanager
def _process(module: str, *words: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with the workers that it has started
        process.wait()


class Held(NamedTuple):
    """A recipe whose documents wait while a file is there."""

    recipe: Path
    held: Path
    seen: Path

    def wait_until_seen(self) -> None:
        """Returns when a worker waits for a first document."""
        end = time.monotonic() + 60
        while not self.seen.exists():
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """A small recipe that is held at its first document."""
    recipe = small_corpus(tmp_path, 2, tokens=8_000, length=64)
    held, seen = tmp_path / "held", tmp_path / "seen"
    held.touch()
    (tmp_path / "own.py").write_text(HOLDING.format(seen=str(seen), held=str(held)))
    recipe.write_text(recipe.read_text() + '[filters]\nown = ["own.py:hold"]\n')
    return Held(recipe, held, seen)

"""What workers run: the Dockerfile's steps in one clean environment, the wheel's path in another.

No container engine is needed: each stage of the Dockerfile is a virtual environment of its own,
below a folder that stands for the root. A worker process started from it runs a submitted stage.
"""

import os
import shutil
import socket
import subprocess
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from massivetext.cli.main import STOPPED, main
from massivetext.storage.files import list_files, read_bytes
from tests.pipelines.dataflow.conftest import Cloud
from tests.pipelines.dataflow.service.commands import docker_steps, external
from tests.pipelines.dataflow.service.execute import JobServer, staged_graph
from tests.pipelines.dataflow.test_page import REPOSITORY, checkout

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1800)]


class Root:
    """A folder that stands for an image's root, with a Python of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder
        self.python = folder / "venv" / "bin" / "python"
        venv.create(folder / "venv", with_pip=True)
        quiet = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
        self.environment = quiet | {"PATH": f"{self.python.parent}:{os.environ['PATH']}"}

    def run(self, command: str) -> None:
        """Runs a command as `RUN` does."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"

    def follow(self, steps: list[tuple[str, str]], context: Path) -> None:
        """Takes the steps of one stage of a Dockerfile, below this folder."""
        for word, rest in steps:
            text = rest.replace("${ROOT}", str(self.folder))
            if word == "WORKDIR":
                self.work = Path(text)
                self.work.mkdir(parents=True, exist_ok=True)
            elif word == "ENV":
                name, _, value = text.partition("=")
                self.environment[name] = value
            elif word == "COPY" and "--from=beam" not in text:
                self._copy(text, rest, context)
            elif word == "RUN":
                self.run(text)

    def _copy(self, text: str, rest: str, context: Path) -> None:
        if text.startswith("--from=build"):
            # The first stage has its root beside ours.
            text = rest.partition(" ")[2].replace("${ROOT}", str(self.folder.with_name("build")))
        source, target = text.split()
        origin = Path(source) if source.startswith("/") else context / source
        destination = self.work / target if target != "." or origin.is_dir() else self.work
        if origin.is_dir():
            shutil.copytree(origin, destination, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy(origin, destination)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> tuple[Root, Root]:
    """Returns the roots of the Dockerfile's stages: where the wheel is built, and the image."""
    folder = tmp_path_factory.mktemp("image")
    context = checkout(folder)
    _, build, final = docker_steps(REPOSITORY / "Dockerfile")
    roots = Root(folder / "build"), Root(folder / "final")
    roots[0].follow(build, context)
    roots[1].follow(final, context)
    return roots


@contextmanager
def workers(root: Root) -> Iterator[str]:
    """Yields the address of a worker pool that a root's own Python runs."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    module = "apache_beam.runners.worker.worker_pool_main"
    process = subprocess.Popen(
        [root.python, "-m", module, f"--service_port={port}"],
        cwd=root.folder,
        env=root.environment,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(port, process)
        yield f"localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the worker pool did not start")


def run_documents(cloud: Cloud, server: JobServer, root: Root, sample: Path, wheel: Path) -> None:
    """Submits the first stage and runs its graph on a root's worker; compares with a local one."""
    cloud.upload(sample / "input", "in")
    words = ["build", "sample.toml", "--output", "gs://bucket/out", "--set", "root=gs://bucket/in"]
    flags = [flag for flag in cloud.flags if not flag.startswith("--extra_package")]
    code = f"--extra_package={wheel}"
    assert main([*words, *flags, code, "--wait=false"]) == STOPPED
    (job,) = cloud.service.jobs.values()
    with workers(root) as address:
        state, messages, counters = server.run(staged_graph(job), external(address), "documents")
    assert state == "DONE", messages
    assert counters["documents: records"] > 0
    made = list_files("gs://bucket/out/documents/part-*.parquet")
    assert len(made) == len(list((sample / "documents").glob("part-*.parquet")))
    for part in made:
        local = sample / "documents" / Path(part.path).name
        assert read_bytes(part.path) == local.read_bytes()


def test_a_worker_of_the_image_runs_a_stage(
    cloud: Cloud, job_server: JobServer, images: tuple[Root, Root], sample: Path
) -> None:
    (wheel,) = (images[1].work / "wheels").glob("*.whl")
    run_documents(cloud, job_server, images[1], sample, wheel)


def test_a_worker_with_the_wheel_and_the_requirements_runs_a_stage(
    cloud: Cloud, job_server: JobServer, images: tuple[Root, Root], sample: Path, tmp_path: Path
) -> None:
    (wheel,) = (images[1].work / "wheels").glob("*.whl")
    plain = Root(tmp_path / "plain")
    # Beam's own image has Beam; the rest comes from what a submission stages.
    plain.run(f"pip install -q -c {REPOSITORY}/constraints.txt 'apache-beam[gcp]'")
    cloud.upload(sample / "input", "in")
    submit_and_install(cloud, plain, wheel)
    cloud.service.reset()
    for blob in list(cloud.storage.list_blobs(cloud.bucket, prefix="out/")):
        blob.delete()
    run_documents(cloud, job_server, plain, sample, wheel)


def submit_and_install(cloud: Cloud, root: Root, wheel: Path) -> None:
    """Submits a job with a wheel, and installs what it staged as Beam's image does at its start."""
    words = ["build", "sample.toml", "--output", "gs://bucket/out", "--set", "root=gs://bucket/in"]
    flags = [flag for flag in cloud.flags if not flag.startswith("--extra_package")]
    assert main([*words, *flags, f"--extra_package={wheel}", "--wait=false"]) == STOPPED
    for name in ("requirements.txt", wheel.name):
        (blob,) = (
            blob
            for blob in cloud.storage.list_blobs(cloud.bucket, prefix="out/jobs/staging/massive")
            if blob.name.endswith(f"/{name}")
        )
        blob.download_to_filename(root.folder / name)
    root.run("pip install -q -r requirements.txt")
    root.run(f"pip install -q --no-deps {wheel.name}")
    root.run("pip check")

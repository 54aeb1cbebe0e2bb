"""A cloud on this machine: storage emulators, a Dataflow service, credentials of nobody."""

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from apache_beam.portability.api import beam_runner_api_pb2
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from gcp_storage_emulator.server import create_server
from google.cloud import storage

from massivetext.cli.main import main
from massivetext.pipelines.stages.shuffle import CountBytes
from tests.pipelines.dataflow.service.execute import JobServer
from tests.pipelines.dataflow.service.fake import FakeDataflow

BUCKET = "bucket"


class Cloud(NamedTuple):
    """The services and what a driver must be told of them."""

    service: FakeDataflow
    storage: storage.Client
    bucket: str
    wheel: str

    @property
    def flags(self) -> list[str]:
        """Returns the flags of a build that runs here."""
        return [
            "--runner=DataflowRunner",
            "--project=fake-project",
            "--region=us-central1",
            f"--dataflow_endpoint={self.service.endpoint}",
            f"--extra_package={self.wheel}",
            "--requirements_cache=skip",
        ]

    def upload(self, folder: Path, prefix: str) -> None:
        """Copies a folder into the bucket."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = f"{prefix}/{path.relative_to(folder)}"
                self.storage.bucket(self.bucket).blob(name).upload_from_filename(path)


class Build(NamedTuple):
    """A finished build: output, command line, jobs by id, their graphs, what they shuffled."""

    output: str
    words: list[str]
    jobs: dict[str, dict[str, Any]]
    graphs: list[tuple[str, beam_runner_api_pb2.Pipeline]]
    shuffled: list[tuple[str, bytes]]  # a block of each shuffle's name


@pytest.fixture(scope="session")
def cloud_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Returns the services, started once; their addresses are in the environment."""
    folder = tmp_path_factory.mktemp("cloud")
    logging.getLogger("api").setLevel(logging.ERROR)
    port = _free_port()
    emulator = create_server("localhost", port, in_memory=True, default_bucket=BUCKET)
    emulator.start()
    service = FakeDataflow()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://localhost:{port}")
        patch.setenv("NO_GCE_CHECK", "true")
        account = _account(folder, service.endpoint)
        patch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
        yield Cloud(service, storage.Client.create_anonymous_client(), BUCKET, _wheel(folder))
    service.close()
    emulator.stop()


@pytest.fixture
def cloud(cloud_machine: Cloud) -> Iterator[Cloud]:
    """Returns the services without jobs or objects."""
    cloud_machine.service.reset()
    for blob in list(cloud_machine.storage.list_blobs(BUCKET)):
        if not blob.name.startswith("sample/"):  # the build that some tests share
            blob.delete()
    yield cloud_machine
    cloud_machine.service.reset()


@pytest.fixture(scope="session")
def job_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobServer]:
    """Returns Beam's local job server with its workers."""
    server = JobServer(str(tmp_path_factory.mktemp("staging")))
    yield server
    server.close()


@pytest.fixture(scope="session")
def built(cloud_machine: Cloud, job_server: JobServer, sample: Path) -> Build:
    """Returns a build of the sample by jobs, each of which ran the graph that was submitted."""
    machine = cloud_machine
    machine.upload(sample / "input", "sample/input")
    machine.service.execute = job_server.execute
    output, root = f"gs://{BUCKET}/sample/out", f"gs://{BUCKET}/sample/input"
    words = ["build", "sample.toml", "--output", output, "--set", f"root={root}", *machine.flags]
    with pytest.MonkeyPatch.context() as patch:
        shuffled = _watch_shuffles(patch)
        assert main(words) == 0
    jobs = dict(machine.service.jobs)
    machine.service.reset()
    return Build(output, words, jobs, job_server.graphs, shuffled)


def _watch_shuffles(patch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Returns the list to which blocks are added as workers send them through shuffles."""
    shuffled: list[tuple[str, bytes]] = []
    process = CountBytes.process

    def watched(step: CountBytes, element: tuple[Any, bytes]) -> Any:
        shuffled.append((step._name, element[1]))
        return process(step, element)

    patch.setattr(CountBytes, "process", watched)
    return shuffled


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _account(folder: Path, endpoint: str) -> Path:
    """Writes the key of a service account that only our own token service knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    value = {"type": "service_account", "project_id": "fake-project", "private_key_id": "1"}
    value |= {"private_key": pem, "client_email": "nobody@example.com", "client_id": "1"}
    path = folder / "account.json"
    path.write_text(json.dumps(value | {"token_uri": f"{endpoint}/token"}))
    return path


def _wheel(folder: Path) -> str:
    path = folder / "massivetext-0.1.0-py3-none-any.whl"
    path.write_bytes(b"stands for the wheel where no worker installs it")
    return str(path)

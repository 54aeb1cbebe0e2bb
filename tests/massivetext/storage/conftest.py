"""Emulators of object stores, and a folder on each kind of file system."""

import hashlib
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from gcp_storage_emulator.server import create_server
from moto.server import ThreadedMotoServer

from massivetext.storage.paths import join
from massivetext.storage.settings import use

BUCKET = "bucket"


@pytest.fixture(scope="session")
def emulators() -> Iterator[dict[str, dict[str, str]]]:
    """Returns the variables that lead to each emulator; its bucket is there."""
    logging.getLogger("api").setLevel(logging.ERROR)
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    google = create_server("localhost", port, in_memory=True, default_bucket=BUCKET)
    google.start()
    amazon = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    amazon.start()
    host, s3_port = amazon.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
    keys |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{s3_port}"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
    yield {"gs": {"STORAGE_EMULATOR_HOST": f"http://localhost:{port}"}, "s3": keys}
    google.stop()
    amazon.stop()


@pytest.fixture
def stores(emulators: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a process that reaches both emulators."""
    for variables in emulators.values():
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
    use(None)


@pytest.fixture(params=["local", "gs", "s3"])
def folder(request: pytest.FixtureRequest, stores: None, tmp_path: Path) -> str:
    """Returns a new folder on each kind of file system in turn."""
    if request.param == "local":
        return str(tmp_path / "files")
    return remote_folder(request, request.param)


@pytest.fixture(params=["gs", "s3"])
def remote(request: pytest.FixtureRequest, stores: None) -> str:
    """Returns a new folder on each object store in turn."""
    return remote_folder(request, request.param)


def remote_folder(request: pytest.FixtureRequest, scheme: str) -> str:
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    return join(f"{scheme}://{BUCKET}", name)

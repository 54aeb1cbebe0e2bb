"""A small recipe, and a finished build of it: once a file of tests."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from massivetext.storage.settings import Settings, use
from tests.support.commands import check_conserved, run, small_corpus

S3_KEYS = {"aws_access_key_id": "fake", "aws_secret_access_key": "fake", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe of two sources of three files each."""
    return small_corpus(tmp_path_factory.mktemp("runs"), 3, tokens=16_000, length=64)


@pytest.fixture(scope="module")
def done(recipe: Path) -> Path:
    """A finished build."""
    output = recipe.parent / "done"
    finished = run("build", recipe, "--output", output)
    assert finished.code == 0, finished.err
    check_conserved(output)
    return output


@pytest.fixture
def s3() -> Iterator[str]:
    """An S3 service with one bucket, ``bucket``, that our storage is told of; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=url, **S3_KEYS).create_bucket(Bucket="bucket")
    use(Settings(s3=(("endpoint_url", url), *S3_KEYS.items())))
    yield url
    use(None)
    server.stop()


def s3_flags(url: str) -> tuple[str, ...]:
    """Returns the flags that tell a build of the service."""
    keys = ("--s3_access_key_id=fake", "--s3_secret_access_key=fake")
    return (f"--s3_endpoint_url={url}", "--s3_region_name=us-east-1", *keys)

"""A build from and to an object store, reached by flags alone, has a local build's shards."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from massivetext.storage.files import list_names, read_bytes, upload
from massivetext.storage.settings import Settings, use

KEYS = {"aws_access_key_id": "fake", "aws_secret_access_key": "fake", "region_name": "us-east-1"}


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=url, **KEYS).create_bucket(Bucket="bucket")
    use(Settings(s3=(("endpoint_url", url), *KEYS.items())))
    yield url
    use(None)
    server.stop()


def test_shards_on_s3_are_those_on_a_disk(sample: Path, endpoint: str) -> None:
    upload(sample / "input", "s3://bucket/in")
    flags = [f"--s3_endpoint_url={endpoint}", "--s3_region_name=us-east-1"]
    flags += ["--s3_access_key_id=fake", "--s3_secret_access_key=fake"]
    words = ["build", "sample.toml", "--output", "s3://bucket/out", "--set", "root=s3://bucket/in"]
    command = [sys.executable, "-m", "massivetext", *words, "--workers", "2", *flags]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=bare)
    assert done.returncode == 0, done.stderr[-5000:]
    names = [name for name in list_names(str(sample / "sequences")) if "tfrecord" in name]
    found = [name for name in list_names("s3://bucket/out/sequences") if "tfrecord" in name]
    assert found == names
    for name in names:
        here = (sample / "sequences" / name).read_bytes()
        assert read_bytes(f"s3://bucket/out/sequences/{name}") == here
    again = subprocess.run([*command, "--explain"], capture_output=True, text=True, env=bare)
    assert again.stdout.count("up to date") == 6

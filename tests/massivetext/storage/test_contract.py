"""Object stores behave as local folders do: `gs://` here, `s3://` beside it, on emulators."""

import os
from collections.abc import Iterator
from typing import IO

import boto3
import pytest
from moto.server import ThreadedMotoServer

from massivetext.storage import (
    delete_files,
    exists,
    join,
    list_files,
    list_names,
    new_file,
    open_file,
    read_bytes,
    read_json,
    write_bytes,
    write_file,
    write_json,
)
from tests.pipelines.dataflow.conftest import Cloud
from tests.pipelines.dataflow.service.flaky import Flaky


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "fake")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="bucket")
        yield "s3://bucket"
    server.stop()


@pytest.fixture(params=["gs", "s3"])
def folder(request: pytest.FixtureRequest, cloud: Cloud) -> str:
    root = f"gs://{cloud.bucket}" if request.param == "gs" else request.getfixturevalue("s3")
    return join(root, "files", request.node.name.split("[")[0])


def test_an_object_appears_whole_and_is_read_back(folder: str) -> None:
    path = join(folder, "a.bin")
    data = bytes(range(256)) * 1000
    write_bytes(path, data)
    assert read_bytes(path) == data
    assert exists(path)
    assert list_names(folder) == ["a.bin"]


def test_a_range_is_read_without_what_is_before_it(folder: str) -> None:
    path = join(folder, "a.bin")
    write_bytes(path, bytes(range(256)) * 4)
    with open_file(path) as file:
        assert file.seekable()
        file.seek(250)
        assert file.read(10) == bytes([250, 251, 252, 253, 254, 255, 0, 1, 2, 3])
        file.seek(-3, 2)
        assert file.read() == bytes([253, 254, 255])


def test_gzip_is_not_expanded_behind_our_back(folder: str) -> None:
    path = join(folder, "a.gz")
    write_bytes(path, b"\x1f\x8bnot expanded")
    assert read_bytes(path) == b"\x1f\x8bnot expanded"


def test_a_failed_write_leaves_the_old_object(folder: str) -> None:
    path = join(folder, "a")
    write_bytes(path, b"old")

    def fill(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_file(path, fill)
    assert read_bytes(path) == b"old"


def test_an_object_is_not_there_before_its_block_ends(folder: str) -> None:
    path = join(folder, "a")
    with new_file(path) as file:
        file.write(b"data")
        assert not exists(path)
    assert read_bytes(path) == b"data"


def test_listing_globs_and_counts_bytes(folder: str) -> None:
    for name in ("b.txt", "a.txt", "c.bin", "deep/d.txt"):
        write_bytes(join(folder, name), b"12")
    found = list_files(join(folder, "*.txt"))
    assert [(f.path, f.size) for f in found] == [
        (join(folder, "a.txt"), 2),
        (join(folder, "b.txt"), 2),
    ]
    assert [f.path for f in list_files(join(folder, "*", "*.txt"))] == [join(folder, "deep/d.txt")]
    assert list_names(folder) == ["a.txt", "b.txt", "c.bin"]
    assert list_files(join(folder, "none*")) == []
    assert list_names(join(folder, "nowhere")) == []


def test_a_rewritten_object_has_another_version(cloud: Cloud) -> None:
    path = f"gs://{cloud.bucket}/a"  # S3 tells times by the second only
    write_bytes(path, b"1")
    before = list_files(path)[0]
    write_bytes(path, b"2")
    after = list_files(path)[0]
    assert before.size == after.size
    assert before.version != after.version


def test_json_and_absence(folder: str) -> None:
    path = join(folder, "m.json")
    assert read_json(path) is None
    write_json(path, {"b": 1, "a": "ü"})
    assert read_json(path) == {"b": 1, "a": "ü"}
    delete_files([path, join(folder, "never was")])
    assert not exists(path)


def test_opening_what_is_not_there_is_a_file_error(folder: str) -> None:
    with pytest.raises(FileNotFoundError, match="never"):
        read_bytes(join(folder, "never"))


@pytest.mark.parametrize(
    ("root", "variable"),
    [("gs://bucket", "STORAGE_EMULATOR_HOST"), ("s3://bucket", "AWS_ENDPOINT_URL")],
)
@pytest.mark.usefixtures("cloud", "s3")
def test_a_refused_request_is_made_again(
    root: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flaky = Flaky(os.environ[variable])
    monkeypatch.setenv(variable, flaky.url)
    path = join(root, "flaky", "a")
    write_bytes(path, b"data")
    assert [file.path for file in list_files(join(root, "flaky", "*"))] == [path]
    assert read_bytes(path) == b"data"
    delete_files([path])
    assert not exists(path)
    flaky.close()
    assert {"GET", "POST" if root.startswith("gs") else "PUT"} <= set(flaky.refused)

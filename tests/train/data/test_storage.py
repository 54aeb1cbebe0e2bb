"""Local files and gs://, the latter against a small server that speaks Cloud Storage's JSON API."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import numpy as np
import pytest
from moto.server import ThreadedMotoServer

from massivetext.errors import ConfigError
from massivetext.storage import files, settings
from massivetext.train.data.dataset import MIXED, open_dataset


def serve(folder: Path) -> ThreadingHTTPServer:  # noqa: C901  (one nested class)
    """Returns a server of one bucket, whose objects are the files of `folder`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            _, _, after = url.path.partition("/b/bucket/o")
            name, query = unquote(after.lstrip("/")), parse_qs(url.query)
            if not name:
                return self.answer(200, json.dumps({"items": self.listing(query)}).encode())
            file = folder / name
            if not file.is_file():
                return self.answer(404, b"{}")
            if "alt" in query and query["alt"] == ["media"]:
                return self.media(file.read_bytes())
            return self.answer(200, json.dumps(self.describe(file)).encode())

        def describe(self, file: Path) -> dict[str, str]:
            name = str(file.relative_to(folder))
            return {"name": name, "bucket": "bucket", "size": str(file.stat().st_size)}

        def listing(self, query: dict[str, list[str]]) -> list[dict[str, str]]:
            (prefix,) = query.get("prefix", [""])
            assert query["delimiter"] == ["/"]
            parent = folder / prefix
            files = sorted(parent.iterdir()) if parent.is_dir() else []
            return [self.describe(file) for file in files if file.is_file()]

        def media(self, data: bytes) -> None:
            span = self.headers.get("Range")
            if not span:
                return self.answer(200, data)
            first, _, last = span.removeprefix("bytes=").partition("-")
            self.answer(206, data[int(first) : int(last) + 1 if last else None])

        def answer(self, code: int, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def bucket(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The corpus as gs://bucket."""
    server = serve(corpus)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    yield "gs://bucket"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_bucket_is_read_as_a_folder(bucket: str, corpus: Path) -> None:
    for where in ("sequences", "vocabulary", "nothing"):
        here = files.list_names(str(corpus / where))
        assert files.list_names(f"{bucket}/{where}") == here
    name = "vocabulary/vocabulary.model"
    data = (corpus / name).read_bytes()
    for path in (f"{bucket}/{name}", str(corpus / name)):
        assert files.exists(path)
        assert files.file_size(path) == len(data)
        assert files.read_bytes(path) == data
        assert files.read_bytes(path, 5, 9) == data[5:9]
        assert files.read_bytes(path, 5) == data[5:]
        assert files.read_bytes(path, 0, 4) == data[:4]
    assert not files.exists(f"{bucket}/vocabulary/other")


def test_batches_from_a_bucket_are_those_of_the_folder(bucket: str, corpus: Path) -> None:
    there, here = open_dataset(bucket), open_dataset(str(corpus))
    assert there.vocabulary == here.vocabulary
    numbers = np.array([3, 4, 5, 200, 479, 0])
    np.testing.assert_array_equal(there.train[MIXED].read(numbers), here.train[MIXED].read(numbers))


def test_batches_from_s3_are_those_of_the_folder(corpus: Path) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "fake", "aws_secret_access_key": "fake"}
    keys |= {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
    boto3.client("s3", **keys).create_bucket(Bucket="bucket")
    settings.use(settings.Settings(s3=tuple(keys.items())))
    files.upload(corpus, "s3://bucket/corpus")
    there, here = open_dataset("s3://bucket/corpus"), open_dataset(str(corpus))
    numbers = np.array([3, 4, 5, 200, 479, 0])
    np.testing.assert_array_equal(there.train[MIXED].read(numbers), here.train[MIXED].read(numbers))
    assert there.vocabulary == here.vocabulary
    settings.use(None)
    server.stop()


def test_missing_files_and_other_schemes_are_refused(bucket: str, tmp_path: Path) -> None:
    for path in (f"{bucket}/none", str(tmp_path / "none")):
        with pytest.raises(ConfigError, match="no such file"):
            files.file_size(path)
    with pytest.raises(ConfigError, match="only local paths, gs:// and s3://"):
        files.read_bytes("ftp://bucket/a")

"""What only object stores have: requests that fail, ranges, packages, credentials, settings."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials

from massivetext.errors import ConfigError
from massivetext.storage.files import (
    check_bucket,
    delete_files,
    exists,
    list_files,
    list_names,
    open_file,
    read_bytes,
    upload,
    write_bytes,
)
from massivetext.storage.gcs import open_store
from massivetext.storage.paths import join
from massivetext.storage.range_file import AHEAD
from massivetext.storage.settings import Settings, current, settings_from, use
from tests.support.proxy import Proxy, Refuse, first_of_each

VARIABLES = {"gs": "STORAGE_EMULATOR_HOST", "s3": "AWS_ENDPOINT_URL"}
MakeProxy = Callable[..., Proxy]


def scheme(path: str) -> str:
    return path.partition("://")[0]


@pytest.fixture(autouse=True)
def own_settings() -> Iterator[None]:
    yield
    use(None)
    settings_from(Settings)


@pytest.fixture
def proxy(remote: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeProxy]:
    """Returns what puts a proxy before the store of the test."""
    made: list[Proxy] = []

    def make(*refuse: Refuse) -> Proxy:
        name = VARIABLES[scheme(remote)]
        made.append(Proxy(os.environ[name], *refuse))
        monkeypatch.setenv(name, made[-1].url)
        return made[-1]

    yield make
    for server in made:
        server.close()


def test_a_refused_request_is_made_again(remote: str, proxy: MakeProxy) -> None:
    server = proxy(first_of_each)
    path = join(remote, "a")
    write_bytes(path, b"data")
    assert [file.path for file in list_files(join(remote, "*"))] == [path]
    assert read_bytes(path) == b"data"
    assert exists(path)
    delete_files([path])
    assert not exists(path)
    writes = "POST" if scheme(remote) == "gs" else "PUT"
    assert {"GET", "DELETE", writes} <= set(server.refused)


def test_an_answer_that_breaks_off_is_asked_for_again(remote: str, proxy: MakeProxy) -> None:
    path, data = join(remote, "a"), bytes(range(256)) * 4096
    write_bytes(path, data)
    server = proxy()
    server.cuts = 2
    assert read_bytes(path, 1, len(data) - 1) == data[1:-1]
    assert server.cuts == 0


def test_only_what_is_read_is_sent(remote: str, proxy: MakeProxy) -> None:
    path, data = join(remote, "a"), bytes(range(256)) * (1 << 16)  # 16 MiB
    write_bytes(path, data)
    server = proxy()
    with open_file(path) as file:
        file.seek(-10, 2)
        assert file.read() == data[-10:]
        assert server.sent < 10_000
        file.seek(1 << 20)
        assert file.read(10) == data[:10]
        assert server.sent < AHEAD + 10_000
        requests = len(server.requests)
        file.seek(2 << 20)  # within what was read ahead
        assert file.read(10) == data[:10]
        assert len(server.requests) == requests
    server.sent = 0
    assert read_bytes(path, 256, 512) == data[256:512]
    assert server.sent == 256


@pytest.mark.parametrize("remote", ["s3"], indirect=True)  # the other emulator has one version
def test_versions_are_not_mixed(remote: str) -> None:
    path = join(remote, "a")
    for change in (lambda: write_bytes(path, b"2" * (8 << 20)), lambda: delete_files([path])):
        write_bytes(path, b"1" * (8 << 20))
        with open_file(path) as file:
            assert file.read(1) == b"1"
            change()
            file.seek(AHEAD + 1)
            with pytest.raises(OSError, match="Changed while it was read") as caught:
                file.read(1)
        assert (caught.value.errno, caught.value.filename) == (errno.ESTALE, path)


def test_what_a_user_may_not_do_is_one_line_with_the_path(
    remote: str, proxy: MakeProxy, tmp_path: Path
) -> None:
    path = join(remote, "a")
    write_bytes(path, b"old")
    (tmp_path / "b").write_bytes(b"1")
    proxy(lambda _method, _before: 403)
    calls: list[Callable[[], object]] = [
        lambda: read_bytes(path), lambda: open_file(path), lambda: write_bytes(path, b"new"),
        lambda: exists(path), lambda: delete_files([path]), lambda: upload(tmp_path, remote),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(PermissionError) as caught:
            call()
        assert str(caught.value.filename).startswith(remote)
        assert "403" in str(caught.value)
        assert "\n" not in str(caught.value)
    for listing in (lambda: list_files(join(remote, "*")), lambda: list_names(remote)):
        with pytest.raises(ConfigError, match=f"cannot list '{remote}.*403"):
            listing()
    with pytest.raises(ConfigError, match=f"{remote}: .*403"):
        check_bucket(remote)


def test_credentials_that_are_refused(remote: str, proxy: MakeProxy) -> None:
    proxy(lambda _method, _before: 401)
    with pytest.raises((PermissionError, ConfigError), match=join(remote, "a")) as caught:
        read_bytes(join(remote, "a"))
    assert "\n" not in str(caught.value)


def test_a_request_that_cannot_be_is_an_error_with_the_path(remote: str, proxy: MakeProxy) -> None:
    path = join(remote, "a")
    write_bytes(path, b"old")
    proxy(lambda _method, _before: 400)
    for call in (lambda: read_bytes(path), lambda: write_bytes(path, b"new")):
        with pytest.raises(OSError, match="400") as caught:
            call()
        assert caught.value.filename == path


@pytest.mark.parametrize(
    ("module", "path", "command"),
    [
        ("google.cloud.storage", "gs://bucket/a", "pip install 'massivetext[gcp]'"),
        ("boto3", "s3://bucket/a", "pip install 'massivetext[s3]'"),
    ],
)
def test_a_missing_package_is_one_line(module: str, path: str, command: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from massivetext.errors import ConfigError\n"
        "from massivetext.storage.files import *\n"
        "for call in (exists, list_files, list_names, open_file, read_bytes):\n"
        f"    try: call({path!r})\n"
        "    except ConfigError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all(command in line for line in lines)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gs://bucket/a", "gcloud auth application-default login"),
        ("s3://bucket/a", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_missing_credentials_are_one_line(
    path: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "STORAGE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    calls: list[Callable[[], object]] = [
        lambda: read_bytes(path), lambda: write_bytes(path, b"1"), lambda: exists(path),
        lambda: list_files(path), lambda: check_bucket(path), lambda: delete_files([path]),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ConfigError) as caught:
            call()
        assert words in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_key_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(ConfigError, match=r"/nowhere/key\.json was not found"):
        read_bytes("gs://bucket/a")


def test_a_bucket_whose_name_cannot_be(stores: None) -> None:
    with pytest.raises(ConfigError, match=r"s3://a b/c: .*nvalid bucket name"):
        read_bytes("s3://a b/c")


@pytest.mark.parametrize("remote", ["s3"], indirect=True)
def test_settings_stand_for_the_environment_of_s3(
    remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, url = join(remote, "a"), os.environ["AWS_ENDPOINT_URL"]
    write_bytes(path, b"data")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    keys = (("aws_access_key_id", "fake"), ("aws_secret_access_key", "fake"))
    use(Settings(s3=(("endpoint_url", url), *keys, ("region_name", "us-east-1"))))
    assert read_bytes(path) == b"data"
    use(Settings(s3=(("endpoint_url", "no address"), *keys)))
    with pytest.raises(ConfigError, match="no address"):
        read_bytes(path)


@pytest.mark.parametrize("remote", ["gs"], indirect=True)
def test_headers_of_the_settings_are_sent(remote: str, proxy: MakeProxy) -> None:
    server = proxy()
    use(Settings(headers=(("x-goog-custom-audit-job", "corpus"),)))
    write_bytes(join(remote, "a"), b"data")
    assert read_bytes(join(remote, "a")) == b"data"
    sent = {request.get("x-goog-custom-audit-job") for request in server.requests}
    assert sent == {"corpus"}


def test_public_buckets_need_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    store = open_store(Settings(anonymous=True), frozenset())
    assert isinstance(store._client._credentials, AnonymousCredentials)


def test_an_account_is_impersonated_through_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = {"type": "authorized_user", "client_id": "1", "client_secret": "2"}
    (tmp_path / "key.json").write_text(json.dumps(user | {"refresh_token": "3"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    told = Settings(project="p", impersonate=("a@x", "b@x"), scopes=("https://scope",))
    client = open_store(told, frozenset())._client
    credentials = client._credentials
    assert client.project == "p"
    assert (credentials._delegates, credentials._target_principal) == (["a@x"], "b@x")
    assert credentials._target_scopes == ["https://scope"]


def test_a_process_that_was_told_nothing_asks() -> None:
    use(None)
    settings_from(lambda: Settings(project="asked"))
    assert current() == Settings(project="asked")
    use(Settings(project="told"))
    assert current() == Settings(project="told")


def test_a_local_file_needs_no_package_of_a_store(tmp_path: Path) -> None:
    code = (
        "import sys; from massivetext.storage.files import read_bytes, write_bytes\n"
        f"write_bytes({str(tmp_path / 'a')!r}, b'data'); read_bytes({str(tmp_path / 'a')!r})\n"
        "print(sorted({'google.auth', 'google.cloud.storage', 'boto3', 'botocore', 'requests',"
        " 'apache_beam', 'jax', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

"""A user's mistakes cost one line, before anything is uploaded."""

from pathlib import Path

import pytest

from massivetext.cli.main import USAGE, main
from tests.pipelines.dataflow.conftest import Cloud

OUTPUT = "gs://bucket/checked"
ROOT = "root=gs://bucket/input"


def refused(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], *words: str, without: str = ""
) -> str:
    """Returns the line that refuses a build; there must be no job and no object of it."""
    flags = [flag for flag in cloud.flags if not without or not flag.startswith(without)]
    named = any(word == "--output" for word in words)
    rest = [] if named else ["--output", OUTPUT]
    rooted = any(word.startswith("root=") for word in words)
    rest += [] if rooted else ["--set", ROOT]
    assert main(["build", "sample.toml", *flags, *rest, *words]) == USAGE
    assert not cloud.service.jobs
    written = (blob.name for blob in cloud.storage.list_blobs(cloud.bucket))
    assert not [name for name in written if not name.startswith("sample/")]
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


@pytest.mark.parametrize("name", ["project", "region"])
def test_project_and_region_are_needed(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    error = refused(cloud, capsys, without=f"--{name}")
    assert f"Dataflow needs --{name}, for example --{name}=" in error


def test_a_flag_that_nobody_knows_is_named(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(cloud, capsys, "--machine_typ=n2-standard-4")
    assert "--machine_typ: neither our flag nor Beam's; did you mean --machine_type?" in error


def test_the_output_is_a_folder_of_a_bucket(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(cloud, capsys, "--output", "out/here")
    assert "--output=out/here: Dataflow writes to a bucket" in error
    error = refused(cloud, capsys, "--output", "gs://bucket")
    assert "name a folder in the bucket, as in gs://bucket/corpus" in error


def test_sources_of_this_machine_are_refused(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(cloud, capsys, "--set", "root=/data/crawl")
    assert "sources.web.files: /data/crawl/web/* is on this machine" in error


def test_a_bucket_that_is_not_there(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(cloud, capsys, "--output", "gs://nowhere/out")
    assert "there is no bucket gs://nowhere: gcloud storage buckets create" in error
    error = refused(cloud, capsys, "--temp_location=gs://elsewhere/temp")
    assert "there is no bucket gs://elsewhere" in error


def test_no_credentials(
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    error = refused(cloud, capsys)
    assert "there are no Google credentials: `gcloud auth application-default login`" in error


def test_a_key_file_that_is_not_there(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    assert "/nowhere/key.json was not found" in refused(cloud, capsys)


def test_workers_need_our_code(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(cloud, capsys, without="--extra_package")
    assert "workers need this project's code: name an image with --sdk_container_image" in error


def test_a_wheel_that_is_not_there_or_for_another_python(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    absent = "--extra_package=dist/massivetext-9.9-py3-none-any.whl"
    error = refused(cloud, capsys, absent, without="--extra_package")
    assert "no file dist/massivetext-9.9-py3-none-any.whl; `make wheel` makes it" in error
    other = tmp_path / "massivetext-0.1.0-cp39-cp39-linux_x86_64.whl"
    other.touch()
    error = refused(cloud, capsys, f"--extra_package={other}", without="--extra_package")
    assert "is no wheel for Python 3." in error


def test_an_image_that_is_not_there(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"localhost:{cloud.service.port}/project/repository/massivetext"
    image = f"--sdk_container_image={name}:2.0"
    error = refused(cloud, capsys, image, without="--extra_package")
    assert f"{name}:2.0 is not there; docs/dataflow.md builds it" in error


def test_an_image_that_is_there_passes(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"localhost:{cloud.service.port}/project/repository/massivetext"
    image = f"--sdk_container_image={name}:1.0"
    error = refused(cloud, capsys, image, without="--extra_package")
    assert "sources.web.files: no file matches 'gs://bucket/input/web/*'" in error


def test_a_job_name_that_cannot_be(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(cloud, capsys, "--job_name=My Corpus")
    assert "--job_name=My Corpus: at most 32 of the characters" in error


def test_inputs_in_a_bucket_that_is_not_there(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    error = refused(cloud, capsys, "--set", "root=gs://nowhere/in")
    assert "gs://nowhere/in/web/*" in error

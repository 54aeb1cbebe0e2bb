"""Models and lists from afar: copied once per machine, or brought along by the worker's image."""

import hashlib
import tempfile
from pathlib import Path

import pytest

from massivetext.errors import StageError
from massivetext.pipelines.dataflow.upload import upload
from massivetext.pipelines.folder import models
from massivetext.pipelines.folder.models import local_copy
from massivetext.storage.files import list_files, read_bytes, write_bytes
from tests.pipelines.dataflow.conftest import Cloud


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


def test_a_file_is_copied_once_and_a_new_version_anew(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"gs://{cloud.bucket}/model.ftz"
    write_bytes(path, b"one")
    read: list[str] = []
    monkeypatch.setattr(models, "read_bytes", lambda p: (read.append(p), read_bytes(p))[1])
    assert Path(local_copy(path)).read_bytes() == b"one"
    assert Path(local_copy(path)).read_bytes() == b"one"
    assert read == [path]
    write_bytes(path, b"two")
    assert Path(local_copy(path)).read_bytes() == b"two"


def test_a_file_of_this_machine_is_not_copied(tmp_path: Path) -> None:
    assert local_copy(str(tmp_path / "model.ftz")) == str(tmp_path / "model.ftz")


@pytest.mark.usefixtures("cloud")
def test_what_is_not_there_is_a_file_error() -> None:
    with pytest.raises(FileNotFoundError, match=r"never\.ftz"):
        local_copy("gs://bucket/never.ftz")


def test_a_folder_of_someone_else_is_not_trusted(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"gs://{cloud.bucket}/model.ftz"
    write_bytes(path, b"one")
    owner = models.os.getuid()
    local_copy(path)
    folder = Path(tempfile.gettempdir()) / f"{models.COPIES}-{owner}"
    folder.rename(folder.with_name(f"{models.COPIES}-{owner + 1}"))
    monkeypatch.setattr(models.os, "getuid", lambda: owner + 1)
    with pytest.raises(StageError, match="belongs to someone else"):
        local_copy(path)


def test_the_images_model_is_taken_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lid.ftz").write_bytes(b"model")
    wanted = hashlib.sha256(b"model").hexdigest()
    assert models._of_image(wanted) is None
    monkeypatch.setenv(models.VARIABLE, str(tmp_path))
    assert models._of_image(wanted) == str(tmp_path / "lid.ftz")
    assert models._of_image("0" * 64) is None


def test_an_upload_is_named_by_content_and_sent_once(cloud: Cloud, tmp_path: Path) -> None:
    path = tmp_path / "domains"
    path.write_bytes(b"a.example\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    output = f"gs://{cloud.bucket}/out"
    sent = upload(str(path), output)
    assert sent == f"{output}/inputs/{digest[:16]}-domains"
    before = list_files(sent)
    assert upload(str(path), output) == sent
    assert list_files(sent) == before
    assert upload(sent, output) == sent

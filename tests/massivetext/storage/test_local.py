"""Files appear whole or not at all."""

import os
from pathlib import Path

import pytest

from massivetext.errors import ConfigError
from massivetext.storage.files import (
    delete_files,
    exists,
    list_files,
    list_names,
    new_file,
    write_bytes,
)
from massivetext.storage.json_files import read_json, write_json


def test_a_file_appears_whole(tmp_path: Path) -> None:
    write_bytes(str(tmp_path / "new" / "a"), b"data")
    assert (tmp_path / "new" / "a").read_bytes() == b"data"
    assert list_names(str(tmp_path / "new")) == ["a"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    def write_half(path: str) -> None:
        with new_file(path) as file:
            file.write(b"half")
            raise OSError("disk full")

    path = str(tmp_path / "a")
    write_bytes(path, b"old")
    with pytest.raises(OSError, match="disk full"):
        write_half(path)
    assert Path(path).read_bytes() == b"old"
    assert list_names(str(tmp_path)) == ["a"]


def test_json_round_trip_and_absence(tmp_path: Path) -> None:
    path = str(tmp_path / "m.json")
    assert read_json(path) is None
    write_json(path, {"b": 1, "a": "ü"})
    assert read_json(path) == {"b": 1, "a": "ü"}
    assert exists(path)
    delete_files([path, path])
    assert not exists(path)


def test_listing_is_sorted_and_holds_files_only(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.bin"):
        (tmp_path / name).write_bytes(b"12")
    (tmp_path / "d.txt").mkdir()
    found = list_files(f"{tmp_path}/*.txt")
    assert [(Path(f.path).name, f.size) for f in found] == [("a.txt", 2), ("b.txt", 2)]
    assert list_files(f"{tmp_path}/none*") == []
    assert list_names(str(tmp_path / "nowhere")) == []


def test_a_changed_file_has_another_version(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = list_files(str(path))
    os.utime(path, ns=(1, 1))
    assert list_files(str(path))[0].version != before[0].version


def test_links_to_folders_are_followed_and_end(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.txt").write_bytes(b"1")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path / "far")
    (tmp_path / "here" / "round").symlink_to(tmp_path / "here")
    (tmp_path / "here" / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "here" / "b.txt").symlink_to(tmp_path / "far" / "a.txt")

    def found(pattern: str) -> list[str]:
        return [f.path.removeprefix(f"{tmp_path}/") for f in list_files(f"{tmp_path}/{pattern}")]

    assert found("here/*/a.txt") == ["here/link/a.txt"]
    assert found("here/*.txt") == ["here/b.txt"]
    assert found("here/**.txt") == ["here/b.txt"]


@pytest.mark.parametrize("pattern", ["*.txt", "./*.txt", "in/../*.txt", "./in//*.txt"])
def test_paths_are_listed_as_they_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "in/a.txt"):
        (tmp_path / name).write_bytes(b"1")
    assert [f.path for f in list_files(pattern)] == [pattern.replace("*", "a")]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_may_not_be_read_is_not_passed_over(tmp_path: Path) -> None:
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_bytes(b"1")
    (tmp_path / "closed").chmod(0)
    try:
        with pytest.raises(ConfigError, match=r"cannot list .*closed"):
            list_files(f"{tmp_path}/*/*.txt")
        assert len(list_files(f"{tmp_path}/o*/*.txt")) == 1
    finally:
        (tmp_path / "closed").chmod(0o755)

"""Files appear whole or not at all."""

from pathlib import Path
from typing import IO

import pytest

from massivetext.storage import (
    delete_files,
    exists,
    list_files,
    list_names,
    read_json,
    write_bytes,
    write_file,
    write_json,
)


def test_a_file_appears_whole(tmp_path: Path) -> None:
    write_bytes(str(tmp_path / "new" / "a"), b"data")
    assert (tmp_path / "new" / "a").read_bytes() == b"data"
    assert list_names(str(tmp_path / "new")) == ["a"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    write_bytes(path, b"old")

    def fill(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_file(path, fill)
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
    import os

    os.utime(path, ns=(1, 1))
    assert list_files(str(path))[0].version != before[0].version

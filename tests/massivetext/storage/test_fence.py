"""A process that works for a job writes only while the job owns the output."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.errors import StageError
from massivetext.storage.files import new_file, write_bytes
from massivetext.storage.settings import Settings, use


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "owner"
    path.write_bytes(b"mine")
    use(Settings(fence=(str(path), "mine")))
    yield path
    use(None)


def test_the_owner_writes(owner: Path, tmp_path: Path) -> None:
    write_bytes(str(tmp_path / "a"), b"1")
    with new_file(str(tmp_path / "b")) as file:
        file.write(b"2")
    assert [(tmp_path / name).read_bytes() for name in "ab"] == [b"1", b"2"]


@pytest.mark.parametrize("content", [None, b"", b"another's", b"mine "])
def test_nobody_else_does(owner: Path, tmp_path: Path, content: bytes | None) -> None:
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises(StageError, match="no longer write"):
        write_while_it_changes(str(tmp_path / "a"), owner, content)
    with pytest.raises(StageError, match="no longer write"):
        write_bytes(str(tmp_path / "a"), b"after")
    assert (tmp_path / "a").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir() if path != owner) == ["a"]


def write_while_it_changes(path: str, owner: Path, content: bytes | None) -> None:
    with new_file(path) as file:
        file.write(b"after")
        owner.unlink()
        if content is not None:
            owner.write_bytes(content)

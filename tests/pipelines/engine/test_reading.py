"""How far a part is, is how far its files were read, by whichever process reads them."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from massivetext.corpus.parts import Part, Slice
from massivetext.pipelines.engine.reading import bytes_read, shares_read


def part(*pieces: Slice, size: int = 100, form: str = "jsonl") -> Part:
    return Part(0, "web", form, pieces, size, "part-a")


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.data())
def test_slices_before_the_one_that_is_read_are_done(sizes: list[int], data: st.DataObject) -> None:
    pieces = [Slice(f"{n}", f"/none/{n}", n, n + size) for n, size in enumerate(sizes)]
    at = data.draw(st.integers(0, len(sizes) - 1))
    within = data.draw(st.integers(1, sizes[at]))
    found = bytes_read(pieces, {f"/none/{at}": [at + within]})
    assert found == sum(sizes[:at]) + within


def test_a_file_that_is_read_twice_is_told_by_where(tmp_path: Path) -> None:
    """Two parts of one file, each by a process of its own."""
    first, last = Slice("a", "/none/a", 0, 40, 100), Slice("a", "/none/a", 40, None, 100)
    positions = {"/none/a": [10, 55]}
    assert [bytes_read([piece], positions) for piece in (first, last)] == [10, 15]
    assert bytes_read([first], {}) == bytes_read([Slice("b", "gs://b/b", 0, 9)], positions) == 0


def test_this_process_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 100)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    named = part(Slice("a", str(link), 0, None, 100))
    assert shares_read([named]) == {}
    with path.open("rb", buffering=0) as file:
        file.read(25)
        assert shares_read([named]) == {"part-a": 0.25}
        assert shares_read([part(Slice("a", str(path), 0, None, 100), form="parquet")]) == {}
        file.seek(100)
        assert shares_read([part(Slice("a", str(path), 0, None, 100), size=50)]) == {"part-a": 1.0}
    assert shares_read([named]) == {}


def test_a_child_of_a_child_reads(tmp_path: Path) -> None:
    """As workers do, which a server starts."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 100)
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import os, sys;"
        f"f = os.open({os.fspath(path)!r}, 0); os.read(f, 75); print(1, flush=True); input()'])"
    ).replace(f"{os.fspath(path)!r}", f'"{path}"')
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert shares_read([part(Slice("a", str(path), 0, None, 100))]) == {"part-a": 0.75}
        child.communicate(b"\n")

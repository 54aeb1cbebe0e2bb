"""What crosses a shuffle of this machine stays bounded in memory, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from massivetext.pipelines.flow import held
from massivetext.pipelines.flow.held import Held, joined

KEYS = st.one_of(st.lists(st.integers(0, 3), max_size=30), st.lists(st.binary(max_size=2)))
OVERHEAD = held._OBJECTS_BYTES


@given(KEYS, st.integers(0, 2_000), st.data())
def test_blocks_come_back_as_they_were_given(keys: list[Any], limit: int, data: Any) -> None:
    blocks = data.draw(st.lists(st.binary(max_size=40), min_size=len(keys), max_size=len(keys)))
    pairs = list(zip(keys, blocks, strict=True))
    collection = Held(pairs, limit=limit)
    groups: dict[Any, list[bytes]] = {}
    for key, block in pairs:
        groups.setdefault(key, []).append(block)
    assert list(collection) == list(collection) == pairs
    assert len(collection) == len(pairs)
    found = [(key, list(group), list(group), len(group)) for key, group in collection.groups()]
    assert found == [(k, groups[k], groups[k], len(groups[k])) for k in sorted(groups)]
    both = {"some": collection, "none": Held(), "again": Held(pairs[:1])}
    for key, by_name in joined(both):
        wanted = {"some": groups[key], "none": [], "again": blocks[:1] * (key == keys[0])}
        assert {name: list(there) for name, there in by_name.items()} == wanted


def test_a_file_is_begun_where_memory_ends(tmp_path: Path) -> None:
    folder = tmp_path / "stage"
    fits = Held([(0, b"x" * 50), (1, b"y" * 50)], str(folder), limit=2 * (50 + OVERHEAD))
    assert [block for _, block in fits] == [b"x" * 50, b"y" * 50]
    assert not folder.exists()
    more = Held([(0, b"x" * 50), (1, b"y" * 51)], str(folder), limit=2 * (50 + OVERHEAD))
    assert [block for _, block in more] == [b"x" * 50, b"y" * 51]
    assert list(folder.iterdir()) == []  # the file has no name


def test_what_is_no_block_stays_in_memory() -> None:
    others: list[Any] = ["text", ("name", 3), (1, b"x", 2), {"a": b"b"}, b"bytes"]
    assert list(Held(others, limit=0)) == others


BIG = """
import resource, sys
from massivetext.pipelines.flow import flow
from massivetext.pipelines.flow.here import Here

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
blocks = Here(sys.argv[1]) | "n" >> flow.create(range(64))
made = blocks | "blocks" >> flow.flat_mapped(
    lambda n: ((n * 7 + m, bytes(65_536)) for m in range(64))
)
groups = made | "group" >> flow.Group()
joined = made.owner.join({"a": made, "b": made}, "join")
total = sum(len(block) for _, found in groups.elements for block in found)
assert total == 64 * 64 * 65_536
assert sum(len(b) for _, n in joined.elements for b in n["b"]) == total
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_where_blocks_are_many(tmp_path: Path) -> None:
    """256 MB of blocks, of which a process of its own holds a fraction."""
    command = [sys.executable, "-c", BIG, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 48 << 20
    assert list(tmp_path.iterdir()) == []

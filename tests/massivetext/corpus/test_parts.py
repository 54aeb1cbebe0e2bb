"""Parts: the same from any listing, covering every byte once."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.recipe import PartSizes
from massivetext.corpus.parts import ALONE, InputFile, check_names, plan_parts
from massivetext.errors import ConfigError
from massivetext.storage.globs import fixed_prefix


def divisible(kind: str) -> bool:
    return kind == "jsonl"


def file(name: str, size: int, source: str = "web", kind: str = "jsonl") -> InputFile:
    return InputFile(source, name, f"in/{name}", kind, size, "1")


files = st.lists(
    st.builds(
        file,
        st.text("abcd", min_size=1, max_size=4),
        st.integers(0, 500),
        st.sampled_from(["web", "books", "wikipedia"]),
        st.sampled_from(["jsonl", "warc"]),
    ),
    unique_by=lambda f: (f.source, f.name),
    max_size=30,
)


@given(files, st.randoms())
def test_parts_do_not_depend_on_the_listing(listing: list[InputFile], random: object) -> None:
    sizes = PartSizes(max_bytes=100, batch_bytes=150)
    shuffled = list(listing)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan_parts(shuffled, sizes, divisible) == plan_parts(listing, sizes, divisible)


@given(files)
def test_parts_cover_every_byte_once(listing: list[InputFile]) -> None:
    parts = plan_parts(listing, PartSizes(max_bytes=100, batch_bytes=150), divisible)
    assert [part.number for part in parts] == list(range(len(parts)))
    pieces = [(part, piece) for part in parts for piece in part.slices]
    for found in listing:
        own = [p for part, p in pieces if (part.source, p.path) == (found.source, found.path)]
        assert own[0].start == 0
        assert own[-1].end is None
        assert all(a.end == b.start for a, b in itertools.pairwise(own))
        assert len(own) == 1 or found.format == "jsonl"
    for part in parts:
        assert len({(part.source, part.format)}) == 1
        assert len(part.slices) == 1 or part.bytes <= 150


def numbered(count: int, size: int = 20_000) -> list[InputFile]:
    return [file(f"{number:04d}", size) for number in range(count)]


@pytest.mark.parametrize(("size", "most"), [(50, 2), (51, 1)])  # of 50, two fit 100
def test_batches_stop_at_their_bound(size: int, most: int) -> None:
    parts = plan_parts(numbered(400, size), PartSizes(1000, 100), divisible)  # tiny ones
    assert max(len(part.slices) for part in parts) == most


def test_few_files_are_parts_of_their_own_and_many_are_put_together() -> None:
    sizes = PartSizes(10**9, 640_000_000)
    assert len(plan_parts(numbered(ALONE), sizes, divisible)) == ALONE
    assert ALONE / 2 < len(plan_parts(numbered(4_000), sizes, divisible)) < ALONE * 2


@pytest.mark.parametrize("count", [20, ALONE - 1])
@pytest.mark.parametrize("name", ["", "0010x", "z"])
def test_of_few_files_one_more_changes_no_other_part(count: int, name: str) -> None:
    sizes = PartSizes(10**9, 64_000_000)
    before = plan_parts(numbered(count), sizes, divisible)
    after = plan_parts([*numbered(count), file(name, 20_000)], sizes, divisible)
    stems = {part.stem for part in after} - {part.stem for part in before}
    assert len(stems) == 1
    assert {part.stem for part in before} < {part.stem for part in after}


def test_of_many_files_one_more_changes_about_one_other_part() -> None:
    """However many there are: on average, and never all."""
    sizes, changed = PartSizes(10**9, 4_000_000), []
    for count in range(60, 1_000, 9):
        before = {part.stem for part in plan_parts(numbered(count), sizes, divisible)}
        after = {part.stem for part in plan_parts(numbered(count + 1), sizes, divisible)}
        changed.append(len(after - before))
    assert sum(changed) / len(changed) < 3
    assert max(changed) < 12


@given(files, files)
def test_parts_are_named_by_what_they_hold(one: list[InputFile], two: list[InputFile]) -> None:
    sizes = PartSizes(max_bytes=100, batch_bytes=150)
    held = {}
    for part in plan_parts(one, sizes, divisible) + plan_parts(two, sizes, divisible):
        pieces = [(piece.name, piece.start, piece.end) for piece in part.slices]
        what = (part.source, part.format, *pieces)
        assert held.setdefault(part.stem, what) == what
    assert len(set(held.values())) == len(held)


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("a/b/*.warc.gz", "a/b/"),
        ("a/b-*/c.txt", "a/"),
        ("*.txt", ""),
        ("a/b/c.txt", "a/b/"),
        ("gs://b/x/[0-9]/?.txt", "gs://b/x/"),
    ],
)
def test_fixed_prefix(pattern: str, prefix: str) -> None:
    assert fixed_prefix(pattern) == prefix


def test_two_files_of_one_name_are_refused() -> None:
    one, two = file("x", 1), file("x", 1)._replace(path="other/x")
    check_names([one, one])
    with pytest.raises(ConfigError, match="would share document ids"):
        check_names([one, two])

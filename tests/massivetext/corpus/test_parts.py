"""Parts: the same from any listing, covering every byte once."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.recipe import PartSizes
from massivetext.corpus.parts import InputFile, check_names, plan_parts
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


@pytest.mark.parametrize(
    ("size", "batches"), [(50, 2), (51, 3)]
)  # three files of 50 fit 100 only in twos
def test_batches_stop_at_their_bound(size: int, batches: int) -> None:
    listing = [file(name, size) for name in "abc"]
    parts = plan_parts(listing, PartSizes(max_bytes=1000, batch_bytes=100), divisible)
    assert len(parts) == batches


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

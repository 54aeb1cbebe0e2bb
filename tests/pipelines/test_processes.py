"""How parts are shared out to local processes, and what becomes of work that fails there."""

import os
import signal
from functools import partial
from pathlib import Path

import apache_beam as beam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError, StageError
from massivetext.parts import Part
from pipelines.processes import run_spread, share_out
from pipelines.runner import Execution
from pipelines.stage import Stage

KINDS = st.tuples(st.sampled_from(["web", "c4"]), st.integers(0, 1_000))


def parts_of(kinds: list[tuple[str, int]]) -> list[Part]:
    return [Part(n, source, "jsonl", (), size) for n, (source, size) in enumerate(kinds)]


@given(st.lists(KINDS, min_size=1, max_size=40), st.integers(1, 6))
def test_every_part_is_in_one_share_and_shares_are_even(
    kinds: list[tuple[str, int]], workers: int
) -> None:
    parts = parts_of(kinds)
    shares = share_out(parts, workers)
    assert sorted(p.number for share in shares for p in share) == list(range(len(parts)))
    assert all(shares)
    if len(parts) < 4 * workers:
        return
    assert len(shares) == 3 * workers
    largest = {s: max((n for kind, n in kinds if kind == s), default=0) for s in ("web", "c4")}
    for even, count in ((shares[:workers], 2), (shares[workers:], 1)):
        assert max(map(len, even)) - min(map(len, even)) <= count
        sizes = [sum(part.bytes for part in share) for share in even]
        assert max(sizes) - min(sizes) <= 2 * count * sum(largest.values())


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (1, [1]),
        (7, [1] * 7),
        (8, [2, 2, 1, 1, 1, 1]),
        (12, [4, 4, 1, 1, 1, 1]),
        (16, [4, 4, 2, 2, 2, 2]),
    ],
)
def test_large_shares_go_first(count: int, sizes: list[int]) -> None:
    assert [len(share) for share in share_out(parts_of([("web", 1)] * count), 2)] == sizes


def add_writing(pipeline: beam.Pipeline, parts: list[Part], folder: str) -> None:
    _ = pipeline | beam.Create(parts) | beam.Map(write_process, folder)


def write_process(part: Part, folder: str) -> None:
    (Path(folder) / str(part.number)).write_text(str(os.getpid()))


def add_failing(pipeline: beam.Pipeline, parts: list[Part], how: str) -> None:
    _ = pipeline | beam.Create(parts) | beam.Map(fail, how)


def fail(part: Part, how: str) -> None:
    if part.number == 2 and how == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if part.number == 2:
        raise ConfigError("part 2 is wrong")


def test_parts_run_in_other_processes(tmp_path: Path) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([("web", 1)] * 5)
    run_spread(
        stage, partial(add_writing, folder=str(tmp_path)), parts, Execution(workers=2), share_out
    )
    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert sorted(found) == ["0", "1", "2", "3", "4"]
    assert str(os.getpid()) not in found.values()


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ("dies", StageError, "documents: a worker process died"),
        ("raises", ConfigError, "^part 2 is wrong$"),
    ],
)
def test_failures_are_errors_of_the_stage(
    tmp_path: Path, how: str, error: type[Exception], message: str
) -> None:
    stage, parts = Stage("documents", str(tmp_path), "k"), parts_of([("web", 1)] * 4)
    with pytest.raises(error, match=message):
        run_spread(stage, partial(add_failing, how=how), parts, Execution(workers=2), share_out)

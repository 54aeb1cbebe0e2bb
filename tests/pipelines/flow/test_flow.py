"""A flow means the same here and on Beam, and a build of this machine has no use for Beam."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from massivetext.pipelines.flow import flow
from massivetext.pipelines.flow.here import Here
from massivetext.pipelines.flow.on_beam import OnBeam
from tests.support.commands import json_lines, write_recipe

Pair = tuple[int, bytes]


class Split:
    """Sends odd keys to another output, and needs readying."""

    def setup(self) -> None:
        self.is_ready = True

    def process(self, pair: Pair) -> Iterator[Pair | flow.Tagged]:
        assert self.is_ready
        yield pair if pair[0] % 2 == 0 else flow.Tagged("odd", pair)


class Longest:
    """The largest sum."""

    def create_accumulator(self) -> int:
        return 0

    def add_input(self, mutable_accumulator: int, element: tuple[int, int]) -> int:
        return max(mutable_accumulator, element[1])

    def merge_accumulators(self, accumulators: Iterable[int]) -> int:
        return max(accumulators)

    def extract_output(self, accumulator: int) -> int:
        return accumulator


class Scale:
    """Adds one element of another collection to each."""

    def process(self, pair: tuple[int, int], longest: int) -> Iterator[tuple[int, int]]:
        yield pair[0], pair[1] + longest


def sizes(pair: Pair, more: int) -> Iterator[tuple[int, int]]:
    if pair[1]:
        yield pair[0], len(pair[1]) + more


def told(joined: tuple[int, dict[str, Any]]) -> tuple[int, list[list[bytes]]]:
    return joined[0], [sorted(joined[1][name]) for name in ("even", "odd", "all")]


def grouped(group: tuple[int, Any]) -> tuple[int, list[bytes]]:
    return group[0], sorted(group[1])


def build(owner: flow.Flow, pairs: list[Pair], keep: Any) -> None:
    """Adds every kind of step, and keeps what comes out."""
    every = owner | "every" >> flow.create(pairs).yielding(Pair)
    split = (every | "spread" >> flow.Spread()).outputs(
        "split" >> flow.do_with_outputs(Split(), Pair, "even", "odd")
    )
    named = {"even": split["even"], "odd": split["odd"], "all": every}
    keep("joined", owner.join(named, "join") | "told" >> flow.mapped(told))
    both = owner.together((split["even"], split["odd"]), "both")
    keep("groups", both | "group" >> flow.Group() | "grouped" >> flow.mapped(grouped))
    sums = both | "sizes" >> flow.flat_mapped(sizes, 1) | "sum" >> flow.Sum()
    keep("sums", sums)
    none = owner.together((), "none")
    keep("none", none)
    longest = sums | "longest" >> flow.fold(Longest())
    keep("scaled", sums | "scale" >> flow.do(Scale()).given(longest).yielding(tuple[int, int]))


def elements_of(owner: Here, pairs: list[Pair]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    build(owner, pairs, lambda name, made: found.update({name: list(made.elements)}))
    return found


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=99)), max_size=8))
@example([])
def test_here_and_beam_agree(pairs: list[Pair]) -> None:
    here, in_files = elements_of(Here(), pairs), elements_of(Here(limit=150), pairs)
    assert here == in_files
    assert here["none"] == []
    with beam.Pipeline(runner="FnApiRunner") as pipeline:

        def keep(name: str, found: Any) -> None:
            assert_that(found.pcollection, equal_to(here[name]), label=f"{name} is equal")

        build(OnBeam(pipeline), pairs, keep)


def test_a_build_here_imports_no_beam(tmp_path: Path) -> None:
    (tmp_path / "c4.jsonl").write_bytes(json_lines(*range(20)))
    recipe = write_recipe(tmp_path / "recipe.toml", {"c4": "c4.jsonl"}, tokens=2_000, length=64)
    code = (
        "import sys\nfrom massivetext.cli.main import main\n"
        f"assert main(['build', {str(recipe)!r}, '--output', {str(tmp_path / 'out')!r}]) == 0\n"
        "slow = ('apache_beam', 'grpc', 'google.cloud.storage')\n"
        "print([name for name in slow if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"

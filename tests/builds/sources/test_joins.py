"""A second crawl and a source of papers: each row joins back to its input, on any runner."""

from pathlib import Path

import pytest

from massivetext.pipelines.portable.options import find_prism
from tests.support.commands import check_conserved, run, stage
from tests.support.joins import EXPECTED, RECIPE, RULES, check_joins, write_inputs
from tests.support.outputs import documents
from tests.support.own_sources import build_own

pytestmark = pytest.mark.xdist_group("own sources")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of inputs with a recipe, and its build on two workers."""
    folder = tmp_path_factory.mktemp("joins")
    write_inputs(folder)
    finished = build_own(folder, RECIPE, RULES)
    assert finished.code == 0, finished.err
    return folder, folder / "out"


def test_every_row_joins_back_to_its_record_or_row(made: tuple[Path, Path]) -> None:
    folder, output = made
    check_conserved(output)
    assert check_joins(documents(output, "*part-*.parquet"), folder) == EXPECTED
    forum = stage(output, "documents")["sources"]["forum"]
    assert forum["own_calls"] == {"my_rules.py:clean": 60, "my_rules.py:judge": 54}


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_prism_gives_the_same_rows_and_shards(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, output = made
    if find_prism() is None:
        pytest.skip("no prism here; `make prism` builds it")
    there = tmp_path / "out"
    words = ("build", folder / "recipe.toml", "--output", there, "--runner=PrismRunner")
    finished = run(*words)
    assert finished.code == 0, finished.err
    assert check_joins(documents(there, "*part-*.parquet"), folder) == EXPECTED
    shards = sorted((output / "sequences").glob("*.tfrecord-*"))
    assert shards
    for shard in shards:
        assert (there / "sequences" / shard.name).read_bytes() == shard.read_bytes()

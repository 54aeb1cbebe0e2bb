"""The sample is the same everywhere, and its validation is no copy of what is trained on."""

import hashlib
import re
import tomllib
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from massivetext.paper import SOURCES
from massivetext.sample.planted.jaccard import shingles_of
from tests.support.reference import is_validation, rules_of, surviving

pytestmark = pytest.mark.xdist_group("sample")

# `cat out/sample/sequences/*.tfrecord* | sha256sum` after `make run`, under every Python.
GOLDEN = "b806bf1cbd65ed144f7d2bfbd3671a97d28e98420e77565d750c356f299bbb0a"
ROOT = Path(__file__).parents[2]


def other_versions() -> list[str]:
    """The packages of the base install that are not of the version that is pinned."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [re.split(r"[\[<>=~! ]", line)[0] for line in project["dependencies"]]
    lines = (ROOT / "constraints.txt").read_text().split()
    pinned = dict(line.lower().split("==") for line in lines)
    found = {name: installed(name) for name in names}
    return [f"{n} {v}, not {pinned[n.lower()]}" for n, v in found.items() if v != pinned[n.lower()]]


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def test_the_shards_are_the_golden_ones(sample: Path) -> None:
    if others := other_versions():
        pytest.skip(f"other versions than constraints.txt's give another sample: {others}")
    digest = hashlib.sha256()
    for path in sorted((sample / "sequences").glob("*.tfrecord*")):
        digest.update(path.read_bytes())
    assert digest.hexdigest() == GOLDEN


def test_of_validations_13_grams_under_two_percent_stand_in_train(sample: Path) -> None:
    """Of each source's distinct 13-grams, against the train documents of all sources."""
    rules = rules_of(sample)
    train: set[str] = set()
    held: dict[str, set[str]] = defaultdict(set)
    for path in (sample / "tokens").glob("part-*.json"):
        for row in surviving(sample, path.stem):
            grams = shingles_of(row["text"])
            (held[row["source"]] if is_validation(row, rules) else train).update(grams)
    assert set(held) == set(SOURCES)
    assert all(len(grams) > 1_000 for grams in held.values())
    shares = {source: len(grams & train) / len(grams) for source, grams in held.items()}
    assert max(shares.values()) < 0.02, shares

"""Thresholds judged from stored measures give the fates of a full build, and quickly."""

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.recipe import Filters
from massivetext.filters.rejudge.judge import NAMES, first_broken, rejudge
from massivetext.filters.rejudge.thresholds import Thresholds
from massivetext.filters.rules.bounds import broken, source_bounds
from massivetext.measures import Measures
from massivetext.paper import QualityRules, RepetitionRules
from tests.support.commands import one_line, prose, run, write_recipe

MILLION = 1_000_000


def table_of(rows: list[tuple[int, ...]]) -> pa.Table:
    columns = [pa.array([row[place] for row in rows], pa.int64()) for place in range(len(NAMES))]
    return pa.table(dict(zip(NAMES, columns, strict=True)))


counts = st.one_of(st.integers(0, 60), st.integers(0, 1 << 40))
measured = st.tuples(*[counts for _ in NAMES])


@given(st.lists(measured, min_size=1, max_size=20), st.randoms())
def test_equal_to_the_verdict_of_stage_1(rows: list[tuple[int, ...]], draw: random.Random) -> None:
    """At bounds of any decimals and counts of any size."""
    quality = QualityRules(
        min_words=draw.choice([None, 1, 50, 60]),
        max_hash_ratio=draw.choice([0.1, 0.3, 0.123456789012345, None]),
        min_mean_word_length=draw.choice([3.0, 2.5, 1e-7]),
    )
    filters = Filters(quality=quality, repetition=RepetitionRules(max_top_2_gram_fraction=0.2))
    bounds = source_bounds("web", filters)
    first = first_broken(table_of(rows), bounds)
    for row, place in zip(rows, first.tolist(), strict=True):
        reasons = broken(Measures(*row), bounds)
        assert (str(bounds[place].reason) if place < len(bounds) else None) == (
            str(reasons[0]) if reasons else None
        )


@pytest.mark.parametrize(("words", "least", "kept"), [(50, 50, True), (50, 51, False)])
def test_a_document_exactly_at_a_bound_is_kept(words: int, least: int, kept: bool) -> None:
    row = Measures(*[0] * len(NAMES))._replace(words=words, word_characters=4 * words)
    row = row._replace(alphabetic_words=words, stop_words=2)
    bounds = source_bounds("web", Filters(quality=QualityRules(min_words=least)))
    assert (rejudge(table_of([row]), Thresholds(bounds)).new[0] == "kept") == kept


def test_reasons_that_no_threshold_gives_stay() -> None:
    row = Measures(*[0] * len(NAMES))._replace(words=40, word_characters=160)
    row = row._replace(alphabetic_words=40, stop_words=2)
    table = table_of([row, row, row])
    unmeasured = pa.table({name: pa.array([None], pa.int64()) for name in NAMES})
    table = pa.concat_tables([table, unmeasured])
    reasons = [["word_count"], ["word_count", "too_many_braces"], ["too_many_braces"], ["language"]]
    table = table.append_column("reasons", pa.array(reasons, pa.list_(pa.string())))
    loose = source_bounds("web", Filters(quality=QualityRules(min_words=30)))
    found = rejudge(table, Thresholds(loose))
    assert found.old.tolist() == ["word_count", "word_count", "too_many_braces", "language"]
    assert found.new.tolist() == ["kept", "too_many_braces", "too_many_braces", "language"]


def test_a_million_documents_take_seconds() -> None:
    """All measures of a million documents, all rules: processor time, for other load is there."""
    draw = np.random.default_rng(0)
    columns = {name: pa.array(draw.integers(0, 1_000, MILLION)) for name in NAMES}
    bounds = source_bounds("web", Filters())
    began = time.process_time()
    rejudge(pa.table(columns), Thresholds(bounds))
    assert time.process_time() - began < 20


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recipe of web pages of many lengths, and its build."""
    folder = tmp_path_factory.mktemp("rejudge")
    texts = [prose(n, sentences=1 + n % 9) for n in range(80)]
    texts += [prose(n) + "#tag " * (n % 40) for n in range(80, 120)]
    texts += ["Das Haus und der Garten sind sehr schön, und die Kinder spielen dort gern." * 3]
    lines = [json.dumps({"text": text}) for text in texts]
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    recipe = write_recipe(folder / "recipe.toml", {"web": "*.jsonl"})
    finished = run("build", recipe, "--output", folder / "out")
    assert finished.code == 0, finished.err
    return recipe, folder / "out"


def fates(output: Path) -> dict[str, str]:
    """Returns the first reason of every document, or "kept", by id."""
    found = {}
    for path in (output / "documents").glob("*part-*.parquet"):
        for row in pq.read_table(path).to_pylist():
            found[row["id"]] = row["reasons"][0] if "reasons" in row else "kept"
    return found


@pytest.mark.parametrize(
    "change",
    [
        "filters.quality.min_words=30",
        "filters.quality.min_words=90",
        "filters.quality.max_hash_ratio=off",
    ],
)
def test_equal_to_a_full_build(built: tuple[Path, Path], tmp_path: Path, change: str) -> None:
    recipe, output = built
    finished = run("rejudge", output, "--set", change, "--json")
    assert finished.code == 0, finished.err
    (web,) = json.loads(finished.out)["sources"]
    assert run("documents", recipe, "--output", tmp_path, "--set", change).code == 0
    old, new = fates(output), fates(tmp_path)
    wanted = Counter((old[name], new[name]) for name in old if old[name] != new[name])
    assert {(c["old"], c["new"]): c["documents"] for c in web["changes"]} == dict(wanted) != {}
    assert web["kept_then"] == sum(fate == "kept" for fate in new.values())


def test_what_measures_do_not_tell_is_one_line(built: tuple[Path, Path]) -> None:
    for change in ("filters.language.language=de", "seed=1", "duplicates.max_jaccard=0.7"):
        finished = run("rejudge", built[1], "--set", change)
        assert finished.code == 2
        assert "stored measures do not tell what that changes" in one_line(finished)
    assert "min_word" in one_line(run("rejudge", built[1], "--set", "filters.quality.min_word=3"))


def test_nothing_is_written(built: tuple[Path, Path]) -> None:
    before: dict[Path, Any] = {p: p.read_bytes() for p in built[1].rglob("*") if p.is_file()}
    out = run("rejudge", built[1], "--set", "filters.quality.min_words=30").out.decode()
    assert "gained" in out
    assert "word_count" in out
    assert {p: p.read_bytes() for p in built[1].rglob("*") if p.is_file()} == before

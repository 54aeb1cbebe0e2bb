"""What a few seeds can tell, and whether held-out text stands in training."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massivetext.errors import ConfigError
from massivetext.train.config.config import TrainConfig
from massivetext.train.data.dataset import Dataset, open_dataset
from massivetext.train.laboratory import overlap
from massivetext.train.laboratory.differences import compare_recipes, sources_of
from massivetext.train.laboratory.held_out import hold_out
from massivetext.train.laboratory.models import score_recipe
from massivetext.train.laboratory.plan import Plan, Question, Variant
from massivetext.train.laboratory.plot import plot_answers
from massivetext.train.laboratory.tables import answers, as_json, format_results


def scores_of(pairs: dict[str, list[float]]) -> dict[str, dict[int, dict[str, float]]]:
    return {
        name: {seed: {"all": value, "web": 1.0} for seed, value in enumerate(values)}
        for name, values in pairs.items()
    }


def test_intervals_are_students() -> None:
    """Three differences of -0.1, -0.2, -0.3: t of two degrees at 97.5 % is 4.3027."""
    scores = scores_of({"a": [2.0, 2.0, 2.0], "b": [1.9, 1.8, 1.7]})
    found = compare_recipes(scores, Question("?", ("a", "b")), "all")
    assert found.mean == pytest.approx(-0.2)
    assert found.error == pytest.approx(0.1 / math.sqrt(3))
    assert found.half == pytest.approx(4.302653 * 0.1 / math.sqrt(3), rel=1e-6)
    assert found.verdict == "cannot be told apart"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ([1.8, 1.8, 1.81], "b is better"),
        ([2.2, 2.2, 2.19], "b is worse"),
        ([2.0, 2.0, 2.0], "cannot be told apart"),
        ([1.0, 2.0, 2.9], "cannot be told apart"),
    ],
)
def test_verdicts_need_the_interval_to_leave_zero_out(values: list[float], verdict: str) -> None:
    scores = scores_of({"a": [2.0, 2.0, 2.0], "b": values})
    assert compare_recipes(scores, Question("?", ("a", "b")), "all").verdict == verdict


def test_sources_are_those_that_all_models_were_judged_on() -> None:
    scores = scores_of({"a": [1.0], "b": [1.0]})
    scores["b"][0]["books"] = 2.0
    assert sources_of(scores) == ["all", "web"]


def test_runs_end_at_the_edges_of_documents() -> None:
    row = np.arange(10, 10 + 100, dtype=np.uint16)[None]
    assert len(np.unique(overlap.runs(row))) == 100 - overlap.RUN + 1
    row[0, 50] = 2  # an end: no run goes over it
    assert len(overlap.runs(row)) == (50 - overlap.RUN + 1) + (49 - overlap.RUN + 1)
    assert len(overlap.runs(row[:, : overlap.RUN - 1])) == 0


def test_shares_count_what_both_have() -> None:
    generator = np.random.default_rng(0)
    held_out, training = (generator.integers(3, 400, (4, 100), np.uint16) for _ in range(2))
    texts = {"a": [held_out[:2]], "b": [held_out[2:]]}
    assert overlap.shares(texts, [training]) == {"a": 0, "b": 0}
    training[2, 7:77] = held_out[1, 20:90]  # 70 tokens: 39 runs of 2 x 69
    found = overlap.shares(texts, [training[:2], training[2:]])
    assert found == {"a": pytest.approx(39 / 138), "b": 0}
    assert overlap.shares(texts, [held_out]) == {"a": 1, "b": 1}
    assert overlap.shares({"short": [held_out[:, :20]]}, [training]) == {"short": 0}
    assert overlap.shares({}, [training]) == {}


def test_held_out_text_that_stands_in_training_is_refused_by_name(corpus: Path) -> None:
    dataset = open_dataset(str(corpus))
    texts = hold_out(Plan(""), dataset).tokens()
    assert list(texts) == ["books", "web"]
    records = list(dataset.train.values())
    assert overlap.check_held_out("paper", texts, records, 0.01) == {"books": 0, "web": 0}
    leaked = {"web": [next(overlap.sequences(records[0]))[:3]]}
    with pytest.raises(ConfigError, match=r"recipe paper: 100.0% of the held-out text web stands"):
        overlap.check_held_out("paper", leaked, records, 0.01)


def make_plan(**more: Any) -> Plan:
    recipes = {"mixed": Variant(), "by-source": Variant()}
    tiny = ("model.width=32", "model.layers=1", "model.context=64", "run.batch_tokens=[64]")
    return Plan("", recipes, train_set=tiny, steps=2, seeds=(0, 1), windows=2, **more)


@pytest.mark.heavy
def test_models_are_scored_once_and_told(
    corpus: Path, corpus_by_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = make_plan()
    corpora = {"mixed": open_dataset(str(corpus)), "by-source": open_dataset(str(corpus_by_source))}
    held_out = hold_out(plan, corpora["mixed"])

    def run(plan: Plan) -> dict[str, Any]:
        return {n: score_recipe(plan, n, c, held_out, tmp_path) for n, c in corpora.items()}

    scores = run(plan)
    assert {name: sorted(seeds) for name, seeds in scores.items()} == {
        "mixed": [0, 1], "by-source": [0, 1]
    }  # fmt: skip
    assert sorted(scores["mixed"][0]) == ["all", "books", "web"]
    capsys.readouterr()
    assert run(plan) == scores  # nothing is trained again
    assert "step" not in capsys.readouterr().err
    text = format_results(plan, _config(plan), corpora, scores)
    assert "| mixed | 30.7 thousand | 0.00 times |" in text
    assert "by-source against mixed (mixed → by-source)" in text
    found = answers(plan, scores)
    assert [d.source for d in found] == ["all", "books", "web"]
    assert as_json(plan, scores, {})["answers"][0]["second"] == "by-source"
    plot_answers(found[:1], "", tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 5_000
    longer = dataclasses.replace(plan, steps=3, seeds=(0,))
    run(longer)
    assert "step 3/3" in capsys.readouterr().err


def test_a_plan_says_what_its_seeds_vary(corpus: Path) -> None:
    corpora = {name: open_dataset(str(corpus)) for name in ("mixed", "by-source")}
    scores = {name: {seed: {"all": 2.0 + seed} for seed in (0, 1)} for name in corpora}
    for varied, column, told in (
        (False, "on these sequences", "Seeds vary first values alone"),
        (True, "verdict", "Seeds vary first values and which sequences"),
    ):
        plan = make_plan(vary_data=varied)
        assert _config(plan).data.shuffle is varied
        text = format_results(plan, _config(plan), corpora, scores)
        assert f"| interval | {column} |" in text
        assert told in text


def _config(plan: Plan) -> TrainConfig:
    from massivetext.train.laboratory.models import config_of

    return config_of(plan, 0)


def test_files_of_text_are_held_out_too(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text("kaka lolo mimi. " * 40)
    plan = make_plan(held_out=(str(file),))
    dataset: Dataset = open_dataset(str(corpus))
    held_out = hold_out(plan, dataset)
    assert list(held_out.tokens()) == ["own.txt"]
    before = held_out.digest()
    file.write_text("kaka lolo mimi? " * 40)
    assert held_out.digest() != before
    missing = dataclasses.replace(plan, held_out=("none.txt",))
    with pytest.raises(ConfigError, match=r"held_out: none\.txt is no file"):
        hold_out(missing, dataset)

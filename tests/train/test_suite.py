"""lm-eval on miniature files of every group, offline. Part of ``make test-eval``: needs lm-eval."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massivetext.errors import ConfigError
from train.model_folder import load_model
from train.score import Scorer
from train.suite import Result, format_results, run_suite, write_task
from train.tasks import TASKS

WITHOUT = "lm-eval has an environment of its own, .venv-eval: make test-eval"
BY_NAME = {task.name: task for task in TASKS}
WORDS = ["kalo", "mine", "rusha", "tivo", "peda", "nelo", "sham", "voru"]


def sentence(generator: np.random.Generator, words: int = 6) -> str:
    return " ".join(generator.choice(WORDS, words))


def miniature(name: str, generator: np.random.Generator) -> dict[str, Any]:
    """One record in the data set's own format; the right answer is a fair draw."""
    options = [sentence(generator, 3) for _ in range(4)]
    gold, query = int(generator.integers(4)), sentence(generator)
    labels = ["SUPPORTS", "REFUTES", "NOT ENOUGH INFO"]
    records: dict[str, dict[str, Any]] = {
        "mmlu_anatomy": {"question": query, "choices": options, "answer": gold},
        "race_middle": {"article": query, "question": query, "options": options,
                        "answer": "ABCD"[gold]},
        "fever_2way": {"claim": query, "label": labels[gold % 2]},
        "fever_3way": {"claim": query, "label": labels[int(generator.integers(3))]},
        "lambada": {"text": query},
        "hellaswag": {"ctx": query, "endings": options, "label": str(gold)},
        "nq": {"question": query, "answer": options[:2]},
        "bigbench_navigate": {"inputs": query, "multiple_choice_targets": options[:2],
                              "multiple_choice_scores": [1 - gold % 2, gold % 2]},
        "pile_arxiv": {"text": sentence(generator, 60)},
    }  # fmt: skip
    return records[name]


CHANCE = {"mmlu_anatomy": 25, "race_middle": 25, "fever_2way": 50, "fever_3way": 100 / 3,
          "hellaswag": 25, "bigbench_navigate": 50}  # fmt: skip
NAMES = (*CHANCE, "lambada", "nq", "pile_arxiv")


def write_data(folder: Path, questions: int) -> Path:
    folder.mkdir()
    for i, name in enumerate(NAMES):
        generator = np.random.default_rng(i)
        count = questions if name in CHANCE else 6
        lines = [json.dumps(miniature(name, generator)) for _ in range(count)]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def results(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    pytest.importorskip("lm_eval", reason=WITHOUT)
    data = write_data(tmp_path_factory.mktemp("tasks") / "data", 120)
    shots = json.dumps(miniature("mmlu_anatomy", np.random.default_rng(99)))
    (data / "mmlu_anatomy.shots.jsonl").write_text("\n".join([shots] * 5))
    found = run_suite(Scorer(load_model(str(trained))), data)
    return {result.task.name: result for result in found}


@pytest.mark.heavy
def test_every_group_runs_offline(results: dict[str, Result]) -> None:
    ran = {name: r for name, r in results.items() if r.value is not None}
    assert set(ran) == set(NAMES)
    assert {r.task.group for r in ran.values()} == {task.group for task in TASKS}
    assert ran["mmlu_anatomy"].note == ""
    assert ran["fever_3way"].note.startswith("0 shots, not 10")
    assert len(results) == 152


@pytest.mark.heavy
def test_a_model_that_knows_nothing_is_at_chance(results: dict[str, Result]) -> None:
    for name, chance in CHANCE.items():
        result = results[name]
        assert result.value is not None
        spread = 100 * math.sqrt(chance / 100 * (1 - chance / 100) / result.questions)
        assert abs(result.value - chance) < 3 * spread, name


@pytest.mark.heavy
def test_pile_bits_per_byte_are_the_sum_by_hand(results: dict[str, Result], trained: Path) -> None:
    scorer, generator = (
        Scorer(load_model(str(trained))),
        np.random.default_rng(NAMES.index("pile_arxiv")),
    )
    texts = [miniature("pile_arxiv", generator)["text"] for _ in range(6)]
    nats = -sum(scorer.rolling(text) for text in texts)
    expected = nats / math.log(2) / sum(len(text.encode()) for text in texts)
    assert results["pile_arxiv"].value == pytest.approx(expected, rel=1e-5)


@pytest.mark.heavy
def test_missing_tasks_say_why(results: dict[str, Result]) -> None:
    text = format_results(list(results.values()))
    assert "missing: triviaqa: no triviaqa.jsonl" in text
    assert "MMLU: 1 of 57 tasks" in text
    assert "56.3" in text  # Gopher on anatomy, beside ours


@pytest.mark.heavy
def test_lm_eval_has_the_tasks_that_we_say_it_has() -> None:
    pytest.importorskip("lm_eval", reason=WITHOUT)
    from lm_eval.tasks import TaskManager

    known = set(TaskManager().all_tasks)
    assert {t.lm_eval for t in TASKS if t.lm_eval != "ours"} <= known
    assert {t.name for t in TASKS if t.lm_eval == "ours"} == {
        "race_middle", "fever_2way", "fever_3way", "multifc",
    }  # fmt: skip


def test_data_that_cannot_be_read_are_a_note(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    out.mkdir()
    for content, line in (("{}\n", 1), ('{"text": "a b"}\n[1]\n', 2), ("not json\n", 1)):
        (data / "lambada.jsonl").write_text(content)
        written = write_task(BY_NAME["lambada"], data, out, None)
        assert written.questions == 0
        assert f"lambada.jsonl:{line}:" in written.note


def test_folder_without_data_is_refused(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no data of any task"):
        run_suite(Scorer(load_model(str(trained))), tmp_path)

"""lm-eval on miniature files of every group, offline. Part of ``make test-eval``: needs lm-eval."""

import importlib
import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from massivetext.decontaminate.task_formats import READERS, Question, to_question
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError
from massivetext.train.evaluation.score import Likelihood, Scorer
from massivetext.train.evaluation.suite import (
    Result,
    choose_tasks,
    describe,
    format_results,
    run_suite,
    write_task,
)
from massivetext.train.inference.model_folder import load_model

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
        "hellaswag": {"activity_label": query, "ctx_a": query, "ctx_b": "", "endings": options,
                      "label": str(gold)},
        "winogrande": {"sentence": f"{query} _ {query}", "option1": options[0],
                       "option2": options[1], "answer": str(1 + gold % 2)},
        "nq": {"question": query, "answer": options[:2]},
        "bigbench_navigate": {"inputs": query, "multiple_choice_targets": options[:2],
                              "multiple_choice_scores": [1 - gold % 2, gold % 2]},
        "pile_arxiv": {"text": sentence(generator, 60)},
    }  # fmt: skip
    return records[name]


CHANCE = {"mmlu_anatomy": 25, "race_middle": 25, "fever_2way": 50, "fever_3way": 100 / 3,
          "hellaswag": 25, "bigbench_navigate": 50, "winogrande": 50}  # fmt: skip
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


class PairModel:
    """A word is as likely as a table says after the word before; written is always the same."""

    def __init__(self, nats: Mapping[tuple[str, str], float], written: str = "") -> None:
        self.nats, self.written = nats, written
        self.asked: list[tuple[str, str]] = []

    def continuations(self, pairs: Sequence[tuple[str, str]]) -> list[Likelihood]:
        self.asked += pairs
        return [Likelihood(self.likelihood(*pair), False) for pair in pairs]

    def likelihood(self, prefix: str, text: str) -> float:
        before, words = prefix.split(), text.split()
        return sum(self.nats.get(pair, 0.0) for pair in pairwise([*before[-1:], *words]))

    def rolling(self, text: str) -> float:
        self.asked.append(("", text))
        return 0.0

    def write(self, prefix: str, tokens: int) -> str:
        self.asked.append((prefix, ""))
        return self.written


def ask(
    model: PairModel, data: Path, name: str, record: Mapping[str, Any], shots: Sequence[Any] = ()
) -> float | None:
    """Returns what one record comes to, with lm-eval between it and the model."""
    pytest.importorskip("lm_eval", reason=WITHOUT)
    (data / f"{name}.jsonl").write_text(json.dumps(record))
    if shots:
        (data / f"{name}.shots.jsonl").write_text("\n".join(map(json.dumps, shots)))
    found = run_suite(cast("Scorer", model), data)
    return next(result.value for result in found if result.task.name == name)


@pytest.mark.heavy
def test_winogrande_scores_what_follows_the_option_and_not_the_option(tmp_path: Path) -> None:
    """-1 against -6 for the rest of the sentence; the options alone, -20 and -1, say otherwise."""
    model = PairModel({
        ("the", "axolotl"): -20.0, ("axolotl", "swam."): -1.0,
        ("the", "chair"): -1.0, ("chair", "swam."): -6.0,
    })  # fmt: skip
    record = {"sentence": "At once the _ swam.", "option1": "axolotl", "option2": "chair"}
    assert ask(model, tmp_path, "winogrande", record | {"answer": "1"}) == 100.0
    assert model.asked == [
        ("At once the axolotl", " swam."), ("At once the chair", " swam."),
    ]  # fmt: skip
    assert ask(model, tmp_path, "winogrande", record | {"answer": "2"}) == 0.0


@pytest.mark.heavy
def test_mmlu_prompt_is_the_subject_the_examples_and_the_question(tmp_path: Path) -> None:
    model = PairModel({("Answer:", "B"): -1.0, ("Answer:", "A"): -2.0})
    shot = {"question": "2+2?", "choices": ["4", "5"], "answer": 0}
    record = {"question": "1+1?", "choices": ["1", "2"], "answer": 1}
    assert ask(model, tmp_path, "mmlu_college_mathematics", record, [shot]) == 100.0
    prompt = (
        "The following are multiple choice questions (with answers) about college mathematics."
        "\n\n2+2?\nA. 4\nB. 5\nAnswer: A\n\n1+1?\nA. 1\nB. 2\nAnswer:"
    )
    assert model.asked == [(prompt, " A"), (prompt, " B")]


@pytest.mark.heavy
def test_hellaswag_is_asked_without_marks(tmp_path: Path) -> None:
    record = {"activity_label": "Naps", "ctx_a": "How to nap [title] Lie down.", "ctx_b": "you",
              "endings": ["[step] sleep.", "run."], "label": "1"}  # fmt: skip
    model = PairModel({("You", "sleep."): -2.0, ("You", "run."): -1.0})
    assert ask(model, tmp_path, "hellaswag", record) == 100.0
    prompt = "Naps: How to nap. Lie down. You"
    assert model.asked == [(prompt, "  sleep."), (prompt, " run.")]


@pytest.mark.heavy
@pytest.mark.parametrize(("written", "value"), [(" Paris, or", 100.0), (" rome.", 0.0)])
def test_triviaqa_takes_the_first_words_as_the_answer(
    tmp_path: Path, written: str, value: float
) -> None:
    shot = {"question": "Capital of Italy?", "answer": {"aliases": ["Rome", "Roma"]}}
    record = {"question": "Capital of France?", "answer": {"aliases": ["Lutetia", "PARIS"]}}
    model = PairModel({}, written)
    assert ask(model, tmp_path, "triviaqa", record, [shot]) == value
    prompt = "Question: Capital of Italy?\nAnswer: Rome\n\nQuestion: Capital of France?\nAnswer:"
    assert model.asked == [(prompt, "")]


@pytest.mark.heavy
def test_last_words_are_asked_after_the_rest(tmp_path: Path) -> None:
    model = PairModel({})
    assert ask(model, tmp_path, "lambada", {"text": "she went back home"}) == 0.0
    assert model.asked == [("she went back", " home")]


@pytest.mark.heavy
def test_a_document_that_looks_like_python_is_text(tmp_path: Path) -> None:
    model = PairModel({})
    assert ask(model, tmp_path, "pile_github", {"text": "[1, 2]"}) == 0.0
    assert model.asked == [("", "[1, 2]")]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("activity", "first", "second", "ending"),
    [
        ("Naps", "How to nap [title] Lie down.  [step] Rest.", "", " [substeps] Or [a]  do not. "),
        ("Baking", "A man [[x] y] mixes", "the NBA star", "[title] runs [title] off"),
        (" [header] Odd", "", "", ""),
    ],
)
def test_hellaswags_texts_are_those_of_lm_eval(
    activity: str, first: str, second: str, ending: str
) -> None:
    pytest.importorskip("lm_eval", reason=WITHOUT)
    theirs = importlib.import_module("lm_eval.tasks.hellaswag.utils").preprocess
    record = {"activity_label": activity, "ctx_a": first, "ctx_b": second, "endings": [ending]}
    query = theirs(f"{activity}: {first} {second.capitalize()}")
    expected = Question(query, (" " + theirs(ending),))
    assert to_question("hellaswag", record | {"label": "0"}) == expected


@pytest.mark.heavy
def test_winograndes_contexts_are_those_of_lm_eval() -> None:
    pytest.importorskip("lm_eval", reason=WITHOUT)
    theirs = importlib.import_module("lm_eval.tasks.winogrande.preprocess_winogrande")
    record = {"sentence": "Ann's _ 's  fell_. ", "option1": "cup", "option2": "cat", "answer": "2"}
    contexts, gold = tuple(theirs.doc_to_choice(record)), theirs.doc_to_text(record)
    expected = Question("", contexts, gold, ending=" " + theirs.doc_to_target(record))
    assert to_question("winogrande", record) == expected


@pytest.mark.heavy
def test_descriptions_are_those_of_lm_eval() -> None:
    lm_eval = pytest.importorskip("lm_eval", reason=WITHOUT)
    yaml = importlib.import_module("yaml")
    folder = Path(lm_eval.__file__).parent / "tasks"
    for task in TASKS:
        if task.description:
            home = "mmlu/default" if task.group == "MMLU" else task.lm_eval
            theirs = yaml.safe_load((folder / home / f"{task.lm_eval}.yaml").read_text())
            assert task.description == theirs["description"]


def test_every_field_that_lm_eval_is_told_of_is_a_questions(tmp_path: Path) -> None:
    for task in TASKS:
        told = describe(task, tmp_path, 0)
        fields = {value for key, value in told.items() if key.startswith("doc_to_") and value}
        assert fields <= set(Question._fields), task.name
        assert told["description"] == task.description
    assert {READERS[task.format].kind for task in TASKS} == {
        "text", "choice", "context", "word", "answer",
    }  # fmt: skip


@pytest.mark.heavy
def test_missing_tasks_say_why(results: dict[str, Result]) -> None:
    text = format_results(list(results.values()))
    missing = [line for line in text.splitlines() if "missing" in line]
    assert len(missing) == 1
    assert missing[0].startswith("missing: 142 tasks have no data (language modelling 19, ")
    assert "; as in no pile_pile-cc.jsonl in " in missing[0]
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


def test_named_tasks_alone_are_run(tmp_path: Path) -> None:
    for name in ("nq", "lambada", "piqa"):
        (tmp_path / f"{name}.jsonl").write_text("{}")
    chosen = choose_tasks("piqa, nq", tmp_path)
    assert [task.name for task in chosen] == ["piqa", "nq"]
    assert choose_tasks(None, tmp_path) == TASKS
    absent = Result(BY_NAME["piqa"], None, None, 0, "data cannot be read: piqa.jsonl:1: no")
    assert "not run: piqa: data cannot be read" in format_results([absent])
    assert "missing" not in format_results([absent])


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

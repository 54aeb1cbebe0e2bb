"""The paper's tasks: how many, and the questions of each data format."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import RecordError
from train.task_formats import READERS, Question, to_question
from train.tasks import TASKS

RECORDS: dict[str, tuple[dict[str, Any], Question]] = {
    "text": ({"text": "a b"}, Question("a b")),
    "mmlu": (
        {"question": "1+1?", "choices": ["1", "2", "3", "4"], "answer": 1},
        Question("1+1?\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer:", (" A", " B", " C", " D"), 1),
    ),
    "bigbench": (
        {"inputs": "Q", "multiple_choice_targets": ["x", "y"], "multiple_choice_scores": [0, 1]},
        Question("Q", (" x", " y"), 1),
    ),
    "race": (
        {"article": "T", "question": "Q?", "options": ["p", "q", "r", "s"], "answer": "C"},
        Question("Article: T\n\nQuestion: Q?\nAnswer:", (" p", " q", " r", " s"), 2),
    ),
    "lambada": ({"text": "he went home"}, Question("he went", (" home",))),
    "answer": (
        {"question": "who?", "answer": ["A", "B"]},
        Question("Q: who?\nA:", answers=("A", "B")),
    ),
    "hellaswag": (
        {"ctx": "He", "endings": ["a", "b", "c", "d"], "label": "3"},
        Question("He", (" a", " b", " c", " d"), 3),
    ),
    "piqa": (
        {"goal": "g", "sol1": "a", "sol2": "b", "label": 0},
        Question("Question: g\nAnswer:", (" a", " b")),
    ),
    "winogrande": (
        {"sentence": "The _ fell.", "option1": "cup", "option2": "cat", "answer": "2"},
        Question("The ", ("cup fell.", "cat fell."), 1),
    ),
    "siqa": (
        {"context": "c", "question": "q", "answerA": "x", "answerB": "y", "answerC": "z",
         "label": "2"},
        Question("Q: c q\nA:", (" x", " y", " z"), 1),
    ),
    "truthfulqa": (
        {"question": "q?", "mc1_targets": {"choices": ["t", "f"], "labels": [1, 0]}},
        Question("Q: q?\nA:", (" t", " f")),
    ),
    "fever": (
        {"claim": "c.", "label": "NOT ENOUGH INFO"},
        Question("Claim: c.\nIs the claim true?", (" True", " False", " Unknown"), 2),
    ),
    "fever2": (
        {"claim": "c.", "label": "REFUTES"},
        Question("Claim: c.\nIs the claim true?", (" True", " False"), 1),
    ),
    "multifc": (
        {"claim": "c.", "label": "half", "labels": ["full", "half"]},
        Question("Claim: c.\nVerdict:", (" full", " half"), 1),
    ),
}  # fmt: skip


def test_there_are_152_tasks_in_the_papers_groups() -> None:
    assert Counter(task.group for task in TASKS) == {
        "language modelling": 20, "reading comprehension": 3, "fact checking": 3,
        "question answering": 3, "common sense": 4, "MMLU": 57, "BIG-bench": 62,
    }  # fmt: skip
    assert len({task.name for task in TASKS}) == 152


def test_published_means_are_those_of_the_tables() -> None:
    """Hoffmann et al. 2022 give Gopher 60.0 on MMLU (over questions; 60.6 over tasks), 54.4 on
    BIG-bench."""
    for group, mean in (("MMLU", 60.6), ("BIG-bench", 54.4)):
        figures = [task.gopher for task in TASKS if task.group == group and task.gopher is not None]
        assert sum(figures) / len(figures) == pytest.approx(mean, abs=0.05)


def test_tasks_without_a_figure_are_the_three_unverified() -> None:
    assert {t.name for t in TASKS if t.gopher is None} == {"fever_2way", "fever_3way", "multifc"}


def test_every_format_has_a_case() -> None:
    assert set(READERS) == set(RECORDS) == {task.format for task in TASKS}


@pytest.mark.parametrize("name", RECORDS)
def test_question_of_a_record(name: str) -> None:
    record, question = RECORDS[name]
    assert to_question(name, record) == question


def test_fever_2way_leaves_the_undecided_out() -> None:
    assert to_question("fever2", {"claim": "c", "label": "NOT ENOUGH INFO"}) is None


def test_triviaqa_answers_are_its_aliases() -> None:
    question = to_question("answer", {"question": "q", "answer": {"aliases": ["x", "y"]}})
    assert question is not None
    assert question.answers == ("x", "y")


@pytest.mark.parametrize("name", RECORDS)
def test_a_missing_field_is_a_record_error(name: str) -> None:
    for key in RECORDS[name][0]:
        record = {k: v for k, v in RECORDS[name][0].items() if k != key}
        with pytest.raises(RecordError, match=f"not a record of {name}"):
            to_question(name, record)


ATOMS = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=3)
JSON = ATOMS | st.lists(ATOMS, max_size=4) | st.dictionaries(st.text(max_size=3), ATOMS, max_size=3)


@given(st.sampled_from(sorted(RECORDS)), st.data())
def test_hostile_fields_are_questions_or_record_errors(name: str, data: st.DataObject) -> None:
    record = {key: data.draw(st.just(value) | JSON) for key, value in RECORDS[name][0].items()}
    try:
        question = to_question(name, record)
    except RecordError:
        return
    assert question is None or not question.choices or question.gold in range(len(question.choices))

"""The paper's tasks: how many, and the questions of each data format."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.decontaminate.task_formats import READERS, Question, to_question
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import RecordError

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
    "lambada": ({"text": "he went home"}, Question("he went", ending=" home")),
    "nq": (
        {"question": "who", "answer": ["A", "B"]},
        Question("Q: who?\nA:", answers=("A", "B")),
    ),
    "triviaqa": (
        {"question": "Who?", "answer": {"aliases": ["A", "B"]}},
        Question("Question: Who?\nAnswer:", answers=("A", "B")),
    ),
    "hellaswag": (
        {"activity_label": "Baking", "ctx_a": "A man mixes.", "ctx_b": "he",
         "endings": ["a", "b", "c", "d"], "label": "3"},
        Question("Baking: A man mixes. He", (" a", " b", " c", " d"), 3),
    ),
    "piqa": (
        {"goal": "g", "sol1": "a", "sol2": "b", "label": 0},
        Question("Question: g\nAnswer:", (" a", " b")),
    ),
    "winogrande": (
        {"sentence": "The _ fell.", "option1": "cup", "option2": "cat", "answer": "2"},
        Question("", ("The cup", "The cat"), 1, ending=" fell."),
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


def test_hellaswag_loses_the_marks_of_wikihow() -> None:
    """A heading's end is a full stop; other marks go, and so does the space that they leave."""
    record = {
        "activity_label": "Home and Garden",
        "ctx_a": "How to mend a cup [header] Clean it [title] Use soap. [step] Dry it.",
        "ctx_b": "",
        "endings": ["Wait [substeps] an hour. ", "[title] Go.", "a", "b"],
        "label": 0,
    }
    assert to_question("hellaswag", record) == Question(
        "Home and Garden: How to mend a cup Clean it. Use soap. Dry it.",
        (" Wait an hour.", "  Go.", " a", " b"),
    )


def test_hellaswags_second_sentence_is_capitalized_as_a_whole() -> None:
    record = RECORDS["hellaswag"][0] | {"ctx_b": "the NBA star"}
    question = to_question("hellaswag", record)
    assert question is not None
    assert question.query == "Baking: A man mixes. The nba star"


@pytest.mark.parametrize("asked", ["Who is it", "Who is it?", "Who is it??"])
def test_free_questions_end_in_one_question_mark(asked: str) -> None:
    for name, query in (
        ("nq", "Q: Who is it?\nA:"),
        ("triviaqa", "Question: Who is it?\nAnswer:"),
    ):
        question = to_question(name, RECORDS[name][0] | {"question": asked})
        assert question is not None
        assert question.query == query


def test_what_follows_winograndes_blank_is_one_space_away() -> None:
    record = {"sentence": "Ann saw _  run. _ ran.", "option1": "Bo", "option2": "Cy", "answer": "1"}
    expected = Question("", ("Ann saw Bo", "Ann saw Cy"), 0, ending=" run. _ ran.")
    assert to_question("winogrande", record) == expected


def test_mmlu_opens_with_its_subject() -> None:
    described = {task.name: task.description for task in TASKS if task.description}
    assert described["mmlu_us_foreign_policy"] == (
        "The following are multiple choice questions (with answers) about us foreign policy.\n\n"
    )
    assert described.pop("nq") == "Answer these questions:\n\n"
    assert set(described) == {task.name for task in TASKS if task.group == "MMLU"}


@pytest.mark.parametrize(
    ("name", "field"), [("mmlu", "choices"), ("hellaswag", "endings"), ("race", "options")]
)
def test_a_question_without_choices_is_a_record_error(name: str, field: str) -> None:
    with pytest.raises(RecordError, match="no right answer among the choices"):
        to_question(name, RECORDS[name][0] | {field: []})


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

"""What the suite's files ask, beside the prompts that the same records become."""

import io
import json

import pytest

from massivetext.decontaminate.held_out import read_test_set
from massivetext.decontaminate.task_formats import READERS, to_question
from massivetext.decontaminate.task_items import Asked, read_asked
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError, RecordError
from tests.train.evaluation.test_tasks import RECORDS

ASKED = {
    "text": Asked(passage="t"),
    "mmlu": Asked("2+2?", ("3", "4", "5", "6"), ("4",)),
}


def test_every_format_of_the_suite_is_read():
    assert set(RECORDS) == set(READERS) == {task.format for task in TASKS}
    for form, (record, _) in RECORDS.items():
        asked = read_asked(form, record)
        assert asked.question or asked.passage
        line = json.dumps(record).encode()
        (item,) = read_test_set(io.BytesIO(line), f"suite:{form}")
        assert item.asked == asked
        assert item.text


def test_the_right_answer_is_the_one_that_is_evaluated():
    """For choices, the text that the model should prefer is the answer sought on pages."""
    for form, (record, _) in RECORDS.items():
        question, asked = to_question(form, record), read_asked(form, record)
        if asked.choices and READERS[form].kind == "choice" and form != "mmlu":
            assert question is not None
            expected = question.choices[question.gold].strip().casefold()
            assert asked.right[0].strip().casefold() == expected, form


@pytest.mark.parametrize("form", sorted(READERS))
@pytest.mark.parametrize("record", [{}, [], "text", None, {"text": 1, "claim": 2, "question": 3}])
def test_records_of_another_form_are_one_error(form, record):
    with pytest.raises(RecordError, match=f"not a record of {form}"):
        read_asked(form, record)
    with pytest.raises(ConfigError, match="not a held-out set"):
        list(read_test_set(io.BytesIO(json.dumps(record).encode()), f"suite:{form}"))


@pytest.mark.parametrize("answer", [4, -1])
def test_an_answer_that_is_no_choice_is_refused(answer):
    with pytest.raises(RecordError, match="no right answer"):
        read_asked("mmlu", {"question": "q", "choices": list("abcd"), "answer": answer})


def test_own_questions_in_json_lines():
    lines = [
        {"question": "Who?", "choices": ["a", "b"], "answer": 1},
        {"question": "Who?", "answer": "c"},
        {"id": 9, "question": "Who?", "answer": ["c", "d"]},
        {"question": "Who?"},
    ]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    items = list(read_test_set(io.BytesIO(data), "jsonl"))
    assert [item.asked.right for item in items] == [("b",), ("c",), ("c", "d"), ()]
    assert [item.text for item in items][:2] == ["Who?\na\nb", "Who?"]
    assert items[2].id == "9"

"""Items of the tasks that `massivetext evaluate --suite` runs, as they occur on pages.

The same files, one JSON object a line, field names as published: what is evaluated is what is
decontaminated. `task_formats` makes prompts of them; here the words of the prompts do not count.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from massivetext.errors import RecordError

Record = Mapping[str, Any]


class Asked(NamedTuple):
    """What of a record can stand on a page."""

    question: str = ""
    choices: tuple[str, ...] = ()
    right: tuple[str, ...] = ()  # answers
    passage: str = ""  # stands by itself, with or without a question


def read_asked(form: str, record: object) -> Asked:
    """Returns what is asked in one record of a task's file.

    Raises:
      RecordError: a field is missing or of another type.
    """
    try:
        if not isinstance(record, Mapping):
            raise TypeError("no object")
        asked = _READERS[form](record)
        for text in (asked.question, asked.passage, *asked.choices, *asked.right):
            if not isinstance(text, str):
                raise TypeError(f"{type(text).__name__} where text is expected")
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        raise RecordError(f"not a record of {form}: {type(error).__name__}: {error}") from error
    return asked


def _chosen(question: str, choices: Any, place: int) -> Asked:
    options = tuple(choices)
    if not 0 <= place < len(options):
        raise ValueError("no right answer among the choices")
    return Asked(question, options, (options[place],))


def _text(record: Record) -> Asked:
    return Asked(passage=record["text"])


def _mmlu(record: Record) -> Asked:
    return _chosen(record["question"], record["choices"], int(record["answer"]))


def _bigbench(record: Record) -> Asked:
    place = record["multiple_choice_scores"].index(1)
    return _chosen(record["inputs"], record["multiple_choice_targets"], place)


def _race(record: Record) -> Asked:
    place = "ABCD".index(record["answer"])
    asked = _chosen(record["question"], record["options"], place)
    return asked._replace(passage=record["article"])


def _answers(found: Any) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else tuple(found)


def _nq(record: Record) -> Asked:
    return Asked(record["question"], right=_answers(record["answer"]))


def _triviaqa(record: Record) -> Asked:
    return Asked(record["question"], right=_answers(record["answer"]["aliases"]))


def _hellaswag(record: Record) -> Asked:
    context = f"{record['ctx_a']} {record['ctx_b']}"
    return _chosen(context, record["endings"], int(record["label"]))


def _piqa(record: Record) -> Asked:
    return _chosen(record["goal"], (record["sol1"], record["sol2"]), int(record["label"]))


def _winogrande(record: Record) -> Asked:
    options = (record["option1"], record["option2"])
    return Asked(passage=record["sentence"].replace("_", options[int(record["answer"]) - 1]))


def _siqa(record: Record) -> Asked:
    question = f"{record['context']} {record['question']}"
    answers = tuple(record[f"answer{letter}"] for letter in "ABC")
    return _chosen(question, answers, int(record["label"]) - 1)


def _truthfulqa(record: Record) -> Asked:
    targets = record["mc1_targets"]
    return _chosen(record["question"], targets["choices"], targets["labels"].index(1))


def _claim(record: Record) -> Asked:
    """A claim stands on pages by itself: its label is a word of the data set."""
    return Asked(passage=record["claim"])


_READERS: dict[str, Callable[[Record], Asked]] = {
    "text": _text,
    "lambada": _text,
    "mmlu": _mmlu,
    "bigbench": _bigbench,
    "race": _race,
    "nq": _nq,
    "triviaqa": _triviaqa,
    "hellaswag": _hellaswag,
    "piqa": _piqa,
    "winogrande": _winogrande,
    "siqa": _siqa,
    "truthfulqa": _truthfulqa,
    "fever": _claim,
    "fever2": _claim,
    "multifc": _claim,
}

"""Questions out of the files in which each data set is published, field names unchanged.

Four kinds of question: text to predict, a choice among answers, a last word, a free answer. Where
lm-eval has the task, prompts are its own; for FEVER, MultiFC and RACE-middle they are ours.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from massivetext.errors import RecordError


class Question(NamedTuple):
    """What is asked and what is right. Which fields count depends on the task's metric."""

    query: str
    choices: tuple[str, ...] = ()
    gold: int = 0  # index of the right choice
    answers: tuple[str, ...] = ()  # right free answers


def to_question(format_name: str, record: Mapping[str, Any]) -> Question | None:
    """Returns the question of one record; None where the task leaves it out.

    Raises:
      RecordError: a field is missing or of another type.
    """
    try:
        question = READERS[format_name](record)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        message = f"not a record of {format_name}: {type(error).__name__}: {error}"
        raise RecordError(message) from error
    if question is not None and question.choices and not 0 <= question.gold < len(question.choices):
        raise RecordError(f"not a record of {format_name}: no right answer among the choices")
    return question


def _text(record: Mapping[str, Any]) -> Question:
    return Question(_string(record, "text"))


def _mmlu(record: Mapping[str, Any]) -> Question:
    options = [_one(option) for option in record["choices"]]
    letters = "ABCD"[: len(options)]
    lines = [f"{letter}. {option}" for letter, option in zip(letters, options, strict=True)]
    query = "\n".join([_string(record, "question").strip(), *lines, "Answer:"])
    return Question(query, tuple(f" {letter}" for letter in letters), int(record["answer"]))


def _bigbench(record: Mapping[str, Any]) -> Question:
    choices = tuple(" " + _one(choice) for choice in record["multiple_choice_targets"])
    return Question(_string(record, "inputs"), choices, record["multiple_choice_scores"].index(1))


def _race(record: Mapping[str, Any]) -> Question:
    """RACE: article, question, options A to D, answer as a letter."""
    choices = tuple(" " + _one(option) for option in record["options"])
    query = (
        f"Article: {_string(record, 'article')}\n\nQuestion: {_string(record, 'question')}\nAnswer:"
    )
    return Question(query, choices, "ABCD".index(_one(record["answer"])))


def _lambada(record: Mapping[str, Any]) -> Question:
    before, _, word = _string(record, "text").rpartition(" ")
    return Question(before, (f" {word}",), 0)


def _answer(record: Mapping[str, Any]) -> Question:
    found = record["answer"]
    names = found["aliases"] if isinstance(found, dict) else found
    answers = tuple(_one(name) for name in ([names] if isinstance(names, str) else names))
    if not answers:
        raise ValueError("no answer")
    return Question(f"Q: {_string(record, 'question').rstrip('?')}?\nA:", answers=answers)


def _hellaswag(record: Mapping[str, Any]) -> Question:
    choices = tuple(" " + _one(ending) for ending in record["endings"])
    return Question(_string(record, "ctx"), choices, int(record["label"]))


def _piqa(record: Mapping[str, Any]) -> Question:
    choices = tuple(" " + _string(record, key) for key in ("sol1", "sol2"))
    return Question(f"Question: {_string(record, 'goal')}\nAnswer:", choices, int(record["label"]))


def _winogrande(record: Mapping[str, Any]) -> Question:
    """The blank is filled by each option; what follows it is the same, so options are compared."""
    before, blank, after = _string(record, "sentence").partition("_")
    if not blank:
        raise ValueError("no blank")
    choices = tuple(_string(record, key) + after for key in ("option1", "option2"))
    return Question(before, choices, int(record["answer"]) - 1)


def _siqa(record: Mapping[str, Any]) -> Question:
    choices = tuple(" " + _string(record, f"answer{letter}") for letter in "ABC")
    query = f"Q: {_string(record, 'context')} {_string(record, 'question')}\nA:"
    return Question(query, choices, int(record["label"]) - 1)


def _truthfulqa(record: Mapping[str, Any]) -> Question:
    targets = record["mc1_targets"]
    choices = tuple(" " + _one(choice) for choice in targets["choices"])
    return Question(f"Q: {_string(record, 'question')}\nA:", choices, targets["labels"].index(1))


FEVER = {"SUPPORTS": " True", "REFUTES": " False", "NOT ENOUGH INFO": " Unknown"}


def _fever(record: Mapping[str, Any]) -> Question:
    labels = tuple(FEVER)
    query = f"Claim: {_string(record, 'claim')}\nIs the claim true?"
    return Question(query, tuple(FEVER.values()), labels.index(_one(record["label"])))


def _fever2(record: Mapping[str, Any]) -> Question | None:
    """FEVER without the claims that cannot be decided."""
    question = _fever(record)
    if question.gold == 2:
        return None
    return question._replace(choices=question.choices[:2])


def _multifc(record: Mapping[str, Any]) -> Question:
    """MultiFC: each domain has its own labels; `labels` are those of the claim's domain."""
    labels = tuple(_one(label) for label in record["labels"])
    query = f"Claim: {_string(record, 'claim')}\nVerdict:"
    return Question(query, tuple(" " + x for x in labels), labels.index(_one(record["label"])))


def _string(record: Mapping[str, Any], key: str) -> str:
    return _one(record[key])


def _one(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where text is expected")
    return value


READERS: dict[str, Callable[[Mapping[str, Any]], Question | None]] = {
    "text": _text,
    "mmlu": _mmlu,
    "bigbench": _bigbench,
    "race": _race,
    "lambada": _lambada,
    "answer": _answer,
    "hellaswag": _hellaswag,
    "piqa": _piqa,
    "winogrande": _winogrande,
    "siqa": _siqa,
    "truthfulqa": _truthfulqa,
    "fever": _fever,
    "fever2": _fever2,
    "multifc": _multifc,
}

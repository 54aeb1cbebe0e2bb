"""Questions out of the files in which each data set is published, field names unchanged.

Prompts have the format of lm-eval 0.4.13's own task, so that results can be set beside others'; the
exceptions are in docs/training.md, "Tasks". FEVER, MultiFC and RACE are asked in our own words.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from massivetext.errors import RecordError

# Text to predict; a choice among answers; one among contexts by the ending that all of them share;
# a last word; a free answer.
Kind = Literal["text", "choice", "context", "word", "answer"]


class Question(NamedTuple):
    """What is asked and what is right. Which fields count depends on the kind."""

    query: str  # empty where each choice is a whole context
    choices: tuple[str, ...] = ()
    gold: int = 0  # index of the right choice
    ending: str = ""  # scored after the query, or after each of the contexts
    answers: tuple[str, ...] = ()  # right free answers


class Reader(NamedTuple):
    """How records of a format become questions, and of which kind."""

    kind: Kind
    read: Callable[[Mapping[str, Any]], Question | None]


def to_question(format_name: str, record: Mapping[str, Any]) -> Question | None:
    """Returns the question of one record; None where the task leaves it out.

    Raises:
      RecordError: a field is missing or of another type.
    """
    kind, read = READERS[format_name]
    try:
        question = read(record)
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        message = f"not a record of {format_name}: {type(error).__name__}: {error}"
        raise RecordError(message) from error
    picks = kind in ("choice", "context")
    if question is not None and picks and not 0 <= question.gold < len(question.choices):
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
    return Question(before, ending=f" {word}")


def _nq(record: Mapping[str, Any]) -> Question:
    return Question(f"Q: {_asked(record)}\nA:", answers=_answers(record["answer"]))


def _triviaqa(record: Mapping[str, Any]) -> Question:
    answers = _answers(record["answer"]["aliases"])
    return Question(f"Question: {_asked(record)}\nAnswer:", answers=answers)


def _asked(record: Mapping[str, Any]) -> str:
    """Returns the question with one question mark: some data sets write it, others do not."""
    return _string(record, "question").rstrip("?") + "?"


def _answers(found: Any) -> tuple[str, ...]:
    answers = tuple(_one(name) for name in ([found] if isinstance(found, str) else found))
    if not answers:
        raise ValueError("no answer")
    return answers


def _hellaswag(record: Mapping[str, Any]) -> Question:
    """HellaSwag: what is done, a sentence, and the start of the next, whose subject is `ctx_b`."""
    started = _string(record, "ctx_b").capitalize()
    context = f"{_string(record, 'activity_label')}: {_string(record, 'ctx_a')} {started}"
    choices = tuple(" " + _without_marks(_one(ending)) for ending in record["endings"])
    return Question(_without_marks(context), choices, int(record["label"]))


_MARK = re.compile(r"\[[^\]\n]*\]")


def _without_marks(text: str) -> str:
    """Removes what WikiHow's pages left in HellaSwag: "[title]" ends a heading, others say nothing.

    >>> _without_marks("How to nap [title] Lie down. [step] Close your eyes.")
    'How to nap. Lie down. Close your eyes.'
    """
    sentences = text.strip().replace(" [title]", ". ")
    return _MARK.sub("", sentences).replace("  ", " ")


def _piqa(record: Mapping[str, Any]) -> Question:
    choices = tuple(" " + _string(record, key) for key in ("sol1", "sol2"))
    return Question(f"Question: {_string(record, 'goal')}\nAnswer:", choices, int(record["label"]))


def _winogrande(record: Mapping[str, Any]) -> Question:
    """WinoGrande's partial evaluation: how likely is what follows the blank after each option?

    The options' own probabilities do not count: a common name would win over a rare one.
    """
    before, blank, after = _string(record, "sentence").partition("_")
    if not blank:
        raise ValueError("no blank")
    contexts = tuple(before + _string(record, key) for key in ("option1", "option2"))
    return Question("", contexts, int(record["answer"]) - 1, ending=" " + after.strip())


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


READERS = {
    "text": Reader("text", _text),
    "mmlu": Reader("choice", _mmlu),
    "bigbench": Reader("choice", _bigbench),
    "race": Reader("choice", _race),
    "lambada": Reader("word", _lambada),
    "nq": Reader("answer", _nq),
    "triviaqa": Reader("answer", _triviaqa),
    "hellaswag": Reader("choice", _hellaswag),
    "piqa": Reader("choice", _piqa),
    "winogrande": Reader("context", _winogrande),
    "siqa": Reader("choice", _siqa),
    "truthfulqa": Reader("choice", _truthfulqa),
    "fever": Reader("choice", _fever),
    "fever2": Reader("choice", _fever2),
    "multifc": Reader("choice", _multifc),
}

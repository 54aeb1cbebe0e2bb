"""What tables hold besides texts: one line says what to do, from each public function."""

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import massivetext
from massivetext import ConfigError, Document, Vocabulary

LEAVE_OUT = 'leave out a row without text, or give ""'
MISSING = {
    "a text is expected, not NoneType: " + LEAVE_OUT: None,
    "a text is expected, not float: " + LEAVE_OUT: float("nan"),
    "a text is expected, not int: " + LEAVE_OUT: 3,
    "a text is expected, not bytes: " + LEAVE_OUT: b"text",
    "a text is expected, not StringScalar: give its as_py()": pa.scalar("text"),
}
OF_A_TEXT: dict[str, Callable[[Any], object]] = {
    "judge": massivetext.judge,
    "judge, a document": lambda value: massivetext.judge(Document("1", "web", value)),
    "explain": massivetext.explain,
    "measure": massivetext.measure,
    "sign": massivetext.sign,
    "extract_text": massivetext.extract_text,
    "duplicates": lambda value: massivetext.find_duplicates(["a", value]),
    "duplicates, a document": lambda value: massivetext.find_duplicates([Document("", "", value)]),
    "overlap": lambda value: list(massivetext.find_overlap([value], ["an item"])),
    "overlap, a document": lambda value: list(
        massivetext.find_overlap([Document("1", "web", value)], ["an item"])
    ),
    "overlap, an item": lambda value: list(massivetext.find_overlap(["a text"], [value])),
    "vocabulary": lambda value: massivetext.train_vocabulary([value], Vocabulary(size=270)),
}
OF_TEXTS: dict[str, Callable[[Any], object]] = {
    "duplicates": massivetext.find_duplicates,
    "overlap": lambda given: list(massivetext.find_overlap(given, ["an item"])),
    "overlap, items": lambda given: list(massivetext.find_overlap(["a text"], given)),
    "vocabulary": lambda given: massivetext.train_vocabulary(given, Vocabulary(size=270)),
}


@pytest.mark.parametrize("message", MISSING)
@pytest.mark.parametrize("call", OF_A_TEXT.values(), ids=OF_A_TEXT)
def test_a_missing_value_is_told_in_one_line(call: Callable[[Any], object], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        call(MISSING[message])


@pytest.mark.parametrize("given", ["text", b"text", Document("1", "web", "text")], ids=type)
@pytest.mark.parametrize("call", OF_TEXTS.values(), ids=OF_TEXTS)
def test_one_text_is_not_taken_for_several(call: Callable[[Any], object], given: Any) -> None:
    message = f"several texts are expected, not one {type(given).__name__}: give a list"
    with pytest.raises(ConfigError, match=f"^{message}$"):
        call(given)


def test_a_vocabulary_encodes_texts_alone(tmp_path: Any) -> None:
    texts = ["a rose is a rose is a rose"] * 9
    model = tmp_path / "v.model"
    model.write_bytes(massivetext.train_vocabulary(iter(texts), Vocabulary(size=270)))
    tokenizer = massivetext.Tokenizer(model)
    assert tokenizer.decode(tokenizer.encode("a rose")) == "a rose"
    with pytest.raises(ConfigError, match="not NoneType"):
        tokenizer.encode(None)  # type: ignore[arg-type]


def test_an_empty_text_is_one() -> None:
    assert massivetext.judge("").reasons == ("empty",)
    assert massivetext.measure("").words == 0
    assert massivetext.find_duplicates(("", "a")) == []

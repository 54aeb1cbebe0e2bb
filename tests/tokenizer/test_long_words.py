"""Words and runs of a megabyte have SentencePiece's own ids."""

import random

import pytest
import sentencepiece

from massivetext.tokenizer.encode import Encoder
from tests.tokenizer.comparison import assert_equal

SIZE = 1_000_000  # bytes
UNITS = {
    "one letter": "x",
    "one word of ASCII": "thereturning",
    "digits": "0123456789",
    "punctuation": "=-_.",
    "ideographs": "\u65e5\u672c\u8a9e\u6f22\u5b57",
    "hangul that composes": "\u1112\u1161\u11ab",
    "emoji": "\U0001f600",
    "emoji that are joined": "\U0001f469\u200d\U0001f680",
    "marks": "\u0301",
    "marks that are reordered": "\u0301\u0316",
    "letters with marks": "e\u0301",
    "spaces": " ",
    "escaped spaces": "\u2581",
    "no-break spaces": "\u00a0",
    "newlines": "\n",
    "tabs": "\t",
    "zeros": "\0",
    "the last code point": "\U0010ffff",
}
ALPHABETS = {
    "random letters": "etaoinshrdlu",
    "random ideographs": "\u65e5\u672c\u8a9e\u6f22\u5b57\u4e2d\u6587",
    "random emoji": "\U0001f600\U0001f469\u200d\U0001f680\ufe0f",
    "random marks": "\u0300\u0301\u0308\u0316\u0327\u0345\u3099",
}
HEAVY = [pytest.param(name, marks=pytest.mark.heavy) for name in ("foreign", "identity")]


@pytest.fixture(params=["sample", "collapse", *HEAVY])
def pair(request, pairs) -> tuple[Encoder, sentencepiece.SentencePieceProcessor]:
    return pairs[request.param]


def fill(unit: str) -> str:
    return unit * (SIZE // len(unit.encode()))


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_again_and_again(pair, name: str) -> None:
    assert_equal(pair, fill(UNITS[name]))


@pytest.mark.parametrize("name", UNITS)
def test_between_other_words(pair, name: str) -> None:
    assert_equal(pair, f"the end {fill(UNITS[name])} of the\u00e9 word")


@pytest.mark.parametrize("name", ALPHABETS)
def test_words_at_random(pair, name: str) -> None:
    letters = ALPHABETS[name]
    count = SIZE * len(letters) // len(letters.encode())
    assert_equal(pair, "".join(random.Random(25).choices(letters, k=count)))

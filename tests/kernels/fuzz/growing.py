"""Texts that are changed again and again: those that take a new way through a kernel are kept."""

import random
from collections.abc import Callable

LONGEST = 400  # characters: the definitions are slow
PIECES = [
    "the ",
    "of",
    "And,",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\u2028",
    "\u3000",
    "\u0085",
    "x" * 64,
]
PIECES += ["...", "…", ".", "#", "-", "• ", "“", "”", "'", "$", "0", "a b c d e f g h i j k l m n "]
PIECES += [
    "é",
    "e\u0301",
    "\u0301",
    "\u0316",
    "\u0344",
    "\u0f73",
    "\u0301" * 31,
    "\u0958",
    "ﬁ",
    "Å",
]
PIECES += ["가", "\u1100\u1161", "\u11a8", "中文", "😀", "\0", "\U0010ffff", "\U00011f02", "ab" * 5]


def change(text: str, corpus: list[str], choices: random.Random) -> str:
    """Returns `text` with a part replaced by nothing, a piece, itself twice or another text's."""
    begin, end = sorted(choices.choices(range(len(text) + 1), k=2))
    if choices.random() < 0.5:
        end = min(end, begin + 3)
    other = choices.choice(corpus)
    start = choices.randrange(len(other) + 1)
    new = [
        "",
        choices.choice(PIECES),
        choices.choice(PIECES) * choices.randrange(9),
        text[begin:end] * 2,
        other[start : start + choices.randrange(99)],
        chr(choices.choice([choices.randrange(0xD800), choices.randrange(0xE000, 0x110000)])),
    ]
    return (text[:begin] + choices.choice(new) + text[end:])[:LONGEST]


def grow(seeds: list[str], texts: int, run_and_compare: Callable[[str], bool]) -> list[str]:
    """Returns the seeds and, of so many texts made from them, those that took a new way.

    `run_and_compare` says whether a text did, and fails where kernel and definition differ.
    """
    choices = random.Random(20)
    corpus = list(seeds)
    for _ in range(texts):
        text = change(choices.choice(corpus), corpus, choices)
        if run_and_compare(text):
            corpus.append(text)
    return corpus

"""Other readings of the quality rules: other counts of words, symbols, bullets and stop words.

Names are of the implementations that read so, as far as their code says: datatrove, Dolma, DCLM,
RPv2 (RedPajama-v2) and NeMo (Curator). datatrove's words come from spaCy; ours stand in for them.
"""

import re
import string
from math import floor
from statistics import median

from benchmarks.choices.texts import Reading, Text
from massivetext.measures import Measures
from massivetext.paper import STOP_WORDS
from massivetext.reasons import Reason
from massivetext.text.units import lower_ascii, split_lines

_TOKEN = re.compile(r"\w+|[^\w\s]+")
_DELETE = str.maketrans("", "", string.punctuation)
_ASCII_LETTER = re.compile("[a-zA-Z]")
_RPV2_BULLETS = tuple("•‣▶◀◦■□▪▫–")

SIZE = frozenset((Reason.WORD_COUNT, Reason.MEAN_WORD_LENGTH))
LENGTH = frozenset((Reason.MEAN_WORD_LENGTH,))
SYMBOLS = frozenset((Reason.HASH_RATIO, Reason.ELLIPSIS_RATIO))
LETTERS = frozenset((Reason.ALPHABETIC_WORDS,))
BULLET = frozenset((Reason.BULLET_LINES,))
ENDS = frozenset((Reason.ELLIPSIS_LINES,))
STOPS = frozenset((Reason.STOP_WORDS,))


def _sized(text: Text, words: list[str]) -> Measures:
    return text.measures._replace(words=len(words), word_characters=sum(map(len, words)))


def without_punctuation(text: Text) -> Measures:
    """Words after ASCII punctuation is deleted."""
    return _sized(text, text.text.translate(_DELETE).split())


def with_letter_or_digit(text: Text) -> Measures:
    """Only words with a letter or a digit."""
    return _sized(text, [word for word in text.words if any(map(str.isalnum, word))])


def letter_runs(text: Text) -> Measures:
    """Runs of letters and digits: "don't" is two words."""
    return _sized(text, re.findall(r"\w+", text.text))


def marks_are_words(text: Text) -> Measures:
    """Punctuation marks are words of their own."""
    words = _TOKEN.findall(text.text)
    alphabetic = sum(any(map(str.isalpha, word)) for word in words)
    return text.measures._replace(words=len(words), alphabetic_words=alphabetic)


def median_length(text: Text) -> Measures:
    """The median length in place of the mean."""
    middle = median(map(len, text.words)) if text.words else 0
    return text.measures._replace(word_characters=floor(middle * len(text.words)))


def symbols_together(text: Text) -> Measures:
    """Both symbols in one ratio."""
    both = text.measures.hash_symbols + text.measures.ellipses
    return text.measures._replace(hash_symbols=both, ellipses=0)


def words_with_symbols(text: Text) -> Measures:
    """Words that hold "#" or "…", in one ratio."""
    words = sum("#" in word or "…" in word for word in text.words)
    return text.measures._replace(hash_symbols=words, ellipses=0)


def one_character_ellipses(text: Text) -> Measures:
    """Only "…" is an ellipsis."""
    return text.measures._replace(ellipses=text.text.count("…"))


def spaced_ellipses(text: Text) -> Measures:
    """Also ". . ." is an ellipsis."""
    return text.measures._replace(ellipses=text.measures.ellipses + text.text.count(". . ."))


def _starting(lines: list[str], marks: tuple[str, ...], text: Text) -> Measures:
    bullets = sum(line.startswith(marks) for line in lines)
    return text.measures._replace(bullet_lines=bullets, lines=len(lines))


def _ending(lines: list[str], marks: tuple[str, ...], text: Text) -> Measures:
    ends = sum(line.endswith(marks) for line in lines)
    return text.measures._replace(ellipsis_lines=ends, lines=len(lines))


def blanks_are_lines(text: Text) -> Measures:
    """Blank lines count as lines."""
    return text.measures._replace(lines=len(text.text.splitlines()))


def _stops(text: Text, words: list[str], occurrences: bool = False) -> Measures:
    found = [word for word in words if word in STOP_WORDS]
    return text.measures._replace(stop_words=len(found if occurrences else set(found)))


READINGS = (
    Reading("Q1, Q2 word", "ASCII punctuation deleted (RPv2)", SIZE, without_punctuation),
    Reading("Q1, Q2 word", "with a letter or digit (DCLM, nearly)", SIZE, with_letter_or_digit),
    Reading("Q1, Q2 word", "runs of letters and digits (datatrove, nearly)", SIZE, letter_runs),
    Reading(
        "Q3, Q6 word", "punctuation marks are words (datatrove, RPv2)",
        SYMBOLS | LETTERS, marks_are_words,
    ),
    Reading("Q2 word length", "median (Dolma)", LENGTH, median_length),
    Reading("Q3 symbols", "both in one ratio (RPv2, DCLM, NeMo)", SYMBOLS, symbols_together),
    Reading("Q3 symbols", "words that hold one (Dolma)", SYMBOLS, words_with_symbols),
    Reading("Q3 ellipsis", "only … (Dolma)", SYMBOLS, one_character_ellipses),
    Reading("Q3 ellipsis", "also . . . (DCLM)", SYMBOLS, spaced_ellipses),
    Reading(
        "Q4 bullets", "• and - (datatrove)", BULLET,
        lambda t: _starting(split_lines(t.text), ("•", "-"), t),
    ),
    Reading(
        "Q4 bullets", "* and -, indented ones not (Dolma)", BULLET,
        lambda t: _starting(t.text.split("\n"), ("*", "-"), t),
    ),
    Reading(
        "Q4 bullets", "ten marks, without - and * (RPv2)", BULLET,
        lambda t: _starting(split_lines(t.text), _RPV2_BULLETS, t),
    ),
    Reading(
        "Q4 bullets", "● • * -, indented ones not (DCLM)", BULLET,
        lambda t: _starting(t.text.split("\n"), ("●", "•", "*", "-"), t),
    ),
    Reading("Q4, Q5 line", "blank ones too (datatrove, RPv2)", BULLET | ENDS, blanks_are_lines),
    Reading(
        "Q5 ellipsis", "only …, not before a space (Dolma)", ENDS,
        lambda t: _ending(t.text.split("\n"), ("…",), t),
    ),
    Reading(
        "Q5 ellipsis", "also . . . (DCLM)", ENDS,
        lambda t: _ending(split_lines(t.text), ("...", "…", ". . ."), t),
    ),
    Reading(
        "Q6 alphabetic", "A to Z alone (RPv2)", LETTERS,
        lambda t: t.measures._replace(
            alphabetic_words=sum(bool(_ASCII_LETTER.search(word)) for word in t.words)
        ),
    ),
    Reading(
        "Q7 stop words", "two occurrences (DCLM)", STOPS,
        lambda t: t.measures._replace(stop_words=t.measures.stop_word_occurrences),
    ),
    Reading(
        "Q7 stop words", "lower case as written (datatrove)", STOPS,
        lambda t: _stops(t, [word.strip(string.punctuation) for word in t.words]),
    ),
    Reading(
        "Q7 stop words", "as written, with punctuation, occurrences (Dolma, NeMo)", STOPS,
        lambda t: _stops(t, t.words, occurrences=True),
    ),
    Reading(
        "Q7 stop words", "punctuation not stripped", STOPS,
        lambda t: _stops(t, [lower_ascii(word) for word in t.words]),
    ),
)  # fmt: skip

"""The forms in which an item of a held-out set occurs on pages; the best of them counts.

A page prints a question alone, with its choices behind letters or numbers, or with the right
answer. Punctuation is a space and case does not count, so "A. x", "(a) x" and "a) x" are one form.
"""

from typing import Final, NamedTuple

from massivetext.decontaminate.held_out import Item
from massivetext.dedup.signature import Shingles, shingle_words

SHORT: Final = 5  # words: with its answer, a question of fewer is a phrase of everyday language
_ANSWERS = 8  # right answers of one question that are tried; some have hundreds of spellings


class Forms(NamedTuple):
    """What of an item is sought in documents."""

    texts: tuple[str, ...]  # by their n-grams, each of at least n words
    phrases: tuple[str, ...]  # as they are, for they have fewer

    @property
    def findable(self) -> bool:
        """Returns whether a page that holds the item can be found."""
        return bool(self.texts or self.phrases)


def forms_of(item: Item, n: int) -> Forms:
    r"""Returns the forms of an item that are worth looking for with n-grams of `n` words.

    A question of two n-grams' length or more is found by itself wherever it stands.

    >>> from massivetext.decontaminate.task_items import Asked
    >>> asked = Asked("What is the capital of Norway?", ("Oslo", "Bergen"), ("Oslo",))
    >>> forms_of(Item("1", "", asked=asked), 8).phrases
    ('What is the capital of Norway?\nOslo',)
    """
    asked = item.asked
    texts = [asked.passage or ("" if asked.question else item.text), asked.question]
    answered = list[str]()
    if asked.question and _words(asked.question) < 2 * n:
        right = asked.right[:_ANSWERS]
        answered = [f"{asked.question}\n{answer}" for answer in right]
        texts += [*_with_choices(asked.question, asked.choices), *answered]
        texts += [f"{asked.question}\nAnswer\n{answer}" for answer in right]
    long = [text for text in texts if _words(text) >= n]
    phrases = [text for text in answered if SHORT <= _words(text) < n]
    return Forms(tuple(dict.fromkeys(long)), tuple(dict.fromkeys(phrases)))


def _words(text: str) -> int:
    return len(shingle_words(text, Shingles(fold_case=True)))


def _with_choices(question: str, choices: tuple[str, ...]) -> list[str]:
    if not (question and choices):
        return []
    letters = [f"{chr(ord('A') + place % 26)} {text}" for place, text in enumerate(choices)]
    numbers = [f"{place} {text}" for place, text in enumerate(choices, 1)]
    return ["\n".join([question, *lines]) for lines in (choices, letters, numbers)]


def phrase_words(text: str) -> str:
    """Returns the words of a text with spaces around each, to look phrases up in.

    >>> phrase_words("What? Oslo!")
    ' what oslo '
    """
    return f" {' '.join(shingle_words(text, Shingles(fold_case=True)))} "

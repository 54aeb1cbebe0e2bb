"""Stop words and letters of other languages than English, as a recipe's language asks for them.

The kernel counts the paper's English words, or a table of forms that it is given; tables that it
cannot hold, and alphabets, are counted by the definitions here.
"""

from collections import Counter
from functools import lru_cache
from typing import Any, Final, NamedTuple

from massivetext.config.languages import ALPHABETS, LANGUAGES
from massivetext.config.recipe import LanguageRules
from massivetext.filters.rules.quality import find_stop_words
from massivetext.measures import Measures
from massivetext.text.kernels import find_kernels
from massivetext.text.unicode import is_alphabetic
from massivetext.text.units import lower_ascii, split_words, strip_punctuation

_NATIVE_FORMS: Final = 32  # of a table of 64 places in which no two may meet
_NATIVE_BYTES: Final = 8  # of a form


class LanguageWords(NamedTuple):
    """A language's stop words: each of their forms, with the word that it is a form of."""

    forms: dict[str, str]
    native: Any | None  # the kernel's table of them; None where it cannot hold them

    def find(self, words: list[str]) -> list[str]:
        """Returns the stop words among `words`, each as often as it occurs."""
        found = (self.forms.get(_bare(word)) for word in words)
        return [word for word in found if word is not None]

    def recount(self, text: str, measures: Measures) -> Measures:
        """Returns `measures` of `text` with these stop words for the English ones."""
        found = self.find(split_words(text))
        return measures._replace(stop_words=len(set(found)), stop_word_occurrences=len(found))


def _bare(word: str) -> str:
    """Returns a word without punctuation, A to Z in lower case, by a short way for most words."""
    if not (word[0].isalnum() and word[-1].isalnum()):
        word = strip_punctuation(word)
    return word.lower() if word.isascii() else lower_ascii(word)


def forms_of(words: tuple[str, ...]) -> dict[str, str]:
    """Returns the forms of stop words: as they are, with a capital first, and in capitals.

    A to Z count in either case besides, in any place.

    >>> forms_of(("und", "že"))
    {'und': 'und', 'že': 'že', 'Že': 'že'}
    """
    cased = ((w, (w, w[:1].upper() + w[1:], w.upper())) for w in words)
    return {lower_ascii(form): word for word, forms in cased for form in forms}


@lru_cache
def language_words(rules: LanguageRules) -> LanguageWords | None:
    """Returns the stop words that a recipe's language asks for; None for the paper's own."""
    words = rules.stop_words
    if words == "auto":
        if rules.language not in LANGUAGES:
            return None
        words = LANGUAGES[rules.language].stop_words
    forms = forms_of(words)
    return LanguageWords(forms, _native(forms))


def _native(forms: dict[str, str]) -> Any | None:
    kernels = find_kernels()
    data = [form.encode() for form in forms]
    fit = all(form.isalpha() for form in forms) and max(map(len, data)) <= _NATIVE_BYTES
    make = getattr(kernels, "LanguageWords", None)  # kernels of before have none
    if make is None or not fit or len(forms) > _NATIVE_FORMS:
        return None
    numbers = {word: number for number, word in enumerate(dict.fromkeys(forms.values()))}
    try:
        return make(data, [numbers[word] for word in forms.values()])
    except ValueError:  # two of them meet wherever they are put
        return None


def has_stop_words(rules: LanguageRules) -> bool:
    """Returns whether the recipe's language has stop words: shipped ones, or the recipe's own."""
    return rules.stop_words != "auto" or rules.language == "en" or rules.language in LANGUAGES


def find_language_stop_words(words: list[str], rules: LanguageRules) -> list[str]:
    """Returns the occurrences of the recipe's stop words among `words`."""
    table = language_words(rules)
    return find_stop_words(words) if table is None else table.find(words)


def count_alphabet(text: str, measures: Measures, rules: LanguageRules) -> Measures:
    """Returns `measures` of `text`; of alphabetic words those with a letter of the alphabet."""
    if rules.alphabet == "any":
        return measures
    counts = Counter(split_words(text))
    spelled = sum(count for word, count in counts.items() if is_spelled(word, rules))
    return measures._replace(alphabetic_words=spelled)


def is_spelled(word: str, rules: LanguageRules) -> bool:
    """Returns whether a word contains a letter of the recipe's alphabet.

    >>> [is_spelled(word, LanguageRules(alphabet="latin")) for word in ("x2", "÷2", "я2")]
    [True, False, False]
    """
    ranges = ALPHABETS.get(rules.alphabet, ((0, 0x10FFFF),))
    return any(
        is_alphabetic(letter) and any(first <= ord(letter) <= last for first, last in ranges)
        for letter in word
    )

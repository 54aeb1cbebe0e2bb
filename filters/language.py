"""The language of a document, by fastText's model of 176 languages on a bounded sample.

The paper keeps English documents and names no detector; the model lid.176 (Joulin et al. 2016)
and the bound 0.65 are those of RefinedWeb and FineWeb.
"""

from pathlib import Path
from typing import Any, Final, NamedTuple

import fasttext

from massivetext.errors import ConfigError
from massivetext.reasons import Reason
from massivetext.recipe import LanguageRules

SAMPLE_CHARACTERS: Final = 1_000  # more does not change the verdict and costs 0.1 µs each
_SLICES = 3  # of a longer document: from its beginning, middle and end
_LEAST = 0.001  # probabilities below are not computed and count as 0
_LABEL = "__label__"


class LanguageScore(NamedTuple):
    """The most probable language (ISO 639, as the model names it), and English's probability."""

    language: str  # "" if the text has no words
    probability: float
    english: float  # 0 if below 0.001


class LanguageModel:
    """A fastText model for languages, loaded from a local file; safe for several threads."""

    def __init__(self, path: str) -> None:
        """Loads the model.

        Raises:
          ConfigError: there is no such file, or it is no fastText model.
        """
        if not Path(path).is_file():
            raise ConfigError(f"no language model {path}; `make models` fetches the default")
        try:
            self._model: Any = fasttext.load_model(path)
        except ValueError as error:
            raise ConfigError(f"{path} is no fastText model: {error}") from error

    def probabilities(self, line: str) -> list[tuple[str, float]]:
        """Returns (language, probability) of one line of text, most probable first."""
        line = line.encode("utf-8", "replace").decode() + "\n"
        found = self._model.f.predict(line, -1, _LEAST, "strict")
        return [(label.removeprefix(_LABEL), min(1.0, value)) for value, label in found]


def measure_language(model: LanguageModel, text: str) -> LanguageScore:
    """Returns the language of a text, from at most about `SAMPLE_CHARACTERS` of it."""
    line = sample_line(text)
    found = model.probabilities(line) if line else []
    if not found:
        return LanguageScore("", 0.0, 0.0)
    return LanguageScore(*found[0], dict(found).get("en", 0.0))


def judge_language(score: LanguageScore, rules: LanguageRules) -> Reason | None:
    """Returns `Reason.LANGUAGE` if the rules' language is less probable than their bound.

    >>> judge_language(LanguageScore("en", 0.65, 0.65), LanguageRules())
    """
    probability = score.english if rules.language == "en" else 0.0
    if score.language == rules.language:
        probability = score.probability
    return Reason.LANGUAGE if probability < rules.min_probability else None


def sample_line(text: str) -> str:
    r"""Returns a text on one line; of a long one its beginning, middle and end.

    >>> sample_line("one\n two")
    'one two'
    """
    if len(text) <= SAMPLE_CHARACTERS:
        return " ".join(text.split())
    size = SAMPLE_CHARACTERS // _SLICES
    starts = (0, (len(text) - size) // 2, len(text) - size)
    return " ".join(word for start in starts for word in _whole_words(text, start, size))


def _whole_words(text: str, start: int, size: int) -> list[str]:
    """Returns the words of a slice; those that it cuts are left out if there are others."""
    words = text[start : start + size].split()
    if len(words) <= _SLICES:
        return words
    first = 1 if start else 0
    return words[first : len(words) if start + size == len(text) else -1]

"""The language of a document, by fastText's model of 176 languages on a bounded sample.

The paper keeps English documents and names no detector; the model lid.176 (Joulin et al. 2016)
and the bound 0.65 are those of RefinedWeb and FineWeb. The native kernel (`kernels/language`)
gives fastText's scores to the last bit, several times faster; without it fastText runs.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from massivetext.config.languages import did_you_mean
from massivetext.config.recipe import LanguageRules
from massivetext.errors import ConfigError
from massivetext.filters.language.scripts import read_share
from massivetext.filters.rules.words import find_language_stop_words, has_stop_words
from massivetext.reasons import Reason
from massivetext.text.kernels import find_kernels
from massivetext.text.surrogates import encodable

SAMPLE_CHARACTERS: Final = 1_000  # more does not change the verdict and costs 0.1 µs each
_SLICES = 3  # of a longer document: from its beginning, middle and end
_LEAST = 0.001  # probabilities below are not computed and count as 0
_LABEL = "__label__"


class LanguageScore(NamedTuple):
    """The most probable language (ISO 639, as the model names it), and English's probability."""

    language: str  # "" if the text has no words
    probability: float
    english: float  # 0 if below 0.001


class Asked(NamedTuple):
    """What decides on a text beside its language, for thresholds that are moved later."""

    probability: float  # of the rules' language
    stop_words: int  # of its stop words in the sample, each as often as it occurs


class LanguageModel:
    """A fastText model for languages, loaded from a local file; safe for several threads."""

    def __init__(self, path: str, native: bool = True) -> None:
        """Loads the model; `native=False` scores by fastText, even where there are kernels.

        Raises:
          ConfigError: there is no such file, or it is not a fastText model.
        """
        if not Path(path).is_file():
            raise ConfigError(f"no language model {path}; `massivetext models` fetches one")
        self._native = _load_native(path) if native else None
        if self._native is not None:
            self._english = self._native.find("en")
            return
        import fasttext  # only for models that the kernels do not know

        try:
            self._model: Any = fasttext.load_model(path)
        except ValueError as error:
            raise ConfigError(f"{path} is not a fastText model: {error}") from error

    def knows(self, language: str) -> bool:
        """Returns whether the model has a label for a language."""
        if self._native is not None:
            return bool(self._native.find(language) != self._native.find(""))
        return f"{_LABEL}{language}" in self._model.get_labels()

    def score(self, line: str) -> LanguageScore:
        """Returns the score of one line of text."""
        if self._native is not None:
            try:
                label, probability, english = self._native.score(line, self._english, _LEAST)
            except UnicodeEncodeError:
                return self.score(encodable(line))
            return LanguageScore(label, min(1.0, probability), min(1.0, english))
        line = encodable(line)
        found = self._model.f.predict(line + "\n", -1, _LEAST, "strict")
        if not found:
            return LanguageScore("", 0.0, 0.0)
        shares = {label.removeprefix(_LABEL): min(1.0, value) for value, label in found}
        return LanguageScore(*next(iter(shares.items())), shares.get("en", 0.0))


def _load_native(path: str) -> Any | None:
    """Returns the kernel's model; None without kernels, or if it is of a kind they do not know."""
    kernels = find_kernels()
    if kernels is None:
        return None
    try:
        return kernels.LanguageModel(Path(path).read_bytes())
    except IndexError as error:
        raise ConfigError(f"{path} is damaged: {error}") from error
    except ValueError:
        return None


def check_languages(path: str, languages: Iterable[str]) -> None:
    """Checks that the model at `path` knows the languages of a recipe.

    Raises:
      ConfigError: it does not know one; the message has the nearest that it knows.
    """
    model = LanguageModel(path)
    for language in languages:
        if not model.knows(language):
            known = sorted(name.removeprefix(_LABEL) for name in load_labels(path))
            raise ConfigError(
                f"filters.language.language: the model knows no {language!r}"
                f"{did_you_mean(language, known)}; it names {len(known)} languages by their codes"
            )


def load_labels(path: str) -> list[str]:
    """Returns the labels of a fastText model, as it spells them."""
    import fasttext

    labels: list[str] = fasttext.load_model(path).get_labels()
    return labels


def measure_language(model: LanguageModel, text: str) -> LanguageScore:
    """Returns the language of a text, from at most about `SAMPLE_CHARACTERS` of it.

    The model speaks for the letters of scripts that it knows: its probabilities count as much as
    those are of all letters (`read_share`).
    """
    line = sample_line(text)
    if not line:
        return LanguageScore("", 0.0, 0.0)
    score = model.score(line)
    if line.isascii():
        return score
    share = read_share(line)
    return LanguageScore(score.language, score.probability * share, score.english * share)


def judge_language(score: LanguageScore, rules: LanguageRules, text: str = "") -> Reason | None:
    """Returns `Reason.LANGUAGE` if the rules' language is less probable than their bound.

    A text of which the model is unsure stays if it is unsure `by_stop_words`.

    >>> judge_language(LanguageScore("en", 0.65, 0.65), LanguageRules())
    """
    sure = probability_of(score, rules) >= rules.min_probability
    return None if sure or by_stop_words(score, rules, text) else Reason.LANGUAGE


def by_stop_words(score: LanguageScore, rules: LanguageRules, text: str) -> bool:
    """Returns whether a stop word tells the language of a text of which the model is unsure.

    It is unsure where the rules' language is the most probable, below `min_probability` and from
    `unsure_probability` on: of lists of goods, indexes, and tables mostly.

    >>> by_stop_words(LanguageScore("en", 0.45, 0.45), LanguageRules(), "Boats of wood, 12 ft")
    True
    """
    probability, least = probability_of(score, rules), rules.unsure_probability
    unsure = least is not None and least <= probability < rules.min_probability
    if not unsure or score.language != rules.language or not has_stop_words(rules):
        return False
    return ask(score, rules, text).stop_words > 0


def ask(score: LanguageScore, rules: LanguageRules, text: str) -> Asked:
    """Returns all that `judge_language` goes by, whatever the thresholds, beside the language.

    >>> ask(LanguageScore("de", 0.5, 0.4), LanguageRules(), "boats of wood, of the best")
    Asked(probability=0.4, stop_words=3)
    """
    found = find_language_stop_words(sample_line(text).split(), rules)
    return Asked(probability_of(score, rules), len(found))


def probability_of(score: LanguageScore, rules: LanguageRules) -> float:
    """Returns how probable the rules' language is; 0 if it is neither English nor the first."""
    if score.language == rules.language:
        return score.probability
    return score.english if rules.language == "en" else 0.0


def sample_line(text: str) -> str:
    r"""Returns a text on one line; of a long one its beginning, middle and end.

    >>> sample_line("one\n two")
    'one two'
    """
    if len(text) > SAMPLE_CHARACTERS:
        size = SAMPLE_CHARACTERS // _SLICES
        middle = (len(text) - size) // 2
        first = _without_ends(text[:size], left=False)
        last = _without_ends(text[-size:], right=False)
        text = f"{first} {_without_ends(text[middle : middle + size])} {last}"
    line = " ".join(filter(None, text.splitlines())).strip()
    if line.isprintable() and "  " not in line:
        return line  # as most are: no other space is printable, so splitting would find these words
    return " ".join(line.split())


def _without_ends(piece: str, left: bool = True, right: bool = True) -> str:
    """Returns a slice without the words that it cuts, if there are others."""
    if len(piece.split(None, _SLICES)) <= _SLICES:
        return piece
    if left:
        piece = piece.split(None, 1)[1]
    return piece.rsplit(None, 1)[0] if right else piece

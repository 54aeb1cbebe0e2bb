"""Stop words and alphabets of languages: what the paper's rules need to know of one.

The paper's rule, "at least two of the following English words", asks for function words so common
that hardly a paragraph is without two of them. Each list here is ours and has eight words for the
eight of the paper, so that the bound of two means the same: articles, prepositions, conjunctions,
negation and forms of "to be". Words are left out that a list of names or a menu has as well where
others were at hand (Spanish `del`, Dutch `op`), and content words always. Lists of several
languages share words (`de`, `la`, `que`): telling languages apart is the language model's work.

Words are in lower case; a word of a text is compared without punctuation and by `str.lower`, so an
elided article (`l'homme`) is part of its word.
"""

import difflib
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

Alphabet = Literal["any", "latin", "cyrillic", "greek", "arabic", "hebrew", "devanagari"]


class Language(NamedTuple):
    """One language that the recipe may name without saying more."""

    name: str
    stop_words: tuple[str, ...]


LANGUAGES: Final[dict[str, Language]] = {
    "cs": Language("Czech", ("a", "v", "se", "na", "je", "že", "z", "do")),
    "de": Language("German", ("der", "die", "das", "und", "ist", "nicht", "mit", "von")),
    "es": Language("Spanish", ("de", "la", "que", "el", "en", "y", "los", "con")),
    "fr": Language("French", ("de", "la", "le", "les", "et", "des", "est", "que")),
    "it": Language("Italian", ("di", "che", "la", "il", "per", "non", "con", "è")),
    "nl": Language("Dutch", ("de", "het", "een", "van", "en", "dat", "is", "met")),
    "pl": Language("Polish", ("w", "na", "i", "z", "się", "nie", "do", "że")),
    "pt": Language("Portuguese", ("de", "que", "do", "da", "em", "não", "com", "para")),
    "ru": Language("Russian", ("и", "в", "не", "на", "что", "с", "по", "это")),
    "sv": Language("Swedish", ("och", "att", "det", "som", "en", "på", "är", "med")),
}

# Letters of an alphabet, as ranges of code points by the blocks of Unicode.
ALPHABETS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "latin": (
        (0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x1E00, 0x1EFF),
        (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFB00, 0xFB06), (0xFF21, 0xFF5A),
    ),
    "cyrillic": ((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)),
    "greek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "arabic": (
        (0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFF),
    ),
    "hebrew": ((0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    "devanagari": ((0x900, 0x97F), (0xA8E0, 0xA8FF)),
}  # fmt: skip


# Names and longer codes (ISO 639-2 and 639-3) by which people ask for what lid.176 knows.
_ALIASES: Final = {
    alias: code
    for code, aliases in {
        "ar": "arabic ara", "bg": "bulgarian bul", "bn": "bengali ben", "ca": "catalan cat",
        "cs": "czech ces cze cz", "da": "danish dan dk", "de": "german deu ger",
        "el": "greek ell gre gr",
        "en": "english eng", "es": "spanish spa castilian", "et": "estonian est",
        "fa": "persian farsi fas per", "fi": "finnish fin", "fr": "french fra fre",
        "he": "hebrew heb iw", "hi": "hindi hin", "hr": "croatian hrv", "hu": "hungarian hun",
        "id": "indonesian ind", "it": "italian ita", "ja": "japanese jpn jp", "ko": "korean kor kr",
        "lt": "lithuanian lit", "lv": "latvian lav", "nl": "dutch nld dut flemish",
        "no": "norwegian nor nb nob", "pl": "polish pol", "pt": "portuguese por",
        "ro": "romanian ron rum", "ru": "russian rus", "sk": "slovak slk slo",
        "sl": "slovenian slovene slv", "sr": "serbian srp", "sv": "swedish swe se",
        "sw": "swahili swa", "th": "thai tha", "tr": "turkish tur", "uk": "ukrainian ukr ua",
        "ur": "urdu urd", "vi": "vietnamese vie", "zh": "chinese zho chi cn mandarin",
    }.items()
    for alias in aliases.split()
}  # fmt: skip


def did_you_mean(language: str, known: Iterable[str]) -> str:
    """Returns the end of a message about an unknown language: the code that is meant, if it shows.

    >>> did_you_mean("german", ["en", "de"]), did_you_mean("jpn", ["de"])
    ("; did you mean 'de'?", '')
    """
    codes = {code: code for code in known}
    names = {alias: code for alias, code in _ALIASES.items() if code in codes}
    word = language.lower()
    first = (codes | names).get(word.partition("-")[0].partition("_")[0])
    close = difflib.get_close_matches(word, [name for name in names if len(name) > 3], 1, 0.75)
    found = first or (names[close[0]] if close else "")
    return f"; did you mean {found!r}?" if found else ""

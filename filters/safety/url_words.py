"""Words of URLs that speak of explicit pages: the optional URL score.

RefinedWeb (Penedo et al. 2023, appendix G.1) scores URLs by three kinds of words; the lists here
are our own, short, and of words that name explicit material itself. Names of people's identities,
of the body in medicine, and of crimes are not in them, nor is any word that is harmless alone.
"""

import re
from typing import Final
from urllib.parse import unquote

STRICT: Final = (  # anywhere in the URL, even inside a word
    "porntube", "pornvid", "freeporn", "pornpic", "pornstar", "livesex", "sexcam", "xxxvid",
    "xxxtube", "sextube", "sexvid", "nudegirl", "nakedgirl", "hardcoresex",
)  # fmt: skip
HARD: Final = frozenset((  # one whole word
    "porn", "porno", "pornos", "milf", "milfs", "blowjob", "blowjobs", "cumshot", "cumshots",
    "gangbang", "gangbangs", "creampie", "creampies", "camgirl", "camgirls", "hentai", "upskirt",
    "handjob", "handjobs", "deepthroat", "bukkake", "fisting",
))  # fmt: skip
SOFT: Final = frozenset((  # `MIN_SOFT` different whole words
    "xxx", "sex", "sexy", "nude", "nudes", "naked", "adult", "adults", "erotic", "erotica",
    "escort", "escorts", "webcam", "webcams", "cams", "fetish", "babes", "hardcore", "amateurs",
    "tits", "boobs", "pussy", "cock", "dick", "anal", "orgy", "horny", "slut", "sluts", "pornstars",
))  # fmt: skip
MIN_SOFT: Final = 2
_WORD = re.compile("[a-z]+")


def find_explicit_words(url: str) -> list[str]:
    """Returns the words by which a URL is explicit: strict parts, hard words, or two soft ones.

    >>> find_explicit_words("http://example.com/sex-education")
    []
    >>> find_explicit_words("http://a.b/sex/nude")
    ['nude', 'sex']
    """
    text = unquote(url).lower()
    words = set(_WORD.findall(text))
    hard, soft = words & HARD, words & SOFT
    found = hard | (soft if len(soft) >= MIN_SOFT else set())
    return sorted(found.union(part for part in STRICT if part in text))


def is_explicit_url(url: str) -> bool:
    """Returns whether a URL holds a strict part, a hard word, or two soft ones."""
    return bool(find_explicit_words(url))

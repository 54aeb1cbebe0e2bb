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


def is_explicit_url(url: str) -> bool:
    """Returns whether a URL holds a strict part, a hard word, or two soft ones.

    >>> is_explicit_url("http://example.com/sex-education"), is_explicit_url("http://a.b/sex/nude")
    (False, True)
    """
    text = unquote(url).lower()
    words = set(_WORD.findall(text))
    if not words.isdisjoint(HARD) or len(words & SOFT) >= MIN_SOFT:
        return True
    return any(part in text for part in STRICT)

"""Templates that show one or some of their arguments as they are."""

import re
from collections.abc import Callable

from massivetext.readers.wikipedia.templates.arguments import Arguments

Writer = Callable[[Arguments], str]


def first(arguments: Arguments) -> str:
    """Returns the first argument, or the one called text, quote or content."""
    return arguments.at(0) or arguments.get("text", "quote", "content")


def second(arguments: Arguments) -> str:
    """Returns the second argument, or the one called text."""
    return arguments.at(1) or arguments.get("text", "content")


def last(arguments: Arguments) -> str:
    """Returns the last argument that is not empty."""
    return next(reversed(arguments.all()), "")


def label(arguments: Arguments) -> str:
    """Returns the second argument, a link's label, or else the first, its target."""
    return arguments.at(1) or first(arguments)


def joined(separator: str, limit: int | None = None) -> Writer:
    """Returns a writer of all arguments with something in between."""
    return lambda arguments: separator.join(arguments.all()[:limit])


def around(before: str, after: str = "") -> Writer:
    """Returns a writer of the first argument between two strings; "" without one."""

    def write(arguments: Arguments) -> str:
        text = first(arguments)
        return f"{before}{text}{after}" if text else ""

    return write


def _raised(arguments: Arguments) -> str:
    """Returns a superscript as HTML: what stands before it decides how it is written."""
    return f"<sup>{first(arguments)}</sup>" if first(arguments) else ""


def _formula(arguments: Arguments) -> str:
    """Returns a formula written with HTML: its superscripts are powers."""
    return _EXPONENT.sub("<sup power>", first(arguments))


def _lowered(arguments: Arguments) -> str:
    """Returns a subscript as HTML: beside a digit it is written apart from it."""
    return f"<sub>{first(arguments)}</sub>" if first(arguments) else ""


def _super_and_sub(arguments: Arguments) -> str:
    below, above = arguments.get("b", "sub"), arguments.get("p", "sup")
    below = f"<sub>{below}</sub>" if below else ""
    return f"{below}<sup>{above}</sup>{arguments.at(0)}" if above else below + arguments.at(0)


def _interlanguage(arguments: Arguments) -> str:
    return arguments.get("lt", "display", "text", "en") or arguments.at(0)


def _verse(arguments: Arguments) -> str:
    """Returns a passage of the Bible, "1 John 3:16", however it is cut into arguments."""
    texts = arguments.all()
    if texts and texts[0].isdecimal():
        texts[:2] = [" ".join(texts[:2])]
    book, chapter, verse = (*texts, "", "", "")[:3]
    is_number = chapter.isdecimal() and verse[:1].isdecimal()
    return f"{book} {chapter}{f':{verse}' if is_number else ''}".strip()


def _author(arguments: Arguments) -> str:
    """Returns the authors of a work as words of the sentence, "Boolos and Jeffrey (1974)"."""
    texts = arguments.all()
    years = ", ".join(text for text in texts if text[:1].isdecimal())
    authors = " and ".join(text for text in texts if not text[:1].isdecimal())
    return f"{authors} ({years})" if years else authors


def _surah(arguments: Arguments) -> str:
    return f"Quran {':'.join(arguments.all()[:2])}" if arguments.all() else ""


def _case(arguments: Arguments) -> str:
    """Returns a case of the Supreme Court, "410 U.S. 113 (1973)"."""
    texts = arguments.all()
    name = arguments.get("name")
    volume, page = (arguments.get("volume") or arguments.at(0)), arguments.at(1)
    year = arguments.get("year") or (texts[2] if len(texts) > 2 else "")
    cited = f"{volume} U.S. {arguments.get('page') or page}" + (f" ({year})" if year else "")
    return f"{name}, {cited}" if name else cited


def _law(arguments: Arguments) -> str:
    return " U.S.C. § ".join(arguments.all()[:2])


def _character(arguments: Arguments) -> str:
    """Returns a code point with its character and name, "U+00E9 é LATIN ..."."""
    code, name = arguments.at(0).upper().removeprefix("U+"), arguments.at(1)
    return f"U+{code} {name}".strip() if code else ""


def _road(arguments: Arguments) -> str:
    """Returns the names of roads, "I-95 / US 1"."""
    texts = arguments.all()
    pairs = zip(texts[::2], texts[1::2], strict=False)
    return " / ".join(f"{kind}{'-' if kind == 'I' else ' '}{number}" for kind, number in pairs)


def _mail(arguments: Arguments) -> str:
    return arguments.get("name", "text") or arguments.at(1) or arguments.get("url")


def _section(arguments: Arguments) -> str:
    return " § ".join(arguments.all())


_EXPONENT = re.compile(r"(?<=[\w)'>])<sup>", re.I)  # see powers.py
_MUSIC = {"flat": "♭", "b": "♭", "sharp": "♯", "#": "♯", "natural": "♮", "n": "♮"}


def _names(names: str, write: Writer) -> dict[str, Writer]:
    return dict.fromkeys((name.strip() for name in names.split(",") if name.strip()), write)


WORDS: dict[str, Writer] = {
    **_names(
        "nowrap, nobr, nwr, no wrap, nobreak, j, avoid wrap, wrap, small, smaller, big, bigger,"
        "larger, large, midsize, x-larger, resize text, abbr, abbrv, abbrlink, tooltip, acronym,"
        "initializm, sic, typo, em, strong, bold, b, i, u, uline, italic, itals, smallcaps,"
        "small caps, sc, aut, smallcaps all, allcaps, caps, var, mono, monospace,"
        "code, tt, kbd, samp, pre, angle bracket, unicode, ipa link, ipalink, visible anchor,"
        "vanchor, flag, flagcountry, flagu, flaglist, flagcountry2, flagathlete, overline,"
        "underline, poem, polytonic, hebrew, nts, nobold, nonbold, normal, no italic,"
        "noitalic, italics correction, xt, tq, strike, strikethrough, s, del, lower, raise,"
        "center, longitem, text, proper name, as written, date, birth-date, death-date,"
        "birth-date and age, death-date and age, start-date, end-date,"
        "annotated link, underset, serif, sans-serif, oeis, oeis2c, rws, stn, station,"
        "stnlnk, stl, font style, notatypo, spellnum, number to words, number sort,"
        "pagelinks, uni, ushort, marriage, button, menu,"
        "nihongo foot, native",
        first,
    ),
    **_names(
        "color, font color, fontcolor, font, colored text, background color, bg, hsp, link,"
        "hover title, sort, legend, legend2, legend inline, legend-line, align, resize, script,"
        "unichar/name, numblk, hidden begin, indent text",
        second,
    ),
    **_names("term link, glossary link, gli, url, plain link, bluelink, mail link, see-link,"
             "linkedin, wikt, wiktionary-inline",
             label),
    **_names("rquote, lang-link", last),
    **_names("gaps, mp, mpl, mpl-, chem, chem2, ce, linktext, not a typo, chem name, nucl",
    joined("")),
    **_names("key press, keypress, key, keyboard", joined("+")),
    **_names("sortname, hs name, cardinal", joined(" ", 2)),
    **_names("codes", joined(", ")),
    **_names("math, bigmath", _formula),
    **_names("mvar", around("<i>", "</i>")),
    **_names("née, nee, né", around("née ")),
    **_names("sup, superscript, smallsup, ^, supsmall", _raised),
    **_names("sub, subscript, smallsub", _lowered),
    **_names("su, subsup, sup sub", _super_and_sub),
    **_names("ill, interlanguage link, illm, ill-wd, link-interwiki, interlanguage link multi, iw2,"
             "interlanguage link forced, red link with example", _interlanguage),
    **_names("bibleverse, bibleref, bibleref2, bible verse, bibleverse-nb, bv, bible", _verse),
    **_names("bibleverse-lb", lambda arguments: " ".join(arguments.all()[:2])),
    **_names("quran, qref, quran-usc, cite quran, qu'ran", _surah),
    **_names("harvtxt, harvcoltxt, citet, harvs", _author),
    **_names("ussc, scotus", _case),
    **_names("usc, unitedstatescode, us code", _law),
    **_names("unichar, u+", _character),
    **_names("jct", _road),
    **_names("plainlink, plainlinks link, external link text, email, mailto", _mail),
    **_names("section link, slink", _section),
    **_names("us patent, us patent application", around("U.S. patent ")),
    **_names("rfc, ietf rfc", around("RFC ")),
    **_names("isbn", around("ISBN ")),
    **_names("music", lambda arguments: _MUSIC.get(arguments.at(0).lower(), arguments.at(0))),
    **_names("cve", around("CVE-")),
    **_names("bwv", around("BWV ")),
    **_names("ipablink, ipa blink, bracket, brackets", around("[", "]")),
    **_names("ipaslink, ipa slink", around("/", "/")),
    **_names("angbr, angbr ipa, angle bracket ipa, grapheme, langle rangle", around("⟨", "⟩")),
    **_names('", qq, double quotes, tqq, quotes, quoted', around('"', '"')),
    **_names("', single quotes", around("'", "'")),
    **_names("abs", around("|", "|")),
    **_names("norm", around("‖", "‖")),
    **_names("floor", around("⌊", "⌋")),
    **_names("ceil, ceiling", around("⌈", "⌉")),
    **_names("bra", around("⟨", "|")),
    **_names("ket", around("|", "⟩")),
    **_names("tmath", around("$", "$")),
    **_names("prime", lambda arguments: f"{first(arguments)}′"),
    **_names("hash-tag, hashtag", around("#")),
}  # fmt: skip

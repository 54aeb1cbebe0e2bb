"""Names in other languages: the word itself, how it is read and what it means."""

from massivetext.readers.wikipedia.templates.arguments import Arguments
from massivetext.readers.wikipedia.templates.words import Writer, first, last, second

_CHINESE = ("c", "s", "t", "hanzi", "p", "tp", "w", "j", "cy", "y", "sl", "gr", "poj", "tl")
_KOREAN = ("hangul", "hanja", "rr", "mr")


def _meaning(text: str) -> str:
    return f"lit. '{text}'" if text else ""


def _comma(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def _foreign(arguments: Arguments, place: int) -> str:
    """Returns a foreign word with its reading and its meaning, as far as they are given."""
    word = arguments.at(place) or arguments.get("text")
    reading = arguments.get("translit", "tr", "rtl-translit") or arguments.at(place + 1)
    meaning = arguments.get("lit", "translation") or arguments.at(place + 2)
    return _comma(word, reading if reading != word else "", _meaning(meaning))


def _chinese(arguments: Arguments) -> str:
    named = [arguments.named.get(key, "") for key in _CHINESE]
    texts = list(dict.fromkeys(text for text in (*named, *arguments.positional) if text))
    return _comma(*texts, _meaning(arguments.get("l")))


def _korean(arguments: Arguments) -> str:
    named = [arguments.named.get(key, "") for key in _KOREAN]
    return _comma(*arguments.positional, *named, _meaning(arguments.get("lk", "l")))


def _with_readings(arguments: Arguments) -> str:
    """Returns "English (日本語, romaji)"; only the readings where the word is missing."""
    word, *readings = (arguments.at(index) for index in range(4))
    inside = _comma(*readings, _meaning(arguments.get("lead lit", "lit")))
    return f"{word} ({inside})" if word and inside else word or inside


def _literally(arguments: Arguments) -> str:
    texts = [f"'{text}'" for text in arguments.all()]
    return f"lit. {' or '.join(texts)}" if texts else ""


def _gloss(arguments: Arguments) -> str:
    return f"'{first(arguments)}'" if first(arguments) else ""


def _etymology(arguments: Arguments) -> str:
    """Returns the words behind a name, each of three arguments: language, word, meaning."""
    places = range(0, max(len(arguments.positional), 1), 3)
    words = [
        " ".join(filter(None, (arguments.at(i + 1), _quoted(arguments.at(i + 2))))) for i in places
    ]
    return " and ".join(filter(None, words))


def _quoted(text: str) -> str:
    return f"'{text}'" if text else ""


def _transcription(arguments: Arguments) -> str:
    """Returns the sounds: the only argument, or the one behind the language's code."""
    return arguments.at(1) or arguments.at(0)


def _ruby(arguments: Arguments) -> str:
    word, reading = arguments.at(0), arguments.at(1)
    return f"{word} ({reading})" if word and reading else word


def _hebrew_name(arguments: Arguments) -> str:
    return _comma(*arguments.all()[:3])


def language_writer(name: str) -> Writer | None:
    """Returns the writer of a family of names, "lang-fr"; None if `name` belongs to none."""
    if name == "lang-zh":
        return _chinese
    if name.startswith("lang-"):
        return lambda arguments: _foreign(arguments, 0)
    return first if name.startswith("script/") else None


LANGUAGES: dict[str, Writer] = {
    **dict.fromkeys(("langx", "native name with reading"), lambda a: _foreign(a, 1)),
    **dict.fromkeys(("lang", "langr", "rtl-lang", "native name", "native phrase", "wikt-lang"),
                    second),
    **dict.fromkeys(("transl", "transliteration", "translit", "tlit", "xlit", "romanization",
                     "langwithname", "lang-name", "mention"), last),
    **dict.fromkeys(("zh", "zhi", "zhc", "zhcp", "zhpc", "zh-cp"), _chinese),
    **dict.fromkeys(("korean", "ko-hhrm", "ko-hhr", "ko-hhm", "ko"), _korean),
    **dict.fromkeys(("nihongo", "nihongo3", "nihongo krt", "nihongo core"), _with_readings),
    **dict.fromkeys(("nihongo2", "nihongo title", "jpn", "bo-textonly"), first),
    **dict.fromkeys(("lit", "lit.", "literal", "literal translation", "literally"), _literally),
    **dict.fromkeys(("gloss", "glossed", "translation", "trans"), _gloss),
    **dict.fromkeys(("etymology",), _etymology),
    **dict.fromkeys(("ipa", "ipa-all", "ipa notation"), _transcription),
    **dict.fromkeys(("ruby", "ruby-ja", "ruby-zh-p", "ruby-ko"), _ruby),
    **dict.fromkeys(("hebrew name", "hebrew name 1"), _hebrew_name),
}  # fmt: skip

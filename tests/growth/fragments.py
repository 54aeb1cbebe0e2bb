"""What is pumped into readers: parts of what their regular expressions match, and of markup.

A regular expression is slow on what it nearly matches again and again: the bodies of its repeats,
its alternatives, and its beginnings. So these are generated from the patterns themselves.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
CATEGORIES = {
    "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a", "CATEGORY_DIGIT": "1",
    "CATEGORY_NOT_DIGIT": "a", "CATEGORY_WORD": "a", "CATEGORY_NOT_WORD": "-",
}  # fmt: skip
OTHERS = "a 1<>\"'=&-\n/;{}[]"  # of which one is outside most sets
MAX_PART = 200  # characters of a fragment
MARKUP = [
    "a", " ", "\n", "\r", "\r\n", "\t", "\x00", "\xa0", "\xe9", "\U0001f600", "\ud83d", "\\",
    "\\\\", "\"", "'", "<", ">", "&", "&amp;", "&#1;", "<!--", "-->", "<![CDATA[", "<!DOCTYPE[",
    "<a ", "<a x=", "<a \"", "<a '", "<p>", "</p>", "<br>", "<b>", "<a>", "<a href='#1'>",
    "<sup>", "<sup>1</sup>", "<sub>2</sub>", "<sup><a>", "<math>", "<math><mi>", "<math></math>",
    "<math alttext='x'></math>", "<m:math><m:mi>", "<m:math></m:math>", "<m:", "<ol reversed><li>",
    "<sup>1</sup>/<sub>2</sub>", "5<sup>1</sup>/2 ", "<span><sup>1</sup></span>", "<sup>1</sup>/",
    "10 <sup>6</sup>", "<script type='math/mml'><math>", "<script type='math/x'>x</script>",
    "<script type='math/tex'>x</script>",
    "<img alt='$x$' class=tex>", "<li>", "<ol start=9>", "<ol><li value=5>", "<table><tr><td>",
    "<td>", "<select><option>", "<option>", "<option>a</option>", "<optgroup>", "<select>",
    "<datalist><option>", "<div>", "<div><p>", "<pre>", "<svg>", "<svg><text>", "<template>",
    "<form>", "<dl><dt>", "<ruby><rt>", "<frameset>", "<noscript>", "<meta charset=x>", "<meta ",
    "<meta content='", "<style>", "<title>", "<textarea>", "<iframe>", "<object>",
    "<article><h1>", "&nbsp;", "&nbsp;&nbsp;x<br>", "{", "}", "[", "]", "{}", "[]", "{},", "[],",
    "[{\"\":1},", "\"a\":1,", "\"a\":[", "{\"a\":", "\\u0000", "\\ud83d", "1e9", "0\r\n",
    "2\r\nab\r\n", "1;a\r\n", "a: b\r\n", " b\r\n", "WARC/1.0\r\n", "HTTP/1.1 200\r\n",
    "*** START OF THE ", "***START**THE SMALL PRINT!\n", "*END*THE SMALL PRINT!\n",
    "End of Project Gutenberg's X\n", "Title: a\n", "<<THIS ELECTRONIC VERSION",
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
    "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n", "Produced by a\n\n", " = a = \n", "{{a|",
    "[[a|", "{|", "'''",
]  # fmt: skip


class Pump(NamedTuple):
    """A text: a beginning, then a part as often as a size asks."""

    prefix: str
    part: str

    def text(self, size: int) -> str:
        """Returns the text of about `size` characters."""
        return self.prefix + self.part * (size // len(self.part))


def modules(package: str) -> Iterator[ModuleType]:
    """Yields a package's modules, or the module itself."""
    root = importlib.import_module(package)
    yield root
    for info in pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}."):
        yield importlib.import_module(info.name)


def patterns(packages: tuple[str, ...]) -> list["re.Pattern[Any]"]:
    """Returns the compiled regular expressions of all modules."""
    found = {}
    for package in packages:
        for module in modules(package):
            for value in vars(module).values():
                if isinstance(value, re.Pattern):
                    found[value.pattern, value.flags] = value
    return list(found.values())


def pumps(packages: tuple[str, ...]) -> list[Pump]:
    """Returns everything to pump into the readers of some packages, each once."""
    found = dict.fromkeys(Pump("", part) for part in MARKUP)
    for pattern in patterns(packages):
        found |= dict.fromkeys(_of_pattern(pattern))
    return list(found)


def _of_pattern(pattern: "re.Pattern[Any]") -> Iterator[Pump]:
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = re._parser.parse(text, pattern.flags & ~re.UNICODE)  # type: ignore[attr-defined]
    before = ""
    for node in tree:
        for part in _parts([node]):
            part = part[:MAX_PART]
            if part:
                yield Pump("", part)
                yield Pump(before[:MAX_PART], part)
        before += _sample([node])
        if before:
            yield Pump("", before[:MAX_PART])


def _parts(nodes: Any) -> Iterator[str]:
    """Yields samples of repeats' bodies and of alternatives, however deep."""
    for name, value in ((str(operation), argument) for operation, argument in nodes):
        if name in REPEATS:
            yield _sample(value[2])
            yield from _parts(value[2])
        elif name == "SUBPATTERN":
            yield from _parts(value[3])
        elif name == "ATOMIC_GROUP":
            yield from _parts(value)
        elif name == "BRANCH":
            for branch in value[1]:
                yield _sample(branch)
                yield from _parts(branch)


def _sample(nodes: Any) -> str:
    return "".join(_one(str(name), value) for name, value in nodes)


def _one(name: str, value: Any) -> str:
    if name == "LITERAL":
        return chr(value)
    if name == "NOT_LITERAL":
        return next(c for c in OTHERS if ord(c) != value)
    if name == "ANY":
        return "a"
    if name == "IN":
        return _of_set(value)
    if name in REPEATS:
        return _sample(value[2]) * max(value[0], 1)
    if name == "SUBPATTERN":
        return _sample(value[3])
    if name == "ATOMIC_GROUP":
        return _sample(value)
    return _sample(value[1][0]) if name == "BRANCH" else ""


def _of_set(items: Any) -> str:
    if str(items[0][0]) != "NEGATE":
        kind, value = str(items[0][0]), items[0][1]
        if kind == "CATEGORY":
            return CATEGORIES[str(value)]
        return chr(value[0] if kind == "RANGE" else value)
    return next((c for c in OTHERS if not any(_in(ord(c), item) for item in items[1:])), "~")


def _in(code: int, item: Any) -> bool:
    kind, value = str(item[0]), item[1]
    if kind == "RANGE":
        return bool(value[0] <= code <= value[1])
    if kind == "CATEGORY":
        return CATEGORIES[str(value)] == chr(code)
    return bool(code == value)

"""Work and memory grow with a page's size, whatever is repeated in it.

The fragments come from the patterns of the code itself: for each repetition in a pattern, what
stands before it once, and then what it repeats again and again. To these come fragments by hand.
"""

import importlib
import io
import pkgutil
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import massivetext.readers.wikipedia as package
from massivetext.document import Origin
from massivetext.limits import MAX_WIKI_BYTES, MAX_XML_PAGE_BYTES
from massivetext.readers.wikipedia.clean import clean_wikitext
from massivetext.readers.wikipedia.read import read_wikipedia

SMALL, LARGE = 250_000, 4_000_000
MOST = 2.0  # times the cost of a byte
NOISE = 40e-9  # seconds a byte that no ratio is taken of: caches, not growth
PARTS = 16  # of the fragments, each a test
MEBIBYTE = 1 << 20
BASE_MEMORY = 300 * MEBIBYTE
MEMORY_PER_BYTE = 12

BY_HAND = [
    "{{", "}}", "}}}", "[[", "]]", "]]]", "[", "{|\n", "|}\n", "|}}", "{{nowrap|", "[[a|", "{{{",
    "{{{1|", "{{}}", "[[]]", "[[File:", "[[a:b", "{{a}}", "{{foo|b}}", "x {{foo|b}}", "{{a|b={{c|",
    "[[a|{{b|]]", "{{convert|1|to|", "{{ubl|a|b}}", "{{#if:", "{{#if:a|b}}", "{{#switch:a|b=",
    "{{#expr:1+", "{{=}}", "{{frac|1|2}}", "1{{frac|1|2}}", "{{zh|s=a}}", "{{birth date|1|2|3}}",
    "{{padleft:1|99|0}}", "{{hlist|a|", "{{defn|a}}", "<ref>", "<ref", "<ref / >", "(<ref />)",
    "(<ref/>", "<ref/>)", ", <ref/>", "*<ref/>", "<!--", "<!-- -->", "<math>", "<math>x</math>",
    "</ref>", "<table>", "</table>", "[http://a ", "[http://a", "[//a b]", "'", "''", "=", "==\n",
    "== a ==\n", "*", "#\n", "*#:;", "( ", "(;", ", ", " ,", ", , ", "; ", "<a ", "<", "<code>",
    "<code>a</code>", "</code>", "<sup>1", "1<sup>", "<b", "&", "&amp;", "&#", "&#9", "&aaaa",
    "__A",
    "__TOC__", "|", "a|", "\n", "\n ", " a\n", "\t", " ", "  a", "\0", "<nowiki>", "<br ", "<br>",
    "<pre>x</pre>", "é", "\U0001f600", "a=", "-", "----\n", "|-\n", "!\n", ":{|", "{{a\n|b=c\n}}",
]  # fmt: skip
AROUND = [("", ""), ("{{nowrap|", "}}"), ("x {{unknown|", "}} y"), ("[[File:a.png|", "]]")]


def patterns() -> dict[str, str]:
    """Returns the patterns of all modules of the reader by their names."""
    found = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for name, value in vars(importlib.import_module(info.name)).items():
            if isinstance(value, re.Pattern):
                text = value.pattern
                key = f"{info.name.rpartition('.')[2]}.{name}"
                found[key] = text if isinstance(text, str) else text.decode("latin-1")
    return found


def sample(tokens: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Yields, for each repetition, a text that leads to it and one that it repeats."""
    for operation, value in tokens:
        if operation in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            body = shortest(value[2])
            yield before, body
            yield from sample(value[2], before)
            before += body * min(max(value[0], 1), 3)
        elif operation is op.SUBPATTERN:
            yield from sample(value[3], before)
            before += shortest(value[3])
        elif operation is op.BRANCH:
            for branch in value[1]:
                yield from sample(branch, before)
            before += shortest(value[1][0])
        else:
            before += shortest([(operation, value)])


def shortest(tokens: Any) -> str:
    """Returns a short text that a parsed pattern matches, nearly."""
    return "".join(shortest_of(operation, value) for operation, value in tokens)


def shortest_of(operation: Any, value: Any) -> str:
    if operation is op.LITERAL:
        return chr(value)
    if operation is op.IN:
        return member(value)
    if operation is op.BRANCH:
        return shortest(value[1][0])
    if operation is op.SUBPATTERN:
        return shortest(value[3])
    if operation in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return shortest(value[2]) * max(value[0], 1)
    return "a" if operation in (op.ANY, op.NOT_LITERAL) else ""


def member(choices: Any) -> str:
    """Returns a character of a set."""
    operation, value = choices[0]
    if operation is op.NEGATE:
        return "a"
    if operation is op.LITERAL:
        return chr(value)
    if operation is op.RANGE:
        return chr(value[0])
    return {op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " "}.get(value, "a")


def fragments() -> list[str]:
    """Returns all that is pumped, from the patterns and by hand."""
    found = list(BY_HAND)
    for pattern in patterns().values():
        tree = parser.parse(pattern, re.IGNORECASE)
        for before, body in sample(tree):
            found += [body, before + body, before + body * 50]
        found.append(shortest(tree))
    return list(dict.fromkeys(text for text in found if text))


def seconds(text: str, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        clean_wikitext(text, title="T")
        times.append(time.process_time() - start)
    return min(times)


def pumped(fragment: str, size: int, around: tuple[str, str]) -> str:
    return f"{around[0]}{fragment * (size // len(fragment))}{around[1]}"


def test_every_module_with_patterns_is_pumped() -> None:
    assert len(patterns()) > 30
    assert len(fragments()) > 200


@pytest.mark.parametrize("around", AROUND)
def test_many_small_pages_of_fragments_end(around: tuple[str, str]) -> None:
    """In a quick run: at this size quadratic work shows as minutes, and the time limit judges."""
    for fragment in fragments():
        text = clean_wikitext(pumped(fragment, 3_000, around))
        assert len(text) < 60_000


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("around", AROUND)
def test_a_byte_of_a_long_page_costs_at_most_twice_one_of_a_short_page(
    around: tuple[str, str], part: int
) -> None:
    worst = []
    for fragment in fragments()[part::PARTS]:
        small = seconds(pumped(fragment, SMALL, around), 3) / SMALL
        large = seconds(pumped(fragment, LARGE, around), 1) / LARGE
        if large > MOST * small and large > NOISE:  # a busy machine: once more
            large = seconds(pumped(fragment, LARGE, around), 3) / LARGE
        print(f"{fragment[:30]!r:34}{small * 1e9:8.0f} ns{large * 1e9:8.0f} ns")
        if large > MOST * small and large > NOISE:
            worst.append((fragment, small, large))
    assert worst == []


def read_seconds(fragment: str, size: int) -> float:
    """Reads a dump whose head, page and gap between pages are a fragment again and again."""
    data = pumped(fragment, size // 3, ("", "")).encode()
    page = b"<page><title>A</title><ns>0</ns><revision><text>a</text></revision></page>"
    dump = b"<mediawiki>" + data + page.replace(b">a<", b">" + data + b"<") + data + page
    start = time.process_time()
    records = list(read_wikipedia(io.BytesIO(dump), Origin("wikipedia", "a.xml")))
    assert records
    return time.process_time() - start


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(PARTS))
def test_a_byte_of_a_long_dump_costs_at_most_twice_one_of_a_short_dump(part: int) -> None:
    worst = []
    tags = ["<page>", "</page>", "<page ", "<page", "<page a='b'", "<namespace ", "<", "<text>"]
    for fragment in [*tags, *fragments()[part::PARTS]]:
        small = min(read_seconds(fragment, SMALL) for _ in range(3)) / SMALL
        large = min(read_seconds(fragment, LARGE) for _ in range(2)) / LARGE
        print(f"{fragment[:30]!r:34}{small * 1e9:8.0f} ns{large * 1e9:8.0f} ns")
        if large > MOST * small and large > NOISE:
            worst.append((fragment, small, large))
    assert worst == []


# Not `ru_maxrss`, which a process has from the one that started it.
OWN_PEAK = """
def own_peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
"""

PEAK = (
    OWN_PEAK
    + """
import sys
from massivetext.readers.wikipedia.clean import clean_wikitext
fragment, size = eval(sys.argv[1]), int(sys.argv[2])
clean_wikitext("a" + fragment * (size // len(fragment.encode())) + "b")
print(own_peak())
"""
)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(PARTS))
def test_the_longest_page_takes_bounded_memory(part: int) -> None:
    bound = BASE_MEMORY + MEMORY_PER_BYTE * MAX_WIKI_BYTES
    peaks = {}
    for fragment in [*BY_HAND, "a\U0001f600{{", "\U0001f600|"][part::PARTS]:
        run = [sys.executable, "-c", PEAK, repr(fragment), str(MAX_WIKI_BYTES)]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        peaks[fragment] = int(done.stdout) / MEBIBYTE
    print(sorted(peaks.items(), key=lambda item: -item[1])[:20])
    assert {fragment: peak for fragment, peak in peaks.items() if peak * MEBIBYTE > bound} == {}


PAGE_PEAK = (
    OWN_PEAK
    + """
import io, sys
from massivetext.document import Origin
from massivetext.readers.wikipedia.read import read_wikipedia
fragment, size = eval(sys.argv[1]), int(sys.argv[2])
page = b"<page><title>A</title><ns>0</ns><revision><text>%s</text></revision></page>"
data = fragment * (size // len(fragment))
(record,) = read_wikipedia(io.BytesIO(page % data), Origin("wikipedia", "a.xml"))
print(type(record).__name__, own_peak())
"""
)


@pytest.mark.heavy
@pytest.mark.parametrize("fragment", [b"a", b", ", "a\U0001f600".encode(), b"&amp;", b"<a/>"])
def test_the_longest_page_element_takes_bounded_memory(fragment: bytes) -> None:
    size = MAX_XML_PAGE_BYTES - 200
    run = [sys.executable, "-c", PAGE_PEAK, repr(fragment), str(size)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    kind, peak = done.stdout.split()
    print(fragment, kind, int(peak) / MEBIBYTE)
    assert kind in ("Dropped", "Broken", "Document")
    assert int(peak) < BASE_MEMORY + MEMORY_PER_BYTE * MAX_XML_PAGE_BYTES

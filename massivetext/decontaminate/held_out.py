"""Held-out sets: the items that training data must not hold, read from the forms they come in."""

import csv
import io
import json
import re
import tarfile
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

from massivetext.decontaminate.task_items import Asked, read_asked
from massivetext.errors import ConfigError, RecordError
from massivetext.limits import MAX_LINE_BYTES
from massivetext.readers.bytes.lines import read_lines
from massivetext.text.surrogates import encodable

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BOM: Final = "\ufeff"  # of files that were saved, or joined, on Windows
SUITE: Final = "suite:"  # before the format of a task


class Item(NamedTuple):
    """One item of a held-out set: a passage, an article, a question with its choices."""

    id: str  # within its set
    text: str  # all of it, which the paper's rule compares
    article: str = ""  # title of the Wikipedia article that it is, if known
    unknown: bool = False  # it is an article, but its title holds words that the set hides
    asked: Asked = Asked()  # a question, if it is one


def _asked_item(identity: str, asked: Asked) -> Item:
    choices, right = (tuple(map(encodable, some)) for some in (asked.choices, asked.right))
    asked = Asked(encodable(asked.question), choices, right, encodable(asked.passage))
    parts = (asked.passage, asked.question, *asked.choices)
    return Item(encodable(identity), "\n".join(part for part in parts if part), asked=asked)


def read_test_set(file: BinaryIO, form: str) -> Iterator[Item]:
    """Yields the items of a held-out set.

    Args:
      file: an open binary stream; JSON lines may be compressed.
      form: jsonl (``text``, or ``question`` with ``choices`` and ``answer``; optional ``id``),
        wikitext (``wiki.test.raw``; ``wiki.test.tokens`` hides rare words, of titles too), mmlu (an
        archive of CSV files), or ``suite:`` and the format of a task of `massivetext evaluate
        --suite`.

    Raises:
      ConfigError: the file is not in that form, or holds no item.
    """
    count = 0
    try:
        for item in _read_items(file, form):
            count += 1
            yield item
        if not count:
            raise ValueError("it holds no item; name a file that does, or leave the set out")
    except (RecordError, ValueError, tarfile.TarError, csv.Error, EOFError) as error:
        raise ConfigError(f"not a held-out set in the form {form}: {error}") from error


def _read_items(file: BinaryIO, form: str) -> Iterator[Item]:
    readers = {"jsonl": _read_jsonl, "wikitext": _read_wikitext, "mmlu": _read_mmlu}
    if form.startswith(SUITE):
        return _read_task(file, form.removeprefix(SUITE))
    return readers[form](file)


def _read_lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    for offset, line in read_lines(file):
        if isinstance(line, RecordError):
            raise line
        yield offset, line.decode().replace(_BOM, "").removesuffix("\r")


def _read_records(file: BinaryIO) -> Iterator[tuple[int, Any]]:
    for number, (_, line) in enumerate(_read_lines(file)):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"line {number + 1} is no JSON: {error}") from error


def _read_jsonl(file: BinaryIO) -> Iterator[Item]:
    for number, value in _read_records(file):
        if not isinstance(value, dict):
            raise ValueError(f"line {number + 1} is no object")
        identity = str(value.get("id", number))
        if isinstance(value.get("text"), str):
            yield Item(encodable(identity), encodable(value["text"]))
        elif isinstance(value.get("question"), str):
            try:
                yield _asked_item(identity, _asked(value))
            except ValueError as error:
                raise ValueError(f"line {number + 1}: {error}") from error
        else:
            raise ValueError(f'line {number + 1} has neither a "text" nor a "question"')


def _asked(value: dict[str, Any]) -> Asked:
    choices, answer = _texts(value, "choices"), value.get("answer")
    if choices and isinstance(answer, int) and not isinstance(answer, bool):
        return read_asked("mmlu", value | {"choices": choices})
    if isinstance(answer, str | int | float):
        return Asked(value["question"], choices, (_meant(str(answer), choices),))
    return Asked(value["question"], choices, _texts(value, "answer"))


def _texts(value: dict[str, Any], key: str) -> tuple[str, ...]:
    found = value.get(key)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(x, str | int | float) for x in found):
        what = "a list of texts" if key == "choices" else "a text or a list of texts"
        raise ValueError(f'"{key}" is not {what}; write it so')
    return tuple(map(str, found))


def _meant(answer: str, choices: tuple[str, ...]) -> str:
    """Returns the right answer: a letter that is none of the choices names one by its place."""
    place = _LETTERS.find(answer.strip().upper()) if len(answer.strip()) == 1 else -1
    return choices[place] if answer not in choices and 0 <= place < len(choices) else answer


def _read_task(file: BinaryIO, form: str) -> Iterator[Item]:
    for number, value in _read_records(file):
        yield _asked_item(str(number), read_asked(form, value))


_HEADING = re.compile(r" ?= (?!=)(.+?)(?<!=) = ?")  # editors and loaders strip its blanks
_JOINED = re.compile(r" @([-,.])@ ")  # WikiText's marks inside words and numbers
_CLITIC = re.compile(r" (?=(?:'(?:s|re|ve|d|ll|m)|n't)\b)")  # split off by its tokenizer
_UNKNOWN = "<unk>"


def _read_wikitext(file: BinaryIO) -> Iterator[Item]:
    """Yields articles; a title stands between blank lines, as no line of a wrapped formula does."""
    title, lines, number = "", list[str](), 0
    for before, line, behind in _with_neighbors(line for _, line in _read_lines(file)):
        heading = _HEADING.fullmatch(line.rstrip("\n"))
        if heading and not before.strip() and not behind.strip():
            if title:
                yield _article(number, title, lines)
                number += 1
            title, lines = heading.group(1), []
        lines.append(line)
    if not title:
        raise ValueError("there is no article heading")
    yield _article(number, title, lines)


def _with_neighbors(lines: Iterator[str]) -> Iterator[tuple[str, str, str]]:
    before, line = "", next(lines, "")
    for behind in lines:
        yield before, line, behind
        before, line = line, behind
    yield before, line, ""


def _article(number: int, title: str, lines: list[str]) -> Item:
    unknown = _UNKNOWN in title
    whole = "" if unknown else join_tokens(title)
    return Item(str(number), join_tokens("\n".join(lines)), whole, unknown=unknown)


def join_tokens(text: str) -> str:
    """Returns WikiText's tokens joined to words as its articles have them.

    Punctuation may stay apart: shingles ignore it.

    >>> join_tokens("a well @-@ known 1 @,@ 000 of Ireland 's , did n't")
    "a well-known 1,000 of Ireland's , didn't"
    """
    return _CLITIC.sub("", _JOINED.sub(r"\1", text))


def _read_mmlu(file: BinaryIO) -> Iterator[Item]:
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".csv"):
                if member.size > MAX_LINE_BYTES:
                    raise ValueError(f"{member.name} has {member.size} bytes")
                content = archive.extractfile(member)
                if content is not None:
                    yield from _questions(member.name, content.read().decode("utf-8-sig"))


def _questions(name: str, content: str) -> Iterator[Item]:
    stem = name.rsplit("/", 1)[-1].removesuffix(".csv")
    for number, row in enumerate(csv.reader(io.StringIO(content))):
        if row and row != ["question", "choice0", "choice1", "choice2", "choice3", "answer"]:
            asked = Asked(row[0], tuple(row[1:-1]), _right(row))
            yield Item(f"{stem}/{number}", "\n".join(row[:-1]), asked=asked)


def _right(row: list[str]) -> tuple[str, ...]:
    """Returns the right choice: archives name it by its letter or its number."""
    place = "0123ABCD".find(row[-1]) % 4 if row[-1] in "0123ABCD" and row[-1] else -1
    return (row[1 + place],) if 0 <= place < len(row) - 2 else ()


def title_key(title: str) -> str:
    """Returns what equal page titles have in common, however they are spelled.

    Underscores are spaces and the first letter is a capital, as in a wiki; spaces do not count,
    since WikiText puts them around punctuation.

    >>> title_key("2011 – 12 Wolverines men 's_team") == title_key("2011–12 Wolverines men's team")
    True
    """
    key = "".join(title.replace("_", " ").split())
    return key[:1].upper() + key[1:]

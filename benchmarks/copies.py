"""Copies of real files in their own formats, with the words of every text in another order.

Nothing in such copies is a duplicate of anything in another, so a corpus of any size can be made
of a few real files. Words change places only with words of their own length, so that every tag,
header and length stays right.
"""

import bz2
import gzip
import io
import json
import random
import re
import tomllib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Span = tuple[int, int]

_WORD = re.compile(rb"[A-Za-z]+")
_BETWEEN_SPACES = re.compile(rb"(?<=[ \n])[A-Za-z]+(?=[ \n,.;:])")  # never a name in markup
_HTML = re.compile(rb"(?is)<(script|style)\b.*?</\1|>([^<]+)")
_WIKI = re.compile(rb"(?s)<text[^>]*>([^<]*)</text>")
_BOOK = re.compile(rb"(?s)\*\*\* ?START[^\n]*\n(.*?)\n\*\*\* ?END")
_TEXT_KEYS = ("text", "content")
_COMPRESSED = re.compile(rb"(?i)\ncontent-encoding: *(?!identity)\w")


def write_copies(recipe: Path, data: Path, copies: int, folder: Path) -> tuple[list[str], int]:
    """Writes copies of every file that a recipe reads of the real data.

    Files that are broken on purpose are left out: what is in them is in other files too.

    Args:
      recipe: such as tests/real.toml.
      data: the folder that is the recipe's root.
      copies: of each file.
      folder: a folder for each source is made in it.

    Returns:
      The settings with which the recipe reads the copies, and their bytes before compression.
    """
    size, settings = 0, []
    for source, chosen in tomllib.loads(recipe.read_text())["sources"].items():
        paths = [path for pattern in chosen["files"] for path in sorted(data.glob(pattern))]
        whole = [path for path in paths if not path.name.startswith("robustness")]
        size += sum(
            copy_file(p, number, folder / source) for number in range(copies) for p in whole
        )
        settings += ["--set", f'sources.{source}.files=["{folder / source}/*"]']
    return settings, size


def copy_file(path: Path, number: int, folder: Path) -> int:
    """Writes a copy of a file, ``copy-NN-NAME``; returns the bytes in it before compression.

    Args:
      path: WARC or WET by record (.gz), JSON lines (perhaps .gz), Parquet, wiki dump (.bz2) or
        plain text.
      number: of the copy; each has its own order of words.
      folder: where it goes.
    """
    write = _writer_for(path.name)
    folder.mkdir(parents=True, exist_ok=True)
    size, data = write(path.read_bytes(), random.Random(f"{number} {path.name}"))
    (folder / f"copy-{number:02}-{path.name}").write_bytes(data)
    return size


Written = tuple[int, bytes]  # bytes before compression, and the file
Writer = Callable[[bytes, random.Random], Written]


def _writer_for(name: str) -> Writer:
    for ending, write in _WRITERS.items():
        if name.endswith(ending):
            return write
    raise ValueError(f"{name}: no way to copy such a file")


def exchange_words(
    data: bytes, texts: list[Span], word: re.Pattern[bytes], r: random.Random
) -> bytes:
    """Returns the data with the words in the spans of text dealt anew among those of one length.

    >>> exchange_words(b"a bc de", [(0, 7)], _WORD, random.Random(1))
    b'a de bc'
    """
    places: dict[int, list[int]] = {}
    for begin, end in texts:
        for match in word.finditer(data, begin, end):
            places.setdefault(match.end() - match.start(), []).append(match.start())
    mixed = bytearray(data)
    for length, starts in places.items():
        for start, other in zip(starts, r.sample(starts, len(starts)), strict=True):
            mixed[start : start + length] = data[other : other + length]
    return bytes(mixed)


def _warc(data: bytes, r: random.Random) -> Written:
    records = [exchange_in_record(record, r) for record in _members(data)]
    kept = [record for record in records if record]
    packed = b"".join(gzip.compress(record, 1, mtime=0) for record in kept)
    return sum(map(len, kept)), packed


def _members(data: bytes) -> Iterator[bytes]:
    while data:
        unpack = zlib.decompressobj(31)
        yield unpack.decompress(data)
        data = unpack.unused_data


def exchange_in_record(record: bytes, r: random.Random) -> bytes:
    """Returns one record with its words exchanged; nothing where its body is compressed."""
    head, _, body = record.partition(b"\r\n\r\n")
    if b"WARC-Type: conversion" in head:
        return exchange_words(record, [(len(head), len(record))], _BETWEEN_SPACES, r)
    if b"WARC-Type: response" not in head:
        return record
    http = body.partition(b"\r\n\r\n")[0]
    if _COMPRESSED.search(http):
        return b""
    begin = len(head) + len(http) + 8
    texts = [m.span(2) for m in _HTML.finditer(record, begin) if m[2]]
    return exchange_words(record, texts, _BETWEEN_SPACES, r)


def _lines(data: bytes, r: random.Random) -> Written:
    copied = b"".join(_line(json.loads(line), r) for line in data.splitlines())
    return len(copied), copied


def _line(row: dict[str, Any], r: random.Random) -> bytes:
    for key in _TEXT_KEYS:
        if isinstance(row.get(key), str):
            row[key] = _plain(row[key].encode(), r)[1].decode()
    return json.dumps(row).encode() + b"\n"


def _plain(data: bytes, r: random.Random) -> Written:
    book = _BOOK.search(data)
    span = book.span(1) if book else (0, len(data))
    return len(data), exchange_words(data, [span], _WORD, r)


def _wiki(data: bytes, r: random.Random) -> Written:
    xml, pages, end = bz2.decompress(data), [], 0
    for match in _WIKI.finditer(xml):
        pages.append(xml[end : match.start(1)])
        pages.append(exchange_words(match[1], [(0, len(match[1]))], _BETWEEN_SPACES, r))
        end = match.end(1)
    copied = b"".join([*pages, xml[end:]])
    return len(copied), bz2.compress(copied)


def _parquet(data: bytes, r: random.Random) -> Written:
    table = pq.read_table(io.BytesIO(data))
    texts = [t and _plain(t.encode(), r)[1].decode() for t in table["content"].to_pylist()]
    place = table.schema.get_field_index("content")
    table = table.set_column(place, table.schema.field(place), pa.array(texts, pa.string()))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return table.nbytes, buffer.getvalue()


def _gzipped(write: Writer) -> Writer:
    def compress(data: bytes, r: random.Random) -> Written:
        size, copied = write(gzip.decompress(data), r)
        return size, gzip.compress(copied, 1, mtime=0)

    return compress


_WRITERS: dict[str, Writer] = {
    ".warc.gz": _warc,
    ".wet.gz": _warc,
    ".wat.gz": _warc,
    ".json.gz": _gzipped(_lines),
    ".jsonl.gz": _gzipped(_lines),
    ".jsonl": _lines,
    ".parquet": _parquet,
    ".xml.bz2": _wiki,
    ".txt": _plain,
}

"""Corpora of many copies of real documents, the words of each copy shuffled: nothing deduplicates.

The documents are those that a build kept, written back into the formats of the six sources.
"""

import bz2
import gzip
import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pyarrow.parquet as pq

Row = dict[str, Any]
COLUMNS = ["source", "text", "url", "title", "licence", "repository", "path"]


def kept_documents(build: Path) -> list[Row]:
    """Returns the documents that stage 1 of a build kept."""
    files = sorted((build / "documents").glob("part-*.parquet"))
    return [row for file in files for row in pq.read_table(file, columns=COLUMNS).to_pylist()]


def shuffled(text: str, seed: str) -> str:
    """Returns the text with its words in another order; each line has as many as before."""
    lines = [line.split() for line in text.split("\n")]
    words = [word for line in lines for word in line]
    random.Random(seed).shuffle(words)
    rest = iter(words)
    return "\n".join(" ".join(next(rest) for _ in line) for line in lines)


def write_copies(rows: list[Row], copies: int, folder: Path) -> int:
    """Writes so many copies of the documents, a file for each source and copy; returns the text.

    Args:
      rows: from `kept_documents`.
      copies: how many.
      folder: a folder for each source is made in it.

    Returns:
      The bytes of text written.
    """
    size = 0
    for copy in range(copies):
        for source, (name, write) in FORMATS.items():
            chosen = [
                row | {"text": shuffled(row["text"], f"{copy} {number}"), "number": number}
                for number, row in enumerate(rows)
                if row["source"] == source
            ]
            path = folder / source / name.format(copy)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(write(chosen))
            size += sum(len(row["text"].encode()) for row in chosen)
    return size


def _lines(rows: Iterable[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _plain(rows: list[Row]) -> bytes:
    return _lines({key: row[key] for key in ("text", "url", "title")} for row in rows)


def _code(rows: list[Row]) -> bytes:
    names = {"content": "text", "license": "licence", "repo_name": "repository", "path": "path"}
    return _lines({key: row[name] for key, name in names.items()} for row in rows)


def _wet(rows: list[Row]) -> bytes:
    return b"".join(gzip.compress(_conversion(row), 1, mtime=0) for row in rows)


def _conversion(row: Row) -> bytes:
    body = row["text"].encode()
    head = (
        "WARC/1.0\r\nWARC-Type: conversion\r\n"
        f"WARC-Target-URI: {row['url']}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:example:{row['number']}>\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def _wiki(rows: list[Row]) -> bytes:
    pages = "".join(
        f"<page><title>Page {row['number']}</title><ns>0</ns><id>{row['number']}</id>"
        f"<revision><id>1</id><text>{escape(row['text'])}</text></revision></page>\n"
        for row in rows
    )
    return bz2.compress(f"<mediawiki>\n{pages}</mediawiki>\n".encode())


FORMATS: dict[str, tuple[str, Callable[[list[Row]], bytes]]] = {
    "web": ("copy-{:02}.warc.wet.gz", _wet),
    "books": ("copy-{:02}.jsonl", _plain),
    "c4": ("copy-{:02}.json.gz", lambda rows: gzip.compress(_plain(rows), mtime=0)),
    "news": ("copy-{:02}.jsonl", _plain),
    "github": ("copy-{:02}.json.gz", lambda rows: gzip.compress(_code(rows), mtime=0)),
    "wikipedia": ("copy-{:02}.xml.bz2", _wiki),
}

"""Bits per byte on any documents: comparable between models of different vocabularies.

Every byte of a text's UTF-8 counts, as it was given, before the vocabulary's normalization; the end
of the document is not predicted. This is what lm-eval's rolling tasks measure too.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from massivetext.cli.files import NAME_KEY, documents_of, read_inputs
from massivetext.cli.standard_input import NAME
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.readers.rows.rows import COMMAND, Fields
from massivetext.train.evaluation.loss_by_source import ALL
from massivetext.train.evaluation.score import Scorer, Window, rolling_windows

TOGETHER = 64  # windows that are scored at once, of neighboring documents


class TextScore(NamedTuple):
    """What a model makes of one file's documents."""

    bits_per_byte: float
    documents: int
    bytes: int
    tokens: int


def read_texts(
    paths: Sequence[str], limit: int | None, key: str = "text"
) -> dict[str, Iterator[str]]:
    """Returns the texts of each file, by its name: JSON lines, Parquet, plain text, WARC and more.

    Rows have their text under `key`; ``-`` is standard input.

    Raises:
      ConfigError: a file is missing, named twice, or its name tells no format.
    """
    # All names are checked before the first model is loaded.
    read_inputs(paths, "web", standard=True)
    fields = COMMAND._replace(text=key)
    full = [NAME if path == "-" else path for path in paths]
    names = [Path(path).name for path in full]
    labels = names if len(set(names)) == len(names) else full
    return {
        label: islice((d.text for d in _documents(path, fields)), limit)
        for label, path in zip(labels, paths, strict=True)
    }


def _documents(path: str, fields: Fields) -> Iterator[Document]:
    return documents_of(read_inputs([path], "web", fields, standard=True), NAME_KEY)


def score_texts(scorer: Scorer, texts: dict[str, Iterator[str]]) -> dict[str, TextScore]:
    """Returns the score of each file, after that of `ALL` where there are several.

    Raises:
      ConfigError: a file holds no text.
    """
    found = {name: _score(scorer, name, stream) for name, stream in texts.items()}
    if len(found) == 1:
        return found
    size = sum(score.bytes for score in found.values())
    bits = sum(score.bits_per_byte * score.bytes for score in found.values())
    counts = (sum(s.documents for s in found.values()), size, sum(s.tokens for s in found.values()))
    return {ALL: TextScore(bits / size, *counts), **found}


def _score(scorer: Scorer, name: str, texts: Iterator[str]) -> TextScore:
    nats, documents, size, tokens = 0.0, 0, 0, 0
    waiting: list[Window] = []
    for text in texts:
        ids = scorer.encode(text)
        waiting += rolling_windows(ids, scorer.context, scorer.stride, scorer.encoder.bos)
        documents, size, tokens = documents + 1, size + len(text.encode()), tokens + len(ids)
        while len(waiting) >= TOGETHER:
            nats -= sum(found.nats for found in scorer.score(waiting[:TOGETHER]))
            waiting = waiting[TOGETHER:]
    nats -= sum(found.nats for found in scorer.score(waiting))
    if not size:
        raise ConfigError(f"{name}: no text in it")
    return TextScore(nats / math.log(2) / size, documents, size, tokens)


def format_texts(scores: dict[str, TextScore], context: int, limit: int | None) -> str:
    """Returns a table, one line a file, and how the numbers were taken."""
    width = max(12, *(len(name) for name in scores))
    lines = [f"{'text':{width}} {'bits/byte':>10} {'documents':>10} {'bytes':>12} {'tokens':>11}"]
    lines += [
        f"{name:{width}} {s.bits_per_byte:10.4f} {s.documents:10,} {s.bytes:12,} {s.tokens:11,}"
        for name, s in scores.items()
    ]
    part = "whole files" if limit is None else f"at most {limit:,} documents a file"
    return "\n".join([*lines, f"{part}; context of {context:,} tokens, longer texts slide by half"])

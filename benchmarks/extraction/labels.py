"""Which blocks of a gold page are main text: by the runs of words that they share with the gold."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from benchmarks.extraction.pages import SEGMENT_SET, GoldPage
from massivetext.readers.html.salience.arrays import Floats

_WORD = re.compile(r"\w+")
_RUN: Final = 4  # words; a block of fewer is judged by the whole line and by its neighbors
_MARKER = re.compile(r"^\s*(?:[-*•]|\d+\.)\s")
_NEAR: Final = 2  # longer blocks on either side


def words_of(text: str) -> list[str]:
    """Returns the words of a text in lower case, as all scores here count them."""
    return _WORD.findall(text.lower())


def label_blocks(page: GoldPage, texts: Sequence[str]) -> Floats:
    """Returns the share of each block that is main text, NaN where the gold says nothing of it."""
    words = [tuple(words_of(text)) for text in texts]
    if page.set == SEGMENT_SET:
        return _by_segments(page, words)
    return _by_runs(page.text, words)


def _by_segments(page: GoldPage, words: list[tuple[str, ...]]) -> Floats:
    labels = np.full(len(words), np.nan)
    lines = [f" {' '.join(line)} " for line in words]
    for segments, label in ((page.wanted, 1.0), (page.unwanted, 0.0)):
        for segment in filter(None, (" ".join(words_of(text)) for text in segments)):
            hits = [number for number, line in enumerate(lines) if f" {segment} " in line]
            hits = hits or [
                number
                for number, line in enumerate(lines)
                if len(words[number]) >= _RUN and line in f" {segment} "
            ]
            for number in hits[:3]:
                labels[number] = label if np.isnan(labels[number]) else labels[number]
    return labels


def _by_runs(gold: str, words: list[tuple[str, ...]]) -> Floats:
    known = words_of(gold)
    runs = {size: set(_runs(known, size)) for size in range(1, _RUN + 1)}
    pieces = (_MARKER.sub("", piece) for piece in re.split(r"[\n|]", gold))
    lines = {tuple(words_of(piece)) for piece in pieces}
    labels = np.array([_share(line, runs[_RUN]) for line in words])
    long = [number for number, line in enumerate(words) if len(line) >= _RUN]
    shares = labels[long]
    for number, line in enumerate(words):
        if 0 < len(line) < _RUN:
            at = int(np.searchsorted(long, number))
            near = shares[max(0, at - _NEAR) : at + _NEAR]
            labels[number] = _short(line in lines, line in runs[len(line)], near)
        elif len(line) < _RUN + 2 and line in lines:
            labels[number] = 1.0
    return labels


def _runs(words: Sequence[str], size: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _share(line: tuple[str, ...], runs: set[tuple[str, ...]]) -> float:
    """Returns the share of a line's words that lie in a run of the gold; NaN without words."""
    if not line:
        return float("nan")
    covered: Counter[int] = Counter()
    for at, run in enumerate(_runs(line, _RUN)):
        if run in runs:
            covered.update(range(at, at + _RUN))
    return len(covered) / len(line)


def _short(is_line: bool, is_run: bool, near: Floats) -> float:
    if is_line:
        return 1.0 if not len(near) or near.max() >= 0.3 else 0.3
    return float(is_run and len(near) > 0 and near.mean() > 0.6)

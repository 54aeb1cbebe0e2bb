"""Which documents the language drops at other probabilities, as far as what is stored tells.

Where the recipe measures what the language drops, all is stored that `judge_language` goes by. Else
it is the most probable language alone: what decides besides is known of some documents, not of all.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from massivetext.config.filter_rules import LanguageRules
from massivetext.filters.rejudge.thresholds import LanguageMove
from massivetext.filters.rules.words import has_stop_words
from massivetext.shards.document_files import ASKED

LANGUAGE_COLUMNS = ("language", "language_probability")
_ROUNDED = 1e-6  # by which a model's probabilities may sum to more than 1

Bools = NDArray[np.bool_]


class LanguageDrops(NamedTuple):
    """Of each document, whether the language drops it, or whether that is not known."""

    drops: Bools
    unknown: Bools


class _Known(NamedTuple):
    top: Bools  # the rules' language is the most probable
    low: NDArray[np.float64]  # the least and the largest that its probability can be
    high: NDArray[np.float64]


def language_drops(table: pa.Table, was: Bools, move: LanguageMove) -> LanguageDrops:
    """Returns what the rules of the language do after a move.

    Args:
      table: of documents, with `LANGUAGE_COLUMNS` and, if they are stored, the columns `ASKED`.
      was: whether the language dropped each before.
      move: of the rules; all else of them is the same.
    """
    known, rules = _known(table, move.new), move.new
    zone = _unsure(known, rules)
    has_word, has_none = _stop_words(table, known, was, move)
    keeps = (known.low >= rules.min_probability) | (zone & has_word)
    drops = (known.high < rules.min_probability) & ~(zone & ~has_none)
    judged = _array(pc.is_valid(table["language"])).astype(bool)
    return LanguageDrops(np.where(judged, drops, was), judged & ~keeps & ~drops)


def _array(column: pa.ChunkedArray) -> NDArray[np.generic]:
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _known(table: pa.Table, rules: LanguageRules) -> _Known:
    top = _array(pc.fill_null(pc.equal(table["language"], rules.language), False)).astype(bool)
    if ASKED[0] in table.column_names:
        asked = _array(pc.fill_null(table[ASKED[0]], 0.0)).astype(np.float64)
        return _Known(top, asked, asked)
    first = _array(pc.fill_null(table["language_probability"], 0.0)).astype(np.float64)
    low = np.where(top, first, 0.0)
    if rules.language != "en":  # of another language only the first place counts
        return _Known(top, low, low)
    return _Known(top, low, np.where(top, first, np.minimum(first, 1.0 + _ROUNDED - first)))


def _unsure(known: _Known, rules: LanguageRules) -> Bools:
    least = rules.unsure_probability
    if least is None or not has_stop_words(rules):
        return np.zeros(len(known.top), bool)
    return known.top & (known.low >= least) & (known.low < rules.min_probability)


def _stop_words(
    table: pa.Table, known: _Known, was: Bools, move: LanguageMove
) -> tuple[Bools, Bools]:
    """Returns whether each is known to have a stop word in its sample, and to have none."""
    if ASKED[1] in table.column_names:
        count = _array(pc.fill_null(table[ASKED[1]], 0)).astype(np.int64)
        return count > 0, count == 0
    decided = _unsure(known, move.old)  # a stop word decided before
    return decided & ~was, decided & was

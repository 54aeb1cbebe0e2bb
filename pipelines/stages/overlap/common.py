"""Stage 3, between its halves: n-grams that so many documents have are famous."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.detect import PHRASES, make_guard
from massivetext.decontaminate.index import Index
from massivetext.pipelines.stages.overlap.match import read_matches
from massivetext.pipelines.stages.overlap.table import guard_path, write_array
from massivetext.pipelines.stages.overlap.work import OverlapWork


def write_guard(work: OverlapWork, stems: Iterable[str], index: Index, documents: int) -> None:
    """Writes what does not count in a corpus of so many documents, for the workers to map."""
    rules = work.rules
    most = max(rules.common_documents, int(rules.common_share * documents))
    guard = make_guard(index, _count(work, stems, index), most)
    for n, common in guard.common.items():
        write_array(guard_path(work.matches, "common", n), common)
    for n, sizes in guard.sizes.items():
        write_array(guard_path(work.matches, "sizes", n), sizes)


def _count(work: OverlapWork, stems: Iterable[str], index: Index) -> dict[int, NDArray[np.int64]]:
    """Returns, from all parts' matches, the documents that have each n-gram and each phrase."""
    counts = {n: np.zeros(len(table.hashes), np.int64) for n, table in index.forms.items()}
    counts[PHRASES] = np.zeros(len(index.phrase_words), np.int64)
    for stem in stems:
        for _, _, found in read_matches(work, stem):
            for n, positions in found.positions.items():
                counts[n][positions] += 1  # positions are those of different n-grams
    return counts

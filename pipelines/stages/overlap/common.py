"""Stage 3, between its halves: n-grams that so many documents have are famous."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.detect import PHRASES, Guard, make_guard
from massivetext.decontaminate.index import Index
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.overlap.match import read_matches
from massivetext.pipelines.stages.overlap.table import map_array, write_array
from massivetext.pipelines.stages.overlap.work import OverlapWork

FREQUENCIES = "table-documents.json"  # with the checksums of what is counted


def write_frequencies(work: OverlapWork, stems: Iterable[str], index: Index) -> None:
    """Counts, from all parts' matches, the documents that have each n-gram and each phrase."""
    counts = _zeros(index)
    for stem in stems:
        for _, _, found in read_matches(work, stem):
            for n, positions in found.positions.items():
                counts[n][positions] += 1  # positions are those of different n-grams
    written = Written()
    for n, count in counts.items():
        write_array(written, work.matches.path(_name(n)), count)
    written.write_summary(work.matches.path(FREQUENCIES), {})


def _zeros(index: Index) -> dict[int, NDArray[np.int64]]:
    counts = {n: np.zeros(len(table.hashes), np.int64) for n, table in index.forms.items()}
    return counts | {PHRASES: np.zeros(len(index.phrase_words), np.int64)}


def _name(n: int) -> str:
    return f"table-documents_{n}.npy"


def load_guard(work: OverlapWork, index: Index, documents: int) -> Guard:
    """Returns what does not count in a corpus of so many documents."""
    rules = work.rules
    most = max(rules.common_documents, int(rules.common_share * documents))
    sums = work.matches.path(FREQUENCIES)
    counts = {n: map_array(work.matches.path(_name(n)), sums) for n in (*index.forms, PHRASES)}
    return make_guard(index, counts, most)

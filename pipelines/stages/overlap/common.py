"""Stage 3, between its halves: n-grams that so many documents have are famous."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from massivetext.decontaminate.detect import PHRASES, Found, Guard, make_guard
from massivetext.decontaminate.index import Index
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.mapped import map_array
from massivetext.pipelines.stages.overlap.table import write_array
from massivetext.pipelines.stages.overlap.work import OverlapWork

SUMS_OF_GUARD = "table-guard.json"  # with the checksums of its arrays


def write_guard(work: OverlapWork, matches: Iterable[Found], index: Index, documents: int) -> None:
    """Writes what does not count in a corpus of so many documents, for the workers to map."""
    rules = work.rules
    most = max(rules.common_documents, int(rules.common_share * documents))
    guard = make_guard(index, _count(matches, index), most)
    written = Written()
    for n, common in guard.common.items():
        write_array(written, _path(work, "common", n), common)
    for n, sizes in guard.sizes.items():
        write_array(written, _path(work, "sizes", n), sizes)
    written.write_summary(work.matches.path(SUMS_OF_GUARD), {})


def _count(matches: Iterable[Found], index: Index) -> dict[int, NDArray[np.int64]]:
    """Returns, from all parts' matches, the documents that have each n-gram and each phrase."""
    counts = {n: np.zeros(len(table.hashes), np.int64) for n, table in index.forms.items()}
    counts[PHRASES] = np.zeros(len(index.phrase_words), np.int64)
    for found in matches:
        for n, positions in found.positions.items():
            counts[n][positions] += 1  # positions are those of different n-grams
    return counts


def load_guard(work: OverlapWork, index: Index) -> Guard:
    """Returns what does not count."""
    sums = work.matches.path(SUMS_OF_GUARD)
    return Guard(
        {n: map_array(_path(work, "common", n), sums) for n in (*index.forms, PHRASES)},
        {n: map_array(_path(work, "sizes", n), sums) for n in index.forms},
    )


def _path(work: OverlapWork, name: str, n: int) -> str:
    return work.matches.path(f"table-{name}_{n}.npy")

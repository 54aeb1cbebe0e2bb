"""An LSH index over the signatures of a finished build: sorted band keys, one file a part.

A text's candidates are the documents that share a band with it, as in any MinHash LSH (datasketch's
finds the same with ``params=(21, 6)``); here the tables are sorted arrays in files beside the
build, so that opening them costs nothing and asking is 21 searches a part. The folder holds numbers
alone: half of each key, and rows.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.signature import BANDS, ROWS, band_keys
from massivetext.errors import ConfigError, DamagedFile
from massivetext.finished.build import BuiltPart, FinishedBuild
from massivetext.shards.document_columns import read_fixed
from massivetext.shards.parquet_files import read_table
from massivetext.storage.checksums import sum_bytes
from massivetext.storage.files import (
    delete_files,
    find_file,
    list_sizes,
    open_file,
    read_bytes,
    write_bytes,
)
from massivetext.storage.json_files import read_json, write_summed_json
from massivetext.storage.paths import is_local, local_path

FOLDER = "similar"
_FACTS = "index.json"
_NO_WORDS = np.uint32(0xFFFFFFFF)
_ITEM = 8  # bytes: four of a key, four of a row


class PartIndex(NamedTuple):
    """The band keys of a part's documents, sorted, and whose they are."""

    keys: NDArray[np.uint32]  # upper halves
    rows: NDArray[np.uint32]

    def rows_of(self, keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Returns the rows of the documents that have one of the keys, ascending, each once."""
        starts, ends = (np.searchsorted(self.keys, keys, side) for side in ("left", "right"))
        pieces = [self.rows[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        return np.unique(np.concatenate(pieces)) if pieces else np.empty(0, np.uint32)


def text_keys(signature: bytes) -> NDArray[np.uint32]:
    """Returns the keys by which documents like that of a signature are found."""
    values = np.frombuffer(signature, "<u4").reshape(1, -1)
    return _upper(band_keys(values)[0])


def _upper(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    return (keys >> np.uint64(32)).astype(np.uint32)


def make_index(build: FinishedBuild) -> int:
    """Indexes the parts that have no index, or one of other documents; returns their number.

    Raises:
      OSError: the build's folder cannot be written to.
    """
    known = _known_parts(build)
    wanted = document_sums(build)
    there = list_sizes(build.path(FOLDER))
    stale = [
        part
        for part in build.parts
        if known.get(part.stem, [])[:1] != [wanted[part.stem]]
        or there.get(f"{part.stem}.lsh") != known[part.stem][1]
    ]
    if not stale and known.keys() == wanted.keys():
        return 0
    made = {part.stem: [wanted[part.stem], _index_part(build, part)] for part in stale}
    parts = {stem: made.get(stem) or known[stem] for stem in wanted}
    write_summed_json(build.path(FOLDER, _FACTS), {"bands": [BANDS, ROWS], "parts": parts})
    names = {f"{stem}.lsh" for stem in parts} | {_FACTS}
    delete_files([build.path(FOLDER, n) for n in there if n.endswith(".lsh") and n not in names])
    return len(stale)


def _known_parts(build: FinishedBuild) -> dict[str, Any]:
    """Returns what the index knows of parts; nothing where it is damaged: it is made anew then."""
    try:
        facts = read_json(build.path(FOLDER, _FACTS)) or {}
    except (ConfigError, DamagedFile):
        return {}
    known = facts.get("parts") if facts.get("bands") == [BANDS, ROWS] else {}
    return known if isinstance(known, dict) else {}


def document_sums(build: FinishedBuild) -> dict[str, str]:
    """Returns the checksum of each part's file of documents, by stem."""
    with open_file(build.path("documents", "files.parquet")) as file:
        lists = read_table(file, ["checksums"])["checksums"].to_pylist()
    sums = {found["name"]: found["crc32c"] for part in lists for found in part}
    return {part.stem: sums[f"{part.stem}.parquet"] for part in build.parts}


def _index_part(build: FinishedBuild, part: BuiltPart) -> int:
    """Writes the index of one part; returns its bytes."""
    keys, rows = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
    with open_file(build.path("documents", f"{part.stem}.parquet")) as file:
        for first, signatures in read_fixed(file, "signature", "<u4", 128):
            some = np.flatnonzero((signatures != _NO_WORDS).any(axis=1))
            keys.append(_upper(band_keys(signatures[some])).ravel())
            rows.append(np.repeat((some + first).astype(np.uint32), BANDS))
    key, row = np.concatenate(keys), np.concatenate(rows)
    order = np.argsort(key, kind="stable")
    data = key[order].astype("<u4").tobytes() + row[order].astype("<u4").tobytes()
    write_bytes(build.path(FOLDER, f"{part.stem}.lsh"), data)
    return sum_bytes("", data).size


def open_index(build: FinishedBuild) -> Iterator[tuple[BuiltPart, PartIndex]]:
    """Yields each part with its index, from `make_index`: mapped into memory where it is local."""
    for part in build.parts:
        values = _values(build.path(FOLDER, f"{part.stem}.lsh"))
        half = len(values) // 2
        yield part, PartIndex(values[:half], values[half:])


def _values(path: str) -> NDArray[Any]:
    if not is_local(path):
        return np.frombuffer(read_bytes(path), "<u4")
    found = find_file(path)
    if found is None or found.size < _ITEM:
        return np.empty(0, np.uint32)
    return np.memmap(local_path(path), "<u4", "r")

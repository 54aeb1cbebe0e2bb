"""What workers need to find the held-out documents whose text stands in train."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.signature import shingle_hashes
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.mapped import map_array
from massivetext.pipelines.stages.survivors import in_validation
from massivetext.shards.parquet_files import open_parquet

KEYS = "table-keys.npy"  # of all held-out documents, ascending
FOUND = "table-found.npy"  # of each of them, whether train has it
SUMS_OF_KEYS = "table-keys.json"
SUMS_OF_FOUND = "table-found.json"
LEFT_OUT = "left_out"  # of it: a digest of each part's documents that are left out
HELD_BATCH = 64  # documents whose keys are read at a time
LIGHT = ["id", "repository", "content_hash"]


class LeakageWork(NamedTuple):
    """The stage that asks, and how its split is drawn."""

    stage: Stage  # tokens
    output: str  # the build's folder
    seed: int
    fraction: float  # of validation
    max_overlap: float | None  # None: nothing is compared

    @property
    def held(self) -> Stage:
        """Returns the half of the stage with the keys of held-out documents."""
        return self.stage.half("held")._replace(name=self.stage.name)

    @property
    def found(self) -> Stage:
        """Returns the half of the stage that says which keys train has."""
        return self.stage.half("found")._replace(name=self.stage.name)

    @property
    def compares(self) -> bool:
        """Returns whether there is anything to compare."""
        return self.max_overlap is not None and self.fraction > 0

    def is_held(self, row: dict[str, Any]) -> bool:
        """Returns whether a document is held out."""
        return in_validation(row, self.seed, self.fraction)


def content_key(content_hash: bytes) -> int:
    """Returns the key of a whole text: half of its hash."""
    return int.from_bytes(content_hash[:8], "little")


def text_keys(text: str) -> NDArray[np.uint64]:
    """Returns the sorted keys of a text's 13-grams; a shorter text is one."""
    return shingle_hashes(text)


class Held(NamedTuple):
    """A held-out document."""

    row: int  # of the part's documents
    content: int
    keys: NDArray[np.uint64]


def read_held(work: LeakageWork, stem: str) -> Iterator[Held]:
    """Yields the held-out documents of a part with their keys, in the order of its rows."""
    with open_part_file(work.held.path(f"{stem}.parquet")) as file:
        for batch in open_parquet(file).iter_batches(HELD_BATCH):
            keys, contents = batch.column("keys"), batch.column("content").to_pylist()
            for place, row in enumerate(batch.column("row").to_pylist()):
                found = keys[place].values.to_numpy(zero_copy_only=False)
                yield Held(row, contents[place], found)


class Table:
    """The sorted keys of all held-out documents, mapped; most other keys are refused at once."""

    def __init__(self, keys: Any) -> None:
        self.keys = keys
        bits = min(26, max(16, len(keys).bit_length() + 3))
        self._shift = np.uint64(64 - bits)
        self._begins = np.zeros(1 << bits, bool)  # whether a key begins with these bits
        for start in range(0, len(keys), 1 << 20):
            self._begins[keys[start : start + (1 << 20)] >> self._shift] = True

    def places(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Returns the first place in the table of each of the keys that it has."""
        keys = keys[self._begins[keys >> self._shift]]
        places = np.searchsorted(self.keys, keys)
        places, keys = places[places < len(self.keys)], keys[places < len(self.keys)]
        found: NDArray[np.int64] = places[self.keys[places] == keys]
        return found


def load_table(work: LeakageWork) -> Table:
    """Returns the table of the first step."""
    return Table(map_array(work.held.path(KEYS), work.held.path(SUMS_OF_KEYS)))

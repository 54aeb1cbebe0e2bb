"""What workers need to find the held-out documents whose text stands in train."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.dedup.signature import shingle_hashes
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stages.survivors import in_validation

KEYS = "table-keys.npy"  # of all held-out documents, ascending
FOUND = "table-found.npy"  # of each of them, whether train has it
SUMS_OF_KEYS = "table-keys.json"
SUMS_OF_FOUND = "table-found.json"
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

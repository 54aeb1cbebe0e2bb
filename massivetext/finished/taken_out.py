"""What was taken out of a finished build: which rows, and what of the packing they leave open.

``taken-out/record.json`` says which file tells of a part; both are written by `massivetext
take-out` before anything else is changed. A document that was taken out keeps its row, id and
hashes, so that no pointer moves and its copies stay out; its text and all that names it are gone.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from massivetext.errors import ConfigError
from massivetext.storage.files import read_bytes
from massivetext.storage.json_files import parse_json, read_json
from massivetext.storage.paths import join

FOLDER = "taken-out"
RECORD = "record.json"
REASON = "taken_out"  # in the lists of dropped documents

Gaps = tuple[tuple[int, int], ...]  # crops of documents that are gone: their orders and tokens


class TakenOut(NamedTuple):
    """What was taken out of a part, by all runs together."""

    rows: frozenset[int] = frozenset()  # of the kept documents
    dropped: frozenset[int] = frozenset()  # of those that stage 1 dropped
    packed: str = ""  # digest of how the crops were packed when the gaps were made
    train: Gaps = ()
    counts: Mapping[str, int] = {}  # of those that had survived: what stage 3 counts of survivors

    def gaps(self, packed: str) -> Gaps:
        """Returns the gaps in train; none if crops are packed otherwise now."""
        return self.train if packed == self.packed else ()


def read_record(output: str) -> dict[str, Any] | None:
    """Returns the record of what was taken out of a build; None if nothing was.

    Raises:
      DamagedFile: it is not what was written.
    """
    return read_json(join(output, FOLDER, RECORD))


def check_whole(output: str) -> None:
    """Checks that no take-out of a build was stopped: its files are partly those of before.

    Raises:
      ConfigError: one was.
      DamagedFile: the record is not what was written.
    """
    try:
        stopped = (read_record(output) or {}).get("pending")
    except NotADirectoryError:
        return  # no build at all, which is said elsewhere
    if stopped:
        raise ConfigError(
            f"{output}: a take-out was stopped; run the same `massivetext take-out` again first,"
            " or with --continue for its list"
        )


def read_taken_out(output: str, stem: str) -> TakenOut:
    """Returns what was taken out of a part of the build in a folder.

    Raises:
      DamagedFile: the record is not what was written.
    """
    name = (read_record(output) or {}).get("parts", {}).get(stem)
    if name is None:
        return TakenOut()
    path = join(output, FOLDER, name)
    found = parse_json(read_bytes(path), path)
    train = tuple((int(order), int(size)) for order, size in found["train"])
    rows, dropped = frozenset(found["rows"]), frozenset(found["dropped"])
    return TakenOut(rows, dropped, found["packed"], train, found["counts"])


def as_json(taken: TakenOut) -> dict[str, Any]:
    """Returns the JSON object that `read_taken_out` reads."""
    rows = {"rows": sorted(taken.rows), "dropped": sorted(taken.dropped)}
    gaps = {"packed": taken.packed, "train": [list(gap) for gap in taken.train]}
    return {**rows, **gaps, "counts": dict(taken.counts)}

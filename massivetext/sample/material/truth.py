"""What must become of each planted document: written to ``truth.json`` before any pipeline runs."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from massivetext.document import Origin

TRUTH = "truth.json"


class Plant(NamedTuple):
    """Why a document was planted, and what must become of it."""

    kind: str  # the hard case, for example near_high or bullet_lines
    outcome: str = "kept"  # kept, dropped, broken, duplicate, near or any
    reasons: tuple[str, ...] = ()  # if dropped: one of these must be recorded
    group: str = ""  # documents that are copies of each other, or near each other
    jaccard: float | None = None  # of a pair, measured on the planted texts


class Placed(NamedTuple):
    """Where a planted document was written."""

    plant: Plant
    position: int | None  # as in `Origin.document_id`; None where it cannot be known
    url: str = ""


class Written(NamedTuple):
    """One input file of the sample."""

    source: str
    path: str  # relative to the source's folder
    records: int  # records that a reader must account for
    broken: int  # of these, records that cannot be read
    placed: tuple[Placed, ...] = ()


def write_truth(path: Path, seed: int, made_of: str, files: Iterable[Written]) -> None:
    """Writes the truth as JSON: the files with their records, and every planted document."""
    listed = sorted(files)
    truth = {
        "seed": seed,
        "made_of": made_of,
        "files": [dict(zip(Written._fields[:4], file[:4], strict=True)) for file in listed],
        "planted": [_entry(file, placed) for file in listed for placed in file.placed],
    }
    path.write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_made_of(path: Path) -> str:
    """Returns the digest of what a sample was made of, "" if its truth does not say."""
    return str(json.loads(path.read_bytes()).get("made_of", ""))


def _entry(file: Written, placed: Placed) -> dict[str, Any]:
    origin = Origin(file.source, file.path)
    position = placed.position
    return {
        **placed.plant._asdict(),
        "source": file.source,
        "path": file.path,
        "position": position,
        "id": "" if position is None else origin.document_id(position),
        "url": placed.url,
    }

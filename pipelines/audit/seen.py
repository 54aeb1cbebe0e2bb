"""Which sequences have tokens of a document, also of one that was taken out."""

import json

from massivetext.finished import build as finished
from massivetext.finished.dropped import KEPT, find_document
from massivetext.finished.taken_out import FOLDER, read_record
from massivetext.pipelines.audit.named import Rows
from massivetext.pipelines.audit.removal import find_dealt, plan_removal
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.storage.files import read_bytes
from massivetext.storage.paths import join


def sequences_with(build: Build, name: str) -> tuple[str, list[str]]:
    """Returns what became of a document, and the sequences with tokens of it, as SHARD:RECORD.

    Of a document that was taken out they are those that held it before.

    Raises:
      ConfigError: the build has no such document.
    """
    runs = len((read_record(build.output) or {}).get("takeouts", ()))
    for number in range(1, runs + 1):
        data = read_bytes(join(build.output, FOLDER, f"{number:04d}-documents.jsonl"))
        for line in data.splitlines():
            if (found := json.loads(line))["id"] == name:
                return "taken out", sorted(found["sequences"])
    place = find_document(finished.open_build(build.output), name)
    if place.stage != KEPT:
        return f"dropped by {place.stage}: {', '.join(place.reasons)}", []
    part = next(part for part in build.parts if part.stem == place.part.stem)
    removal = plan_removal(build, part, Rows({place.row}, set()), load_encoder(build.output))
    rows = set(removal.had.get(name, ()))
    dealt = find_dealt(build, {part.number: rows}) if rows else {}
    return KEPT, sorted(f"{found.shard}:{found.record}" for found in dealt.values())

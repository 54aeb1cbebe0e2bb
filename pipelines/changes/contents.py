"""What the stages before a stage wrote, as short digests: the same content, the same digest.

The names and checksums stand in each stage's ``files.parquet`` and manifest, so nothing is read
but those.
"""

import io
import json
from typing import Any, NamedTuple

from massivetext.config.recipe import short_digest
from massivetext.errors import DamagedFile, StageError
from massivetext.pipelines.folder.file_names import FILES, MANIFEST
from massivetext.pipelines.folder.stage import Stage, sound_json
from massivetext.pipelines.folder.sums import SUMS, summed_files
from massivetext.shards.parquet_files import read_table
from massivetext.storage.checksums import FileSum, sum_bytes
from massivetext.storage.files import exists, read_bytes


class Done(NamedTuple):
    """A part of a finished stage."""

    facts: dict[str, Any]  # the plain ones of its summary
    sums: dict[str, str]  # of its files, by name

    @property
    def made_from(self) -> dict[str, str]:
        """What it was made from."""
        found: dict[str, str] = json.loads(self.facts.get("made_from") or "{}")
        return found


def done_parts(stage: Stage) -> dict[str, Done]:
    """Returns the parts of a stage by stem, as the table of its last whole run has them.

    Raises:
      StageError: there is none.
      DamagedFile: the table is not what was written.
    """
    manifest = sound_json(stage.path(MANIFEST)) or {}
    written = {found.name: found for found in summed_files(manifest)}
    if FILES not in written or not exists(stage.path(FILES)):
        raise StageError(f"{stage.name} is not complete; run it first")
    data = read_bytes(stage.path(FILES))
    if sum_bytes(FILES, data) != written[FILES]:
        raise DamagedFile(stage.path(FILES), "checksum")
    rows = read_table(io.BytesIO(data)).to_pylist()
    return {str(row.get("part", n)): _done(row) for n, row in enumerate(rows)}


def _done(row: dict[str, Any]) -> Done:
    sums = {found["name"]: f"{found['size']}-{found['crc32c']}" for found in row.pop(SUMS)}
    return Done(row, sums)


def content_of(stage: Stage) -> str:
    """Returns a digest of all that a finished stage wrote, but for its summaries."""
    parts = {
        stem: {name: found for name, found in done.sums.items() if name != f"{stem}.json"}
        for stem, done in done_parts(stage).items()
    }
    manifest = sound_json(stage.path(MANIFEST)) or {}
    others = {f.name: _shown(f) for f in summed_files(manifest) if f.name != FILES}
    return short_digest([parts, others])


def _shown(found: FileSum) -> str:
    return f"{found.size}-{found.crc32c}"

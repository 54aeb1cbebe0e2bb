"""A stage's folder: what is done, what is left over, and the manifest that vouches for it.

Every part of a stage ends by writing its summary, ``part-NNNNN.json``, which holds the stage key.
A run that starts again keeps the parts whose summary has the right key and redoes the others; the
manifest is written last, so a folder with a manifest is complete.
"""

import io
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from massivetext.errors import StageError
from massivetext.pipelines.folder.file_names import FILES, MANIFEST, FileNames
from massivetext.storage.files import delete_files, list_names, write_bytes
from massivetext.storage.json_files import read_json, write_json
from massivetext.storage.local import TEMPORARY
from massivetext.storage.paths import join

UP_TO_DATE = "up to date"


class Stage(NamedTuple):
    """A stage of one run: where it writes, and the key of what it should produce."""

    name: str
    folder: str
    key: str
    names: FileNames = FileNames()
    machine: str = ""  # of a Dataflow worker, where the stage asks for another than the usual
    earlier: tuple[str, ...] = ()  # the stages before it, whose files it reads

    def path(self, name: str) -> str:
        """Returns the path of a file of the stage."""
        return join(self.folder, name)


def manifest_of(stage: Stage) -> dict[str, Any] | None:
    """Returns the manifest of a stage that is complete under its key, else None."""
    manifest = read_json(stage.path(MANIFEST))
    return manifest if manifest is not None and manifest.get("key") == stage.key else None


def stage_facts(stage: Stage) -> dict[str, Any]:
    """Returns the manifest of a stage that must be complete.

    Raises:
      StageError: it is not.
    """
    manifest = manifest_of(stage)
    if manifest is None:
        raise StageError(f"{stage.name} is not complete ({why_it_runs(stage)}); run it first")
    return manifest


def why_it_runs(stage: Stage) -> str:
    """Returns one line: why the stage would run, or that it is up to date."""
    manifest = read_json(stage.path(MANIFEST))
    if manifest is None:
        done = sum(name.endswith(".json") for name in list_names(stage.folder))
        return f"runs: not complete ({done} summaries there)" if done else "runs: nothing there"
    if manifest.get("key") != stage.key:
        return "runs: recipe, inputs, models or an earlier stage changed"
    gone = manifest.get("files", 0) - len(_whole_files(stage))
    return f"runs: files are gone ({gone})" if gone > 0 else UP_TO_DATE


def _whole_files(stage: Stage) -> list[str]:
    return [n for n in own_names(stage) if n not in (MANIFEST, FILES) and TEMPORARY not in n]


def own_names(stage: Stage) -> list[str]:
    """Returns the names of the files in a stage's folder that runs of it left there, sorted."""
    return [name for name in list_names(stage.folder) if stage.names.are_own(name)]


def finished_parts(stage: Stage, stems: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Returns the summaries of the parts that are done under the stage's key, by stem.

    A part is done when its summary and the files that go with it are there.
    """
    there = set(list_names(stage.folder))
    wanted = [stem for stem in stems if f"{stem}.json" in there]
    with ThreadPoolExecutor(16) as pool:
        summaries = pool.map(lambda stem: read_json(stage.path(f"{stem}.json")), wanted)
        pairs = zip(wanted, summaries, strict=True)
        found = {stem: s for stem, s in pairs if s is not None and s.get("key") == stage.key}
    return {stem: s for stem, s in found.items() if _files_of(stage, stem, s) <= there}


def _files_of(stage: Stage, stem: str, summary: dict[str, Any]) -> set[str]:
    named = {str(summary["file"])} if "file" in summary else set[str]()
    return named | stage.names.needed(stem)


def all_parts(stage: Stage, stems: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Returns the summaries of the parts of a stage that is complete, by stem.

    Raises:
      StageError: some are gone although the manifest is there.
    """
    found = finished_parts(stage, stems)
    if len(found) < len(stems):
        raise StageError(
            f"{stage.name}: {len(stems) - len(found)} of {len(stems)} parts are gone from"
            f" {stage.folder}; delete that folder, and the same command makes it again"
        )
    return found


def start(stage: Stage, stems: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Readies a stage's folder for a run and returns the summaries of the parts already done.

    The old manifest goes first, then what belongs to no finished part: temporary files of a killed
    run, files of another recipe. Files that no run writes stay.
    """
    delete_files([stage.path(MANIFEST), stage.path(FILES)])
    done = finished_parts(stage, stems)
    keep = {name for stem, summary in done.items() for name in _files_of(stage, stem, summary)}
    keep |= {name for stem in done for name in stage.names.kept(stem)}
    delete_files([stage.path(name) for name in own_names(stage) if name not in keep])
    return done


def finish(
    stage: Stage, summaries: dict[str, dict[str, Any]], stems: list[str], facts: dict[str, Any]
) -> dict[str, Any]:
    """Writes ``files.parquet`` and the manifest of a complete stage; returns the manifest.

    Raises:
      StageError: a planned part has no summary.
    """
    missing = [stem for stem in stems if stem not in summaries]
    if missing:
        raise StageError(
            f"{stage.name}: {len(missing)} of {len(stems)} parts left no summary, the first is"
            f" {missing[0]}; run the same command again to redo them"
        )
    rows = [_flat(summaries[stem]) for stem in stems]
    write_bytes(stage.path(FILES), _parquet(rows))
    counts = {"parts": len(stems), "files": len(_whole_files(stage))}
    manifest = {"stage": stage.name, "key": stage.key} | counts | facts
    write_json(stage.path(MANIFEST), manifest)
    return manifest


def _flat(summary: dict[str, Any]) -> dict[str, Any]:
    plain = (str, int, float)
    return {name: value for name, value in summary.items() if isinstance(value, plain)}


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), buffer)
    return buffer.getvalue()

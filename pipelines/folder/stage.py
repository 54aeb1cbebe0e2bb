"""A stage's folder: what is done, what is left over, and the manifest that vouches for it.

Every part of a stage ends by writing its summary, ``part-….json``, which holds the stage's key,
what the part was made from, and the checksums of its files. A run that starts again keeps the parts
whose summary says what is wanted and whose files have their sizes, and redoes the others; the
manifest is written last, so a folder with a manifest is complete. ``files.parquet`` lists the files
of all parts with their checksums, the manifest its own and those of the files of no part.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from massivetext.config.differences import differences, flat, told
from massivetext.config.recipe import digest
from massivetext.corpus.origins import CONTENT
from massivetext.errors import ConfigError, DamagedFile, StageError
from massivetext.pipelines.folder.damage import CHECKSUM, GONE, describe, find_damage, own_names
from massivetext.pipelines.folder.file_names import FILES, MANIFEST, FileNames
from massivetext.pipelines.folder.file_table import write_file_table
from massivetext.pipelines.folder.sums import SUMS, summed_files
from massivetext.storage.checksums import FileSum, as_json, sum_bytes, sum_file
from massivetext.storage.files import delete_files, list_names, list_sizes, open_file, read_bytes
from massivetext.storage.json_files import parse_json, read_json, write_summed_json
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
    reads: Mapping[str, Any] = {}  # values of the recipe that shape its bytes
    made_from: Mapping[str, str] = {}  # what all of it is made from, once that is known
    parts: str = ""  # digest of what its parts are made from, as far as nobody has to read them

    @property
    def work(self) -> str:
        """Returns a digest of all that is asked for: two jobs of one work make the same bytes."""
        return digest([self.key, self.parts]) if self.parts else self.key

    def asking(self, made_from: Mapping[str, Mapping[str, str]]) -> "Stage":
        """Returns the stage that knows what each of its parts, by stem, is to be made from."""
        known = {
            stem: {name: value for name, value in made.items() if name != CONTENT}
            for stem, made in made_from.items()
        }
        return self._replace(parts=digest(known) if any(known.values()) else "")

    def path(self, name: str) -> str:
        """Returns the path of a file of the stage."""
        return join(self.folder, name)

    def halves(self) -> "list[Stage]":
        """Returns what the stage makes in folders beside its own, under the same key."""
        return [self.half(suffix) for suffix, _ in self.names.halves]

    def half(self, suffix: str) -> "Stage":
        """Returns the half of the stage in the folder of that suffix, as ``overlap-matches``."""
        names = dict(self.names.halves)[suffix]
        return self._replace(
            name=f"{self.name}-{suffix}", folder=f"{self.folder}-{suffix}", names=names
        )


def manifest_of(stage: Stage) -> dict[str, Any] | None:
    """Returns the manifest of a stage that is complete under its key, else None."""
    manifest = sound_json(stage.path(MANIFEST))
    return manifest if manifest is not None and manifest.get("key") == stage.key else None


def sound_json(path: str, summed: bool = False) -> dict[str, Any] | None:
    """Returns the JSON object at a path, or None if there is none that can be trusted."""
    try:
        return read_json(path, summed)
    except (DamagedFile, ConfigError):
        return None


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
    """Returns one line: why the stage would run, or that it is up to date. Reads no contents."""
    if MANIFEST not in list_names(stage.folder):
        done = sum(name.endswith(".json") for name in list_names(stage.folder))
        return f"runs: not complete ({done} summaries there)" if done else "runs: nothing there"
    manifest = sound_json(stage.path(MANIFEST))
    if manifest is not None and SUMS not in manifest:
        return "runs: made by an older version, which kept no checksums"
    if manifest is not None and manifest.get("key") != stage.key:
        return f"runs: {_what_changed(manifest, stage)}"
    damaged = find_damage(stage)
    gone = [found for found in damaged if found.how == GONE]
    if gone:
        return f"runs: files are gone ({len(gone)})"
    if damaged:
        return f"runs: files are damaged ({describe(stage.name, damaged)})"
    reasons = (why_it_runs(half) for half in stage.halves())
    return next((reason for reason in reasons if reason != UP_TO_DATE), UP_TO_DATE)


def is_loss(reason: str) -> bool:
    """Returns whether a stage runs for files that are not there or damaged, and no change.

    >>> is_loss("runs: files are gone (1)"), is_loss("runs: seed 0 -> 1")
    (True, False)
    """
    return reason.startswith(("runs: files are ", "runs: not complete", "runs: nothing there"))


def _what_changed(manifest: dict[str, Any], stage: Stage) -> str:
    """Returns the recipe's values that differ, or else what the stage is made from."""
    old = manifest.get("reads")
    if old is None or old.get("format") != stage.reads.get("format"):
        return "made by another version of massivetext"
    changed = told(differences(flat(old), flat(stage.reads)))
    if changed:
        return changed
    before = manifest.get("made_from", {})
    names = [name for name, value in stage.made_from.items() if before.get(name) != value]
    return f"other {', '.join(names)}" if names else "another stage's files"


def finished_parts(
    stage: Stage, stems: Iterable[str], made_from: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, dict[str, Any]]:
    """Returns the summaries of the parts that are done under the stage's key, by stem.

    A part is done when its summary and the files that go with it are there, of the right sizes.
    Its summary's own checksum is added to those that it holds.

    Args:
      stage: the stage.
      stems: of the parts asked for.
      made_from: what each must be made from; by default that does not matter.
    """
    there = list_sizes(stage.folder)
    wanted = [stem for stem in stems if f"{stem}.json" in there]
    with ThreadPoolExecutor(16) as pool:
        summaries = pool.map(lambda stem: _summary(stage, stem), wanted)
        pairs = zip(wanted, summaries, strict=True)
        found = {stem: s for stem, s in pairs if s is not None and s.get("key") == stage.key}
    if made_from is not None:
        found = {t: s for t, s in found.items() if s.get("made_from", {}) == made_from.get(t, {})}
    return {stem: s for stem, s in found.items() if _is_whole(stage, stem, s, there)}


def _summary(stage: Stage, stem: str) -> dict[str, Any] | None:
    name = f"{stem}.json"
    try:
        data = read_bytes(stage.path(name))
        summary = parse_json(data, stage.path(name))
    except (DamagedFile, ConfigError, FileNotFoundError):
        return None
    sums = [*(found.brief() for found in summed_files(summary)), sum_bytes(name, data)]
    return summary | {SUMS: as_json(sums)}


def _is_whole(stage: Stage, stem: str, summary: dict[str, Any], there: dict[str, int]) -> bool:
    sizes = all(there.get(found.name) == found.size for found in summed_files(summary))
    return sizes and files_of(stage, stem, summary) <= there.keys()


def files_of(stage: Stage, stem: str, summary: dict[str, Any]) -> set[str]:
    """Returns the names of the files without which a part is not done."""
    named = {str(summary["file"])} if "file" in summary else set[str]()
    summed = {found.name for found in summed_files(summary)}
    return named | summed | stage.names.needed(stem)


def all_parts(stage: Stage, stems: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Returns the summaries of the parts of a stage that is complete, by stem.

    Raises:
      DamagedFile: some are not, although the manifest is there.
    """
    found = finished_parts(stage, stems)
    missing = [stem for stem in stems if stem not in found]
    if missing:
        raise DamagedFile(stage.path(f"{missing[0]}.json"), "it or a file of its part")
    return found


def start(
    stage: Stage, stems: Iterable[str], made_from: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, dict[str, Any]]:
    """Readies a stage's folder for a run and returns the summaries of the parts already done.

    The old manifest goes first, then what belongs to no finished part: temporary files of a killed
    run, files of another recipe. Files that no run writes stay.
    """
    delete_files([stage.path(MANIFEST), stage.path(FILES)])
    done = finished_parts(stage, stems, made_from)
    keep = {name for stem, summary in done.items() for name in files_of(stage, stem, summary)}
    keep |= {name for stem in done for name in stage.names.kept(stem)} | _recorded(stage)
    delete_files([stage.path(name) for name in own_names(stage) if name not in keep])
    return done


def _recorded(stage: Stage) -> set[str]:
    """Returns the files of no part that were made under the stage's key, as their record says."""
    name = stage.names.record
    record = sound_json(stage.path(name)) if name else None
    if record is None or record.get("key") != stage.key:
        return set()
    return {name, *(found.name for found in summed_files(record))}


def finish(
    stage: Stage, summaries: dict[str, dict[str, Any]], stems: list[str], facts: dict[str, Any]
) -> dict[str, Any]:
    """Writes ``files.parquet`` and the manifest of a complete stage; returns the manifest.

    Args:
      stage: the stage.
      summaries: from `finished_parts`, by stem.
      stems: of all planned parts.
      facts: about the stage, for the manifest.

    Raises:
      StageError: a planned part has no summary.
      DamagedFile: a file is not what it was when it was written.
    """
    missing = [stem for stem in stems if stem not in summaries]
    if missing:
        raise StageError(
            f"{stage.name}: {len(missing)} of {len(stems)} parts left no summary, the first is"
            f" {missing[0]}; run the same command again to redo them"
        )
    left = _whole_files(stage)
    sums = {stem: _sums_of_part(stage, stem, summaries[stem], set(left)) for stem in stems}
    table = write_file_table(stage.path(FILES), [summaries[stem] for stem in stems], sums)
    listed = {found.name for part in sums.values() for found in part}
    others = _other_sums(stage, [name for name in left if name not in listed])
    counts = {"parts": len(stems), "files": len(left)}
    manifest = {"stage": stage.name, "key": stage.key} | counts | facts
    manifest |= {"reads": dict(stage.reads), "made_from": dict(stage.made_from)}
    manifest[SUMS] = as_json([table, *others])
    write_summed_json(stage.path(MANIFEST), manifest)
    return manifest


def _whole_files(stage: Stage) -> list[str]:
    return [n for n in own_names(stage) if n not in (MANIFEST, FILES) and TEMPORARY not in n]


def _sums_of_part(
    stage: Stage, stem: str, summary: dict[str, Any], there: set[str]
) -> list[FileSum]:
    """Returns the sums of a part's files; those that the part did not sum are read now."""
    found = summed_files(summary)
    rest = files_of(stage, stem, summary) | stage.names.kept(stem)
    rest -= {known.name for known in found}
    return [*found, *(_sum_now(stage, name) for name in sorted(rest & there))]


def _other_sums(stage: Stage, names: list[str]) -> list[FileSum]:
    """Returns the sums of the files of no part.

    Raises:
      DamagedFile: one is not what it was when it was written.
    """
    records = (sound_json(stage.path(name)) or {} for name in names if name.endswith(".json"))
    written = {found.name: found.brief() for record in records for found in summed_files(record)}
    sums = [_sum_now(stage, name) for name in names]
    for found in sums:
        if written.get(found.name, found) != found:
            raise DamagedFile(stage.path(found.name), CHECKSUM)
    return sums


def _sum_now(stage: Stage, name: str) -> FileSum:
    with open_file(stage.path(name)) as file:
        return sum_file(name, file)

"""A finished build is not replaced by another recipe's, unless asked for; others' files never."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from massivetext.config.differences import Value, differences, flat, plain, told
from massivetext.config.recipe import Recipe, values
from massivetext.errors import ConfigError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.damage import own_names
from massivetext.pipelines.folder.file_names import INPUTS, MANIFEST, REPORT
from massivetext.pipelines.folder.lock import LOCK
from massivetext.pipelines.folder.stage import Stage, sound_json
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import exists, list_names
from massivetext.storage.paths import is_local, join

# Values that say where things lie, not what comes out; of inputs the files themselves count.
_PLACES = re.compile(r"root|max_bad_fraction|language_model\.path|sources\.\w+\.files")
_OWN = re.compile(r".*\.(own|transform)")  # paths of files beside the recipe
_SETS = re.compile(r"filters\.(?:quality_|repetition_|language\.|opt_outs\.|mask\.)sources")
_WRITTEN = (MANIFEST, INPUTS, REPORT)
_OURS = {"key", "recipe_sha256", "lists"}  # one of them stands in each record of a build
_NAMED = ("sources", "mixture", "sequences.max_passes")  # tables whose keys are the user's


def is_replaced(plan: Build, recipe: Recipe, allowed: bool) -> bool:
    """Returns whether the planned build takes the place of a finished one of another recipe.

    Args:
      plan: the planned build.
      recipe: as the user gave it.
      allowed: whether the user said `--replace`.

    Raises:
      ConfigError: it would, and may not; the message says what differs and how to continue. Or it
        would write over files that no build wrote.
    """
    there = not is_local(plan.output) or Path(plan.output).is_dir()
    if there and LOCK not in list_names(plan.output):
        check_foreign(plan.output, plan.stages.values())
    difference = difference_of(plan, recipe)
    if difference and not allowed:
        raise ConfigError(
            f"{plan.output} holds a finished build of another recipe ({difference}); name another"
            " --output, or give --replace to build in its place"
        )
    return bool(difference)


def check_foreign(output: str, stages: Iterable[Stage]) -> None:
    """Checks that a build's folder holds no file that a build would delete, but did not write.

    Raises:
      ConfigError: it does.
    """
    halves = [half for stage in stages for half in (stage, *stage.halves())]
    foreign = [join(half.folder, name) for half in halves for name in own_names(half)]
    foreign += [path for name in _WRITTEN if exists(path := join(output, name))]
    records = (sound_json(path) or {} for path in foreign if path.endswith(".json"))
    if foreign and not any(record.keys() & _OURS for record in records):
        more = f" and {len(foreign) - 1:,} more" if foreign[1:] else ""
        raise ConfigError(
            f"{foreign[0]}{more}: a file that no build wrote, and this one would delete or write"
            " over; name another --output"
        )


def difference_of(plan: Build, recipe: Recipe) -> str:
    """Returns how a finished build in the output differs from a planned one, "" if it does not.

    A value that another version of massivetext does not know is no difference, nor are more inputs.
    Which sources a filter holds for comes last: that follows from what the user says of a source.
    """
    manifest = sound_json(join(plan.output, MANIFEST)) or {}
    made = manifest.get("stages", {})
    if not all(s.name in made and exists(join(plan.output, s.name, MANIFEST)) for s in STAGES):
        return ""
    known = {k: v for k, v in flat(plain(values(Recipe({}, mixture={})))).items() if v != {}}
    before, now = known | flat(manifest["recipe"]), flat(plain(values(plan.recipe)))
    changed = list(_values(before, now, recipe))
    if not changed and not _has_all_inputs(plan, manifest):
        return "other inputs"
    return told(sorted(changed, key=lambda value: bool(_SETS.fullmatch(value.key))))


def _values(before: dict[str, Any], now: dict[str, Any], recipe: Recipe) -> Iterator[Value]:
    is_auto = recipe.sequences.validation_fraction == "auto"  # by the size of the inputs
    for value in differences(before, now):
        if value.key not in now and not value.key.startswith(_NAMED):
            continue
        if _PLACES.fullmatch(value.key) or _same_names(value) or _same_sources(value):
            continue
        if not (is_auto and value.key == "sequences.validation_fraction"):
            yield value


def _same_sources(value: Value) -> bool:
    """Returns whether a value is a list of sources that filters hold for, in another order."""
    old, new = (names if isinstance(names, list) else [] for names in (value.old, value.new))
    return bool(_SETS.fullmatch(value.key)) and sorted(old) == sorted(new)


def _same_names(value: Value) -> bool:
    if not _OWN.fullmatch(value.key) or not (
        isinstance(value.old, list) and isinstance(value.new, list)
    ):
        return False
    old, new = ([path.rpartition("/")[2] for path in paths] for paths in (value.old, value.new))
    return old == new


def _has_all_inputs(plan: Build, manifest: dict[str, Any]) -> bool:
    """Returns whether the recipe's patterns are the same, or find all that was built from."""
    before, now = flat(manifest["recipe"]), flat(plain(values(plan.recipe)))
    patterns = [key for key in now if key == "root" or re.fullmatch(r"sources\.\w+\.files", key)]
    if all(before.get(key) == now[key] for key in patterns):
        return True
    there = {(file.source, file.name) for file in plan.files}
    return all((file["source"], file["name"]) in there for file in manifest["inputs"])

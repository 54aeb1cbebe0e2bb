"""A finished build is not replaced by another recipe's, unless that is asked for."""

import re
from collections.abc import Iterator
from typing import Any

from massivetext.config.differences import Value, differences, flat, plain, told
from massivetext.config.recipe import Recipe, values
from massivetext.errors import ConfigError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import sound_json
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.files import exists
from massivetext.storage.paths import join

# Values that say where things lie, not what comes out; of inputs the files themselves count.
_PLACES = re.compile(r"root|max_bad_fraction|language_model\.path|sources\.\w+\.files")
_OWN = re.compile(r".*\.(own|transform)")  # paths of files beside the recipe
_SETS = re.compile(r"filters\.(?:quality_|repetition_|language\.|opt_outs\.|mask\.)sources")
_NAMED = ("sources", "mixture", "sequences.max_passes")  # tables whose keys are the user's


def is_replaced(plan: Build, recipe: Recipe, allowed: bool) -> bool:
    """Returns whether the planned build takes the place of a finished one of another recipe.

    Args:
      plan: the planned build.
      recipe: as the user gave it.
      allowed: whether the user said `--replace`.

    Raises:
      ConfigError: it would, and may not; the message says what differs and how to continue.
    """
    difference = _difference(plan, recipe)
    if difference and not allowed:
        raise ConfigError(
            f"{plan.output} holds a finished build of another recipe ({difference}); name another"
            " --output, or give --replace to build in its place"
        )
    return bool(difference)


def _difference(plan: Build, recipe: Recipe) -> str:
    """Returns how a finished build in the output differs from the planned one, "" if it does not.

    A value that another version of massivetext does not know is no difference, nor are more inputs.
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
    return told(changed)


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
    return bool(_SETS.fullmatch(value.key)) and sorted(value.old or ()) == sorted(value.new or ())


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

"""What the stages of a build say they are made from, written anew where that was rewritten.

A stage whose files stay, though those before it have other bytes now, says so in its summaries and
manifest: else a later build would take it for old and run it again.
"""

from typing import Any

from massivetext.config.recipe import digest
from massivetext.corpus.origins import Origins
from massivetext.errors import ConfigError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.damage import own_names
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import Stage, finish, finished_parts
from massivetext.pipelines.folder.sums import SUMS
from massivetext.pipelines.origins import with_origins
from massivetext.pipelines.stages.tokens.origin import renew_passes
from massivetext.storage.files import list_names
from massivetext.storage.json_files import require_json, write_summed_json

_OF_MANIFEST = ("stage", "key", "parts", "files", "reads", "made_from", SUMS)  # of `finish`


def as_it_stands(stage: Stage) -> Stage:
    """Returns a finished stage with the key and origins that its own manifest has.

    Raises:
      ConfigError: it was made by a version that kept no origins.
    """
    manifest = require_json(stage.path(MANIFEST))
    if "made_from" not in manifest:
        raise ConfigError(f"{stage.folder}: made by an older version; `massivetext build` it again")
    known = {name: manifest[name] for name in ("key", "reads", "made_from")}
    return stage._replace(**known)


def restamp_halves(build: Build, spec: StageSpec) -> None:
    """Writes anew what the halves of a stage are made from."""
    for suffix, origins in spec.halves:
        half = as_it_stands(build.stages[spec.name].half(suffix))
        _stamp(half, origins(build))
        finish_again(build, half, {})


def restamp(build: Build, spec: StageSpec) -> Build:
    """Writes anew what a stage's summaries say; returns the build with its new key and origins.

    Its manifest is still to be finished.
    """
    old = as_it_stands(build.stages[spec.name])
    base = old if spec.by_part else old._replace(key=digest(old.reads))
    known = build._replace(stages={**build.stages, spec.name: base})
    build = with_origins(known, spec)
    if spec.name == "tokens" and renew_passes(build.stages[spec.name]):
        build = with_origins(known, spec)  # with the passes that the build had come to
    _stamp(build.stages[spec.name], build.origins[spec.name])
    return build


def finish_again(build: Build, stage: Stage, facts: dict[str, Any]) -> None:
    """Writes the table of files and the manifest of a stage anew, with the facts that stay."""
    stems = stems_of(build, stage)
    finish(stage, finished_parts(stage, stems), stems, stays(stage) | facts)


def stays(stage: Stage) -> dict[str, Any]:
    """Returns the facts in a stage's manifest that are not written by `finish` itself."""
    manifest = require_json(stage.path(MANIFEST))
    return {name: value for name, value in manifest.items() if name not in _OF_MANIFEST}


def stems_of(build: Build, stage: Stage) -> list[str]:
    """Returns the stems of the parts that a finished stage has, in order."""
    there = set(list_names(stage.folder))
    return [part.stem for part in build.parts if f"{part.stem}.json" in there]


def _stamp(stage: Stage, origins: Origins) -> None:
    """Writes key and origins into all summaries that have others."""
    parts = origins.parts or {}
    for name in own_names(stage):
        if name.endswith(".json") and name != MANIFEST:
            summary = require_json(stage.path(name))
            made = parts.get(name.removesuffix(".json"))
            now = summary | ({"key": stage.key} if "key" in summary else {})
            now |= {"made_from": dict(made)} if made is not None else {}
            if now != summary:
                write_summed_json(stage.path(name), now)

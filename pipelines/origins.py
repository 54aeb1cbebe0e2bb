"""What each stage is made from, found out when the stages before it are done; and why it runs."""

from massivetext.config.recipe import short_digest
from massivetext.corpus.origins import Origins
from massivetext.errors import DamagedFile
from massivetext.pipelines.changes.contents import content_of
from massivetext.pipelines.changes.why import why_half, why_parts
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.stage import UP_TO_DATE, why_it_runs


def with_origins(build: Build, spec: StageSpec) -> Build:
    """Returns the build with what a stage is made from, which the stages before it have written."""
    try:
        origins = spec.origins(build) if spec.origins else _all_before(build, spec)
    except DamagedFile:  # of a half of its own, which `why` says
        origins = Origins({}, {})
    stage = build.stages[spec.name]._replace(made_from=origins.whole)
    if origins.parts is None:  # made in one go: what it is made from is part of its key
        stage = stage._replace(key=short_digest([stage.key, origins.whole]))
    stage = stage.asking(origins.parts or {})
    stages, known = {**build.stages, spec.name: stage}, {**build.origins, spec.name: origins}
    return build._replace(stages=stages, origins=known)


def _all_before(build: Build, spec: StageSpec) -> Origins:
    names = list(build.stages)
    before = names[: names.index(spec.name)]
    return Origins({name: content_of(build.stages[name]) for name in before})


def why(build: Build, spec: StageSpec) -> str:
    """Returns one line: why a stage would run, or that it is up to date.

    Args:
      build: from `with_origins`.
      spec: of the stage; the stages before it are up to date.
    """
    stage = build.stages[spec.name]
    reason = why_it_runs(stage)
    if reason != UP_TO_DATE:
        return reason
    try:
        halves = (why_half(stage.half(suffix), origins(build)) for suffix, origins in spec.halves)
        reason = next((found for found in halves if found != UP_TO_DATE), UP_TO_DATE)
        return reason if reason != UP_TO_DATE else why_parts(stage, build.origins[spec.name])
    except DamagedFile as error:
        return f"runs: {error}"

"""The plan of a build that is made from a finished one by other thresholds, inputs unread."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from massivetext.config.recipe import Recipe, values
from massivetext.errors import ConfigError
from massivetext.filters.rejudge.build import Rejudged
from massivetext.finished.taken_out import read_record
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.changes.contents import Done, done_parts
from massivetext.pipelines.changes.versions import TIGHTENED, read_versions
from massivetext.pipelines.engine.build_plan import Build, Earlier
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import Inputs
from massivetext.pipelines.folder.inputs import check_apart, plan
from massivetext.pipelines.folder.models import model_paths
from massivetext.pipelines.plan import make_stages
from massivetext.pipelines.stage_list import STAGES
from massivetext.pipelines.stages.documents.origin import rules_by_source
from massivetext.storage.paths import absolute, is_local


def plan_rejudged(
    output: str, recipe: Recipe, new: str, execution: Execution, found: Iterable[Rejudged] | None
) -> Build:
    """Returns the plan of a build of the inputs of a finished one, by a recipe of other thresholds.

    Args:
      output: of the finished build; its inputs need not be there any more.
      recipe: its own, but for thresholds.
      new: the output.
      execution: where it runs.
      found: what becomes of each part, where documents that were dropped are to stay so; None:
        they are taken.

    Raises:
      ConfigError: the build is of another version, its rules or lists are not what they were,
        documents were taken out of it, or the output is its own.
    """
    if not execution.is_local:
        output, new = absolute(output), absolute(new)
    _check_apart(output, new)
    old = open_build(output)
    models = model_paths(recipe)
    if not execution.is_local:
        models = models.absolute()
    stages = make_stages(STAGES, new, Inputs(recipe, values(recipe), old.files, models))
    check_apart(recipe, old.files, stages)
    parts = plan(recipe, old.files)
    build = Build(recipe, new, execution, old.files, parts, models, stages)
    done = _check_made(old, build)
    left = _left(done, found) if found is not None else {}
    return build._replace(earlier=Earlier(output, old.recipe, found is not None, left))


def _check_apart(output: str, new: str) -> None:
    folders = [str(Path(path).resolve()) if is_local(path) else path for path in (output, new)]
    if folders[0] == folders[1]:
        raise ConfigError(f"--output: {new} is the build that is rejudged; name another folder")


def _check_made(old: Build, build: Build) -> dict[str, Done]:
    """Returns the parts of the finished build, which are all that a build makes now.

    Raises:
      ConfigError: they were made by another version or other rules, or documents were taken out.
    """
    if read_record(old.output):
        raise ConfigError(
            f"{old.output}: documents were taken out, and their places in another build are not"
            " known; build from the inputs, and take them out again"
        )
    stage, done = old.stages["documents"], done_parts(old.stages["documents"])
    if stage.key != build.stages["documents"].key or done.keys() != {p.stem for p in build.parts}:
        raise ConfigError(
            f"{old.output}: stage 1 was made by another version of massivetext; build it again"
        )
    rules = rules_by_source(build._replace(recipe=old.recipe), read_versions(old.output))
    for part in build.parts:
        made = done[part.stem].made_from.get("recipe", "")
        if made.partition(TIGHTENED)[0] != rules[part.source]:
            raise ConfigError(
                f"{old.output}: the models, lists or own rules of {part.source} are not those that"
                " it was built with; build it again, or put them back"
            )
    return done


def _left(done: Mapping[str, Done], found: Iterable[Rejudged]) -> dict[str, str]:
    """Returns the parts of which not all is taken, with what they were made from."""
    return {part.stem: done[part.stem].made_from["recipe"] for part in found if not part.is_tighter}

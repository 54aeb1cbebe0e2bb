"""The plan of a build: inputs, parts, and each stage's key, all known before anything runs.

A stage's key digests what shapes its bytes: the recipe values that it reads, its format, the models
by SHA-256, the inputs' identities, and the key of the stage before it.
"""

from collections.abc import Iterable

from massivetext.config.recipe import Recipe, values
from massivetext.pipelines.engine.build_plan import Build, make_stages
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.inputs import check_apart, input_files, plan
from massivetext.pipelines.folder.models import model_paths
from massivetext.pipelines.stage_list import STAGES


def plan_build(
    recipe: Recipe, output: str, execution: Execution, stages: Iterable[StageSpec] = STAGES
) -> Build:
    """Returns the plan of a build.

    Raises:
      ConfigError: an input, model or list of the recipe is missing or ambiguous, or an input would
        be overwritten.
    """
    files, models = input_files(recipe), model_paths(recipe)
    specs = {spec.name: spec for spec in stages}
    made = make_stages(specs, output, Inputs(recipe, values(recipe), files, models))
    check_apart(files, made)
    return Build(recipe, output, execution, files, plan(recipe, files), models, made, specs)

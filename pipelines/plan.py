"""The plan of a build: inputs, parts, and each stage's key, all known before anything runs.

A stage's key digests what the recipe says of its bytes: the values that it reads, its format, the
models by SHA-256. What it reads of the stages before it counts too, and is known when they are done
(`massivetext.pipelines.changes`).
"""

import dataclasses
from collections.abc import Iterable

from massivetext.config.differences import plain
from massivetext.config.recipe import Recipe, digest, values
from massivetext.config.sequences import settled
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.inputs import check_apart, input_files, plan
from massivetext.pipelines.folder.models import model_paths
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES
from massivetext.pipelines.stages.duplicates.against import check_not_own
from massivetext.storage.paths import absolute, join


def plan_build(recipe: Recipe, output: str, execution: Execution) -> Build:
    """Returns the plan of a build.

    Raises:
      ConfigError: an input, model or list of the recipe is missing or ambiguous, or an input would
        be overwritten, or the output read.
    """
    files, models = input_files(recipe), model_paths(recipe)
    chosen = settled(recipe.sequences, sum(file.size for file in files))
    recipe = dataclasses.replace(recipe, sequences=chosen)
    if not execution.is_local:  # workers elsewhere have another working folder
        output, models = absolute(output), models.absolute()
        files = [file._replace(path=absolute(file.path)) for file in files]
    if recipe.duplicates.against:
        check_not_own(recipe, output)
    stages = make_stages(STAGES, output, Inputs(recipe, values(recipe), files, models))
    check_apart(recipe, files, stages)
    return Build(recipe, output, execution, files, plan(recipe, files), models, stages)


def make_stages(specs: Iterable[StageSpec], output: str, inputs: Inputs) -> dict[str, Stage]:
    """Returns the stages of a build below `output`, with what each reads of the recipe."""
    stages: dict[str, Stage] = {}
    for spec in specs:
        own = {"stage": spec.name, "format": spec.format, "seed": inputs.recipe.seed}
        reads = plain(own | spec.reads(inputs))
        key = digest(own if spec.by_part else reads)
        folder, earlier = join(output, spec.name), tuple(stages)
        stages[spec.name] = Stage(spec.name, folder, key, spec.names, spec.machine, earlier, reads)
    return stages

"""A build that is planned: its inputs, parts and models, and each of its stages with its key."""

from typing import NamedTuple

from massivetext.config.recipe import Recipe, digest
from massivetext.corpus.parts import InputFile, Part
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.files import join
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.folder.stage import Stage


class Build(NamedTuple):
    """Everything a build needs: what, where to, on what, in which stages."""

    recipe: Recipe
    output: str
    execution: Execution
    files: list[InputFile]
    parts: list[Part]
    models: ModelPaths
    stages: dict[str, Stage]  # in the order in which they run
    specs: dict[str, StageSpec]


def make_stages(specs: dict[str, StageSpec], output: str, inputs: Inputs) -> dict[str, Stage]:
    """Returns the stages of a build below `output`; a stage's key holds that of the one before."""
    stages: dict[str, Stage] = {}
    key = ""
    for name, spec in specs.items():
        own = {"stage": name, "format": spec.format, **spec.reads(inputs)}
        key = digest(own | {"seed": inputs.recipe.seed, "before": key})
        folder, earlier = join(output, name), tuple(stages)
        stages[name] = Stage(name, folder, key, spec.names, spec.machine, earlier)
    return stages

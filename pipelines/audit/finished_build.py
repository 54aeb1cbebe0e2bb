"""A finished build, from its manifest alone: the recipe, inputs, parts and stages that made it."""

from massivetext.config.recipe import recipe_of
from massivetext.corpus.parts import InputFile
from massivetext.errors import ConfigError
from massivetext.finished.build import read_manifest
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.inputs import plan
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES
from massivetext.storage.paths import join


def open_build(output: str) -> Build:
    """Returns the plan of the finished build in a folder; its inputs need not be there.

    Raises:
      ConfigError: there is no build, or it is not finished.
      DamagedFile: its manifest is damaged.
    """
    manifest = read_manifest(output)
    missing = [spec.name for spec in STAGES if spec.name not in manifest["stages"]]
    if missing:
        raise ConfigError(f"{output}: {missing[0]} has not run; `massivetext build` runs it")
    recipe = recipe_of(manifest["recipe"])
    files = [InputFile(**file) for file in manifest["inputs"]]
    stages = {
        spec.name: Stage(
            spec.name, join(output, spec.name), manifest["stages"][spec.name]["key"], spec.names
        )
        for spec in STAGES
    }
    nothing = ModelPaths("", "", ())
    return Build(recipe, output, Execution(), files, plan(recipe, files), nothing, stages)

"""A build that is planned: its inputs, parts and models, and each of its stages with its key."""

from collections.abc import Mapping
from typing import NamedTuple

from massivetext.config.recipe import Recipe
from massivetext.corpus.origins import Origins
from massivetext.corpus.parts import InputFile, Part
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.folder.stage import Stage


class Earlier(NamedTuple):
    """A finished build, from whose measures and texts stage 1 is made instead of from the inputs.

    All that counts in stage 1 is the same in both recipes, but for thresholds.
    """

    output: str
    recipe: Recipe
    only_tighter: bool = False  # documents that were dropped stay so
    left: Mapping[str, str] = {}  # parts where that leaves some out: what they were made from


class Build(NamedTuple):
    """Everything a build needs: what, where to, on what, in which stages."""

    recipe: Recipe
    output: str
    execution: Execution
    files: list[InputFile]
    parts: list[Part]
    models: ModelPaths
    stages: dict[str, Stage]  # in the order in which they run
    origins: Mapping[str, Origins] = {}  # what stages are made from, as far as it is known
    earlier: Earlier | None = None

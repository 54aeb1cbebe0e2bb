"""A sample of a recipe's inputs: whole files of each source and format, drawn by hash."""

import dataclasses
from collections.abc import Iterable

from massivetext.config.recipe import Recipe, values
from massivetext.config.sequences import settled
from massivetext.corpus.parts import InputFile
from massivetext.hashing import hash64
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.engine.stage_spec import Inputs
from massivetext.pipelines.folder.inputs import plan
from massivetext.pipelines.folder.models import model_paths
from massivetext.pipelines.plan import make_stages
from massivetext.pipelines.stage_list import STAGES


def draw_files(files: Iterable[InputFile], share: float, seed: int) -> list[InputFile]:
    """Returns, of each source and format, files of about a share of the bytes, at least one.

    >>> names = [InputFile("web", f"{n}", f"{n}", "warc", 10, "") for n in range(40)]
    >>> len(draw_files(names, 0.1, 0)), len(draw_files(names[:3], 0.1, 0))
    (4, 1)
    """
    groups: dict[tuple[str, str], list[InputFile]] = {}
    for file in files:
        groups.setdefault((file.source, file.format), []).append(file)
    return sorted(file for group in groups.values() for file in _drawn(group, share, seed))


def _drawn(group: list[InputFile], share: float, seed: int) -> list[InputFile]:
    wanted = share * sum(file.size for file in group)
    ordered = sorted(group, key=lambda file: hash64(seed, "plan sample", file.source, file.name))
    taken, size = [ordered[0]], ordered[0].size
    for file in ordered[1:]:
        if size + file.size / 2 <= wanted:  # nearer to the share with it than without
            taken.append(file)
            size += file.size
    return taken


def sample_build(recipe: Recipe, files: list[InputFile], output: str) -> Build:
    """Returns the plan of a build of some of a recipe's files, with all tokens that they give."""
    chosen = dataclasses.replace(recipe.sequences, tokens="max")
    chosen = settled(chosen, sum(file.size for file in files))
    recipe = dataclasses.replace(recipe, sequences=chosen, max_bad_fraction=1.0)
    models = model_paths(recipe)
    stages = make_stages(STAGES, output, Inputs(recipe, values(recipe), files, models))
    return Build(recipe, output, Execution(), files, plan(recipe, files), models, stages)

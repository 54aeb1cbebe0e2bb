"""The plan of a build: inputs, parts, and each stage's key, all known before anything runs.

A stage's key digests what shapes its bytes: the recipe values that it reads, its FORMAT, the models
by SHA-256, the inputs' identities, and the key of the stage before it.
"""

from typing import Any, NamedTuple

from massivetext.config.recipe import Recipe, values
from massivetext.corpus.parts import InputFile, Part
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.inputs import check_apart, identities, input_files, plan
from massivetext.pipelines.folder.models import ModelPaths, domain_files, model_paths
from massivetext.pipelines.folder.stage import Stage, make_stage
from massivetext.pipelines.stages.documents import write as documents
from massivetext.pipelines.stages.duplicates import graph as duplicates
from massivetext.pipelines.stages.overlap import compare as overlap
from massivetext.pipelines.stages.overlap.held_out_files import overlap_files
from massivetext.pipelines.stages.sequences import write as sequences
from massivetext.pipelines.stages.tokens import write as tokens
from massivetext.pipelines.stages.vocabulary import train as vocabulary

STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


class Build(NamedTuple):
    """Everything a build needs: what, where to, on what, in which stages."""

    recipe: Recipe
    output: str
    execution: Execution
    files: list[InputFile]
    parts: list[Part]
    models: ModelPaths
    stages: dict[str, Stage]


def plan_build(recipe: Recipe, output: str, execution: Execution) -> Build:
    """Returns the plan of a build.

    Raises:
      ConfigError: an input, model or list of the recipe is missing or ambiguous, or an input would
        be overwritten.
    """
    files = input_files(recipe)
    models = model_paths(recipe)
    stages: dict[str, Stage] = {}
    key = ""
    for name, own in _ingredients(recipe, files, models).items():
        stages[name] = make_stage(name, output, own | {"seed": recipe.seed, "before": key})
        key = stages[name].key
    check_apart(files, stages)
    return Build(recipe, output, execution, files, plan(recipe, files), models, stages)


def _ingredients(
    recipe: Recipe, files: list[InputFile], models: ModelPaths
) -> dict[str, dict[str, Any]]:
    filters = values(recipe.filters)
    safety = filters["safety"]
    hosts = [safety["sources"], safety.pop("host_min_pages"), safety.pop("host_max_rated")]
    chosen = values(recipe.sequences)
    written = {name: chosen.pop(name) for name in ("shards", "layout")}
    return {
        "documents": {
            "format": documents.FORMAT,
            "inputs": identities(files),
            "parts": values(recipe.parts),
            "filters": filters,
            "language_model": models.language_sha256,
            "domain_lists": [[f.path, f.size, f.version] for f in domain_files(recipe)],
        },
        "duplicates": {
            "format": duplicates.FORMAT,
            "rules": values(recipe.duplicates),
            "hosts": hosts,
        },
        "overlap": {
            "format": overlap.FORMAT,
            "rules": values(recipe.overlap),
            "files": [[f.path, f.size, f.version] for f in overlap_files(recipe)],
            "split": [chosen["validation_fraction"], chosen["crop_bytes"]],
        },
        "vocabulary": {
            "format": vocabulary.FORMAT,
            "settings": values(recipe.vocabulary),
            "mixture": recipe.mixture,
        },
        "tokens": {"format": tokens.FORMAT, "sequences": chosen},
        "sequences": {"format": sequences.FORMAT, "written": written},
    }

"""The corpus of each recipe, by `massivetext build`: resumed, and done again when it changed."""

import subprocess
import sys
from pathlib import Path

from massivetext.config.recipe import load_recipe
from massivetext.errors import ConfigError, StageError, Stopped
from massivetext.storage.paths import join
from massivetext.train.data.dataset import Dataset, open_dataset
from massivetext.train.laboratory.plan import Plan, Variant
from massivetext.train.run.log import say

STOPPED = 3  # exit code of a command that can be resumed


def build_corpora(plan: Plan, output: Path) -> dict[str, Dataset]:
    """Returns the corpus of each recipe, in the plan's order.

    The first trains the vocabulary; the others are given it.

    Raises:
      StageError: a build failed; it has said why.
      Stopped: a build was told to stop.
      ConfigError: a recipe is wrong, or a corpus has another vocabulary than the first.
    """
    for name, variant in plan.recipes.items():  # all are read before the first is built
        _check_recipe(plan, name, variant)
    first = next(iter(plan.recipes))
    model = output / "builds" / first / "vocabulary" / "vocabulary.model"
    corpora: dict[str, Dataset] = {}
    for name, variant in plan.recipes.items():
        shared = () if name == first else (f"vocabulary.path={model}",)
        _build(plan, name, (*plan.set, *variant.set, *shared), output / "builds" / name)
        corpora[name] = open_dataset(str(output / "builds" / name))
        _check_vocabulary(name, corpora[name], first, corpora[first])
    return corpora


def _check_recipe(plan: Plan, name: str, variant: Variant) -> None:
    try:
        load_recipe(plan.recipe, (*plan.set, *variant.set))
    except ConfigError as error:
        raise ConfigError(f"recipe {name}: {error}") from error


def _build(plan: Plan, name: str, settings: tuple[str, ...], folder: Path) -> None:
    say(f"recipe {name}: {folder}")
    command = [sys.executable, "-P", "-m", "massivetext", "build", plan.recipe]
    command += ["--output", str(folder), "--workers", str(plan.workers)]
    command += [word for setting in settings for word in ("--set", setting)]
    code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
    if code == STOPPED or code < 0:
        raise Stopped(f"recipe {name}: the build was stopped; rerun the same command to continue")
    if code:
        raise StageError(f"recipe {name}: the build failed; what it said stands above")


def _check_vocabulary(name: str, corpus: Dataset, first: str, other: Dataset) -> None:
    if corpus.vocabulary_sha256 != other.vocabulary_sha256:
        raise ConfigError(
            f"recipe {name} has another vocabulary than {first}, so its tokens are others; all "
            f"recipes must share one: {join(corpus.folder, '..', 'vocabulary')}"
        )

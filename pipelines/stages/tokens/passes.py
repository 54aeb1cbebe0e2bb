"""How often each source's documents are read, so that the mixture's shares come out."""

from fractions import Fraction
from typing import Any

from massivetext.config.recipe import Recipe
from massivetext.config.sequences import Sequences
from massivetext.mixture.passes import Packing, Supply, plan_most, plan_passes
from massivetext.mixture.quotas import source_quotas, to_fraction
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.stage import stage_facts
from massivetext.pipelines.stages.survivors import planned_survivors

# Of a source's train split: the paper's random crops, or all pieces of all documents.
_CROPS = ("train_documents", "train_crop_bytes", "train_crop_squares")
_PIECES = ("train_pieces", "train_bytes", "train_piece_squares")


def make_supplies(build: Build, weights: dict[str, float]) -> dict[str, Supply]:
    """Returns what each source has for training, counted by stages 3 and 4."""
    survivors = planned_survivors(build.stages["overlap"])
    density = stage_facts(build.stages["vocabulary"])["tokens_per_byte"]
    number, size, squares = _CROPS if build.recipe.sequences.packing == "paper" else _PIECES
    return {
        source: Supply(
            documents=survivors[source][number],
            crop_bytes=survivors[source][size],
            crop_squares=survivors[source][squares],
            parts=survivors[source]["parts"],
            tokens_per_byte=Fraction(density[source]),
        )
        for source in weights
    }


def choose_passes(
    recipe: Recipe,
    weights: dict[str, float],
    supplies: dict[str, Supply],
    limits: dict[str, Fraction],
) -> tuple[int | None, dict[str, Fraction]]:
    """Returns the number of training sequences and each source's passes for its share.

    The number is None where the sources decide it.

    Raises:
      StageError: a source would need more passes than it may be read in.
    """
    chosen = recipe.sequences
    packing = packing_of(chosen)
    if chosen.packing == "once":
        return None, dict.fromkeys(weights, Fraction(1))
    if chosen.tokens == "max":
        return None, plan_most(weights, supplies, packing, limits)
    total = chosen.tokens // chosen.length
    return total, plan_passes(source_quotas(total, weights), supplies, packing, limits)


def packing_of(chosen: Sequences) -> Packing:
    """Returns the packing as estimates need it."""
    return Packing(chosen.length, chosen.crops_per_group, carry=chosen.packing != "paper")


def pass_limits(recipe: Recipe, survivors: dict[str, Any]) -> dict[str, Fraction]:
    """Returns in how many passes each source's documents may be read.

    Args:
      recipe: the recipe.
      survivors: of the overlap stage, by source; they say what part of an epoch a pass is.
    """
    chosen = recipe.sequences
    return {
        source: to_fraction(chosen.max_passes[source])
        if source in chosen.max_passes
        else _default_limit(chosen, survivors[source])
        for source in recipe.mixture
        if source in survivors
    }


def _default_limit(chosen: Sequences, counts: dict[str, int]) -> Fraction:
    if chosen.max_epochs is None:
        return to_fraction(chosen.default_max_passes)
    if chosen.packing != "paper" or not counts["train_crop_bytes"]:
        return to_fraction(chosen.max_epochs)
    return to_fraction(chosen.max_epochs) * Fraction(
        counts["train_bytes"], counts["train_crop_bytes"]
    )

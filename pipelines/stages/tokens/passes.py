"""How often each source's documents are read, so that the mixture's shares come out."""

from fractions import Fraction

from massivetext.config.recipe import Recipe
from massivetext.mixture.passes import Packing, Supply, most_sequences, plan_passes
from massivetext.mixture.quotas import source_quotas
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.stage import stage_facts


def make_supplies(build: Build, weights: dict[str, float]) -> dict[str, Supply]:
    """Returns what each source has for training, counted by stages 3 and 4."""
    survivors = stage_facts(build.stages["overlap"])["sources"]
    density = stage_facts(build.stages["vocabulary"])["tokens_per_byte"]
    return {
        source: Supply(
            documents=survivors[source]["train_documents"],
            crop_bytes=survivors[source]["train_crop_bytes"],
            crop_squares=survivors[source]["train_crop_squares"],
            parts=survivors[source]["parts"],
            tokens_per_byte=Fraction(density[source]),
        )
        for source in weights
    }


def choose_passes(
    recipe: Recipe, weights: dict[str, float], supplies: dict[str, Supply]
) -> tuple[int, dict[str, Fraction]]:
    """Returns the number of training sequences and each source's passes for its share.

    Raises:
      StageError: a source would need more passes than its `max_passes`.
    """
    chosen = recipe.sequences
    packing = Packing(chosen.length, chosen.crops_per_group)
    bounds = max_passes(recipe)
    if chosen.tokens == "max":
        total = most_sequences(weights, supplies, packing, bounds)
    else:
        total = chosen.tokens // chosen.length
    return total, plan_passes(source_quotas(total, weights), supplies, packing, bounds)


def max_passes(recipe: Recipe) -> dict[str, float]:
    """Returns how often each source's documents may be read."""
    chosen = recipe.sequences
    return {
        source: chosen.max_passes.get(source, chosen.default_max_passes)
        for source in recipe.mixture
    }

"""Running stages 4 and 5: the vocabulary on its sample, then each source's tokens."""

import time
from fractions import Fraction
from functools import partial
from typing import Any

from massivetext.config.recipe import Recipe
from massivetext.corpus.conservation import account, check_tokens
from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.mixture.passes import Packing, Supply, most_sequences, plan_passes
from massivetext.mixture.quotas import apportion, source_quotas
from massivetext.pipelines.engine.run_parts import run_parts
from massivetext.pipelines.engine.runner import run
from massivetext.pipelines.folder.files import exists, read_json
from massivetext.pipelines.folder.stage import finish, finished_parts, stage_facts
from massivetext.pipelines.plan import Build
from massivetext.pipelines.stages.tokens import write as stage_tokens
from massivetext.pipelines.stages.tokens.write import Demand, TokensWork
from massivetext.pipelines.stages.vocabulary.train import (
    MODEL,
    TRAINED,
    VocabularyWork,
    add_samples,
    add_training,
    sample_share,
)
from massivetext.tokenizer.sequences import TokenPlan


def mixed_sources(recipe: Recipe) -> dict[str, float]:
    """Returns the weights of the sources that are in the mixture at all."""
    return {source: weight for source, weight in recipe.mixture.items() if weight > 0}


def run_vocabulary(build: Build) -> dict[str, Any]:
    """Runs stage 4; returns its manifest with tokens per byte of each source.

    Raises:
      StageError: nothing is left of a source; says where to look.
    """
    stage, recipe = build.stages["vocabulary"], build.recipe
    began = time.monotonic()
    weights = mixed_sources(recipe)
    survivors = stage_facts(build.stages["overlap"])["sources"]
    _check_survivors(survivors, list(weights), build.output)
    wanted = apportion(recipe.vocabulary.sample_bytes, list(weights.values()))
    targets = dict(zip(weights, wanted, strict=True))
    work = VocabularyWork(
        stage,
        build.output,
        recipe.seed,
        recipe.sequences.validation_fraction,
        recipe.sequences.crop_bytes,
        {source: _sample_share(targets[source], survivors[source]) for source in weights},
        targets,
        recipe.vocabulary,
    )
    parts = [part for part in build.parts if part.source in weights]
    summaries, trained = _sampled_and_trained(build, parts, work)
    facts = {"sources": account(summaries)} | trained
    facts["seconds"] = round(time.monotonic() - began, 3)
    by_stem = {f"part-{summary['part']:05d}": summary for summary in summaries}
    return finish(stage, by_stem, [part.stem for part in parts], facts)


def _sample_share(target: int, survivors: dict[str, int]) -> float:
    return sample_share(target, survivors["train_crop_bytes"], survivors["train_documents"])


def _check_survivors(survivors: dict[str, Any], sources: list[str], output: str) -> None:
    gone = [source for source in sources if not survivors[source]["train_crop_bytes"]]
    if gone:
        raise StageError(
            f"vocabulary: nothing is left of {', '.join(gone)} to train on; `massivetext report"
            f" {output}` says what dropped it: add documents, loosen that, or set the weight to 0"
        )


def _sampled_and_trained(
    build: Build, parts: list[Part], work: VocabularyWork
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Returns the samples' summaries and the facts of the training, both run unless done."""
    stage = work.stage
    done = finished_parts(stage, [part.stem for part in parts])
    trained = read_json(stage.path(TRAINED)) or {}
    whole = len(done) == len(parts) and exists(stage.path(MODEL))
    if whole and trained.pop("key", None) == stage.key:
        return list(done.values()), trained | {"redone_parts": 0}
    summaries, facts = run_parts(stage, parts, partial(add_samples, work=work), build.execution)
    run(stage, lambda p: add_training(p, parts, work), build.execution)
    trained = read_json(stage.path(TRAINED)) or {}
    trained.pop("key", None)
    return summaries, trained | facts


def run_tokens(build: Build) -> dict[str, Any]:
    """Runs stage 5; returns its manifest with quotas, passes and epochs of each source.

    Raises:
      StageError: a source has too few tokens for its share; says what to change.
    """
    stage, recipe = build.stages["tokens"], build.recipe
    weights = mixed_sources(recipe)
    parts = [part for part in build.parts if part.source in weights]
    supplies = make_supplies(build, weights)
    total, passes = choose_passes(recipe, weights, supplies)
    quotas = source_quotas(total, weights)
    sequences = recipe.sequences
    plans = {
        source: TokenPlan(
            recipe.seed,
            passes[source],
            sequences.length,
            sequences.crop_bytes,
            sequences.crops_per_group,
        )
        for source in weights
    }
    work = TokensWork(stage, build.output, recipe.seed, sequences.validation_fraction, plans)
    demand = Demand(quotas, max_passes(recipe))
    summaries, facts, work = stage_tokens.run_tokens(work, parts, demand, build.execution)
    totals = account(summaries)
    check_tokens(totals, sequences.length)
    for source, total_of in totals.items():
        total_of |= _pass_facts(build, source, work, quotas[source])
    by_stem = {f"part-{summary['part']:05d}": summary for summary in summaries}
    facts = {"sources": totals, "train_sequences": total} | facts
    return finish(stage, by_stem, [part.stem for part in parts], facts)


def _pass_facts(build: Build, source: str, work: TokensWork, quota: int) -> dict[str, Any]:
    """Returns passes over documents and epochs over tokens: a pass crops, so they differ."""
    survivors = stage_facts(build.stages["overlap"])["sources"][source]
    density = stage_facts(build.stages["vocabulary"])["tokens_per_byte"][source]
    tokens = survivors["train_bytes"] * density
    trained = quota * build.recipe.sequences.length
    return {
        "quota": quota,
        "passes": float(work.plans[source].passes),
        "epochs": round(trained / tokens, 6) if tokens else 0.0,
    }


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

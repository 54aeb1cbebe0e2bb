"""Running stage 5: each source's tokens, in as many passes as its share of the mixture takes."""

from typing import Any

from massivetext.corpus.conservation import account, check_tokens
from massivetext.mixture.quotas import source_quotas
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts
from massivetext.pipelines.folder.stage import stage_facts
from massivetext.pipelines.stages.survivors import mixed_sources
from massivetext.pipelines.stages.tokens.passes import choose_passes, make_supplies, max_passes
from massivetext.pipelines.stages.tokens.rounds import Demand, tokenize_parts
from massivetext.pipelines.stages.tokens.write import TokensWork
from massivetext.tokenizer.sequences import TokenPlan


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
    sizes = sequences.length, sequences.crop_bytes, sequences.crops_per_group
    plans = {source: TokenPlan(recipe.seed, passes[source], *sizes) for source in weights}
    work = TokensWork(stage, build.output, recipe.seed, sequences.validation_fraction, plans)
    demand = Demand(quotas, max_passes(recipe))
    summaries, facts, work = tokenize_parts(work, parts, demand, build.execution)
    totals = account(summaries)
    check_tokens(totals, sequences.length)
    for source, total_of in totals.items():
        total_of |= _pass_facts(build, source, work, quotas[source])
    facts = {"sources": totals, "train_sequences": total} | facts
    return finish_parts(stage, parts, summaries, facts)


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

"""Running stage 5: each source's tokens, in as many passes as its share of the mixture takes."""

from fractions import Fraction
from typing import Any

from massivetext.corpus.conservation import account, check_tokens, check_validation
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, with_made_from
from massivetext.pipelines.folder.stage import stage_facts
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.survivors import mixed_sources, planned_survivors
from massivetext.pipelines.stages.tokens.leakage import find_leakage
from massivetext.pipelines.stages.tokens.origin import token_origins
from massivetext.pipelines.stages.tokens.passes import choose_passes, make_supplies, pass_limits
from massivetext.pipelines.stages.tokens.rounds import Demand, Tokenized, tokenize_parts
from massivetext.pipelines.stages.tokens.write import TokensWork
from massivetext.tokenizer.sequences import TokenPlan


def run_tokens(build: Build) -> dict[str, Any]:
    """Runs stage 5; returns its manifest with quotas, passes and epochs of each source.

    Raises:
      StageError: a source has too few tokens for its share; says what to change.
    """
    recipe, sequences = build.recipe, build.recipe.sequences
    weights = mixed_sources(recipe)
    split = recipe.seed, sequences.validation, sequences.validation_max_overlap
    leakage = LeakageWork(build.stages["tokens"], build.output, *split)
    find_leakage(leakage, build)
    origins = token_origins(build)
    stage = build.stages["tokens"]._replace(made_from=origins.whole)
    parts = [part for part in build.parts if part.source in weights]
    parts = with_made_from(parts, origins)
    survivors = stage_facts(build.stages["overlap"])["sources"]
    limits = pass_limits(recipe, planned_survivors(build.stages["overlap"]))
    total, _ = choose_passes(recipe, weights, make_supplies(build, weights), limits)
    passes = {part.source: Fraction(part.made_from["passes"]) for part in parts}
    sizes = sequences.length, sequences.crop_bytes, sequences.crops_per_group, sequences.packing
    plans = {source: TokenPlan(recipe.seed, passes[source], *sizes) for source in weights}
    work = TokensWork(stage, build.output, leakage, plans)
    demand = Demand(weights, limits, total, sequences.packing == "once")
    done = tokenize_parts(work, parts, demand, build.execution)
    facts = _facts(done, sequences.length, survivors)
    facts["limited_by"] = demand.limited_by(done.plans, demand.available(done.summaries))
    return finish_parts(stage, parts, done.summaries, facts | done.facts)


def _facts(done: Tokenized, length: int, survivors: dict[str, Any]) -> dict[str, Any]:
    totals = account(done.summaries)
    check_tokens(totals, length)
    check_validation(totals, survivors)
    for source, total in totals.items():
        quota, read = done.quotas[source], survivors[source]["train_bytes"]
        total |= {"quota": quota, "passes": float(done.plans[source].passes)}
        # Of the bytes that were encoded, the share of the tokens that are in the quota.
        used = quota * length / total["tokens"] if total["tokens"] else 0.0
        total["epochs"] = round(used * total["bytes"] / read, 6) if read else 0.0
    return {"sources": totals, "train_sequences": sum(done.quotas.values())}

"""Stage 5 in rounds: a source that comes out short of its quota is read in more passes."""

import dataclasses
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.mixture.quotas import most_total, source_quotas
from massivetext.pipelines.engine.run_parts import run_parts
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.stages.tokens.origin import note_passes
from massivetext.pipelines.stages.tokens.write import TokensWork, add_tokens
from massivetext.tokenizer.sequences import TokenPlan

ROUNDS = 4  # of raising a source's passes when its estimate was too low

Quotas = dict[str, int]  # sequences, by source
Plans = dict[str, TokenPlan]  # by source


class Demand(NamedTuple):
    """What the mixture asks of each source, and how often its documents may be read for it."""

    weights: dict[str, float]
    limits: dict[str, Fraction]  # of passes
    total: int | None  # of training sequences; None: as many as the sources give
    once: bool = False  # all that there is, whatever the weights

    def quotas(self, plans: Plans, available: Quotas) -> Quotas:
        """Returns how many sequences each source has to give.

        Where nothing else says how many, those sources do that are read as often as they may be.
        """
        if self.once:
            return available
        total = self.total
        if total is None:
            scarce = {s: n for s, n in available.items() if plans[s].passes >= self.limits[s]}
            total = most_total(scarce, self.weights)
        return source_quotas(total, self.weights)

    def available(self, summaries: list[dict[str, Any]]) -> Quotas:
        """Returns how many sequences each source has."""
        available = dict.fromkeys(self.weights, 0)
        for summary in summaries:
            if summary["source"] in available:
                available[summary["source"]] += summary["sequences"]
        return available

    def limited_by(self, plans: Plans, available: Quotas) -> str | None:
        """Returns the source that allows no more sequences, where the sources decide."""
        if self.total is not None or self.once:
            return None
        scarce = [s for s in self.weights if plans[s].passes >= self.limits[s]]
        return min(scarce, key=lambda source: available[source] / self.weights[source])

    def raised(self, plans: Plans, short: dict[str, tuple[int, int]]) -> Plans:
        """Returns the plans with more passes for the sources that were short.

        Raises:
          StageError: a source may not be read so often.
        """
        raised = dict(plans)
        for source, (available, quota) in short.items():
            factor = Fraction(quota + 2, max(available, 1)) * Fraction(21, 20)
            passes = (plans[source].passes * factor).limit_denominator(1_000_000)
            limit, at = self.limits[source], plans[source]
            if self.total is None or (at.packing != "paper" and at.passes < limit):
                passes = min(passes, limit)
            if passes > limit:
                raise StageError(
                    f"tokens: {source} gives {available:,} of the {quota:,} sequences of its share"
                    f" in {float(plans[source].passes):.2f} passes; it would take about"
                    f" {float(passes):.2f} and max_passes is {float(limit):g}. Lower"
                    " sequences.tokens, lower the weight, add input or raise max_passes"
                )
            raised[source] = dataclasses.replace(plans[source], passes=passes)
        return raised


class Tokenized(NamedTuple):
    """Stage 5 when every source has its quota."""

    summaries: list[dict[str, Any]]
    facts: dict[str, Any]  # about the run
    plans: Plans  # with the passes that it took
    quotas: Quotas


def tokenize_parts(
    work: TokensWork, parts: list[Part], demand: Demand, execution: Execution
) -> Tokenized:
    """Runs stage 5 until every source has its quota of sequences.

    The passes were estimated from tokens per byte; a source that comes out short is done again
    with more, in proportion to what was missing.

    Raises:
      StageError: a source would need more than its `max_passes`, or has not one sequence.
    """
    for left in reversed(range(ROUNDS)):
        parts, add = _with_passes(work, parts), partial(add_tokens, work=work)
        summaries, facts = run_parts(work.stage, parts, add, execution)
        available = demand.available(summaries)
        quotas = demand.quotas(work.plans, available)
        short = {s: (n, quotas[s]) for s, n in available.items() if n < quotas[s]}
        if not short:
            _check_any(quotas)
            return Tokenized(summaries, facts, work.plans, quotas)
        if demand.total is None and left == 0:  # hardly less than the scarcest source allows
            quotas = source_quotas(most_total(available, demand.weights), demand.weights)
            return Tokenized(summaries, facts, work.plans, quotas)
        work = work._replace(plans=demand.raised(work.plans, short))
        note_passes(work.stage, {source: plan.passes for source, plan in work.plans.items()})
    raise StageError(f"tokens: still short of sequences after {ROUNDS} rounds: {short}")


def _check_any(quotas: Quotas) -> None:
    if not sum(quotas.values()):
        raise StageError(
            "tokens: the documents do not fill one sequence: add documents, loosen what drops them"
            " (see the report), or lower sequences.length"
        )


def _with_passes(work: TokensWork, parts: list[Part]) -> list[Part]:
    """Returns the parts, made from as many passes as their source is read in now."""
    return [
        dataclasses.replace(
            part, made_from={**part.made_from, "passes": str(work.plans[part.source].passes)}
        )
        for part in parts
    ]

"""Stage 5 in rounds: a source that comes out short of its quota is read in more passes."""

import dataclasses
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.mixture.quotas import exact
from massivetext.pipelines.engine.run_parts import run_parts
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.stage import finished_parts
from massivetext.pipelines.stages.tokens.write import TokensWork, add_tokens
from massivetext.tokenizer.sequences import TokenPlan

ROUNDS = 4  # of raising a source's passes when its estimate was too low


class Demand(NamedTuple):
    """What the mixture asks of each source, and how often its documents may be read for it."""

    quotas: dict[str, int]
    max_passes: dict[str, float]

    def shortfalls(self, summaries: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
        """Returns (available, quota) of each source that has too few sequences."""
        available = dict.fromkeys(self.quotas, 0)
        for summary in summaries:
            if summary["source"] in available:
                available[summary["source"]] += summary["sequences"]
        return {s: (n, self.quotas[s]) for s, n in available.items() if n < self.quotas[s]}

    def raised(
        self, plans: dict[str, TokenPlan], short: dict[str, tuple[int, int]]
    ) -> dict[str, TokenPlan]:
        """Returns the plans with more passes for the sources that were short."""
        raised = dict(plans)
        for source, (available, quota) in short.items():
            factor = Fraction(quota + 2, max(available, 1)) * Fraction(21, 20)
            passes = (plans[source].passes * factor).limit_denominator(1_000_000)
            if passes > exact(self.max_passes[source]):
                raise StageError(
                    f"tokens: {source} gives {available:,} of the {quota:,} sequences of its share"
                    f" in {float(plans[source].passes):.2f} passes; it would take about"
                    f" {float(passes):.2f} and max_passes is {self.max_passes[source]:g}. Lower"
                    " sequences.tokens, lower the weight, add input or raise max_passes"
                )
            raised[source] = dataclasses.replace(plans[source], passes=passes)
        return raised


def tokenize_parts(
    work: TokensWork, parts: list[Part], demand: Demand, execution: Execution
) -> tuple[list[dict[str, Any]], dict[str, Any], TokensWork]:
    """Runs stage 5 until every source has its quota of sequences.

    The passes were estimated from tokens per byte; a source that comes out short is done again
    with more, in proportion to what was missing.

    Returns:
      The summaries of all parts, facts about the run, and the work with the final passes.

    Raises:
      StageError: a source would need more than its `max_passes`.
    """
    work = _resumed(work, parts)
    for _ in range(ROUNDS):
        stale, add = _stale(work, parts), partial(add_tokens, work=work)
        summaries, facts = run_parts(work.stage, parts, add, execution, stale)
        short = demand.shortfalls(summaries)
        if not short:
            return summaries, facts, work
        work = work._replace(plans=demand.raised(work.plans, short))
    raise StageError(f"tokens: still short of sequences after {ROUNDS} rounds: {short}")


def _resumed(work: TokensWork, parts: list[Part]) -> TokensWork:
    """Returns the work with the passes that an earlier, stopped run had come to."""
    plans = dict(work.plans)
    done = finished_parts(work.stage, [part.stem for part in parts])
    for part in (part for part in parts if part.stem in done):
        passes = Fraction(done[part.stem]["passes"])
        if passes > plans[part.source].passes:
            plans[part.source] = dataclasses.replace(plans[part.source], passes=passes)
    return work._replace(plans=plans)


def _stale(work: TokensWork, parts: list[Part]) -> list[str]:
    """Returns the parts whose finished tokens were made with other passes."""
    done = finished_parts(work.stage, [part.stem for part in parts])
    return [
        part.stem
        for part in parts
        if part.stem in done and done[part.stem]["passes"] != str(work.plans[part.source].passes)
    ]

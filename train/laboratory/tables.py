"""What a plan found, as tables for people and as JSON."""

from typing import Any

from massivetext.train.config.config import TrainConfig, tokens_seen, total_steps
from massivetext.train.config.quantities import spell_count
from massivetext.train.data.dataset import Dataset
from massivetext.train.laboratory.differences import (
    Difference,
    Scores,
    compare_recipes,
    mean_and_error,
    sources_of,
)
from massivetext.train.laboratory.plan import Plan, questions_of

FIXED = (
    "Seeds vary first values alone: all models of a recipe read the same sequences, and what other"
    " sequences of the same recipe would change is in no interval (docs/ablation.md)."
)
ORDERED = "Seeds vary first values and which sequences of a recipe's shards are read."


def answers(plan: Plan, scores: Scores) -> list[Difference]:
    """Returns the difference that each question asks for, for each source."""
    return [
        compare_recipes(scores, question, source)
        for question in questions_of(plan)
        for source in sources_of(scores)
    ]


def training_tokens(corpus: Dataset) -> int:
    """Returns the tokens of a corpus's training shards."""
    return sum(len(records) * records.length for records in corpus.train.values())


def format_results(
    plan: Plan, config: TrainConfig, corpora: dict[str, Dataset], scores: Scores
) -> str:
    """Returns Markdown: a table of recipes, a table of answers, and how both were made."""
    seen = tokens_seen(config, total_steps(config))
    title = plan.title or "An ablation"
    sources = sources_of(scores)
    head = f"{len(plan.seeds)} seeds, {plan.preset}, {spell_count(seen)} tokens a model."
    error = (
        "Standard errors behind ±; intervals of 95 % by Student's t of the seeds' differences."
        f" {ORDERED if config.data.shuffle else FIXED}"
    )
    return "\n\n".join([
        f"# {title}", head, _recipes(corpora, scores, sources, seen),
        *(_answers(plan, scores, sources, config.data.shuffle)), error,
    ]) + "\n"  # fmt: skip


def _recipes(corpora: dict[str, Dataset], scores: Scores, sources: list[str], seen: int) -> str:
    lines = [
        f"| recipe | training tokens | read | {' | '.join(sources)} |",
        "|---|---:|---:|" + "---:|" * len(sources),
    ]
    for name, seeds in scores.items():
        size = training_tokens(corpora[name])
        cells = [mean_and_error([one[source] for one in seeds.values()]) for source in sources]
        numbers = " | ".join(f"{mean:.4f} ± {error:.4f}" for mean, error in cells)
        lines.append(f"| {name} | {spell_count(size)} | {seen / size:.2f} times | {numbers} |")
    return "\n".join(lines)


def _answers(plan: Plan, scores: Scores, sources: list[str], varied: bool) -> list[str]:
    first, *others = sources
    verdict = "verdict" if varied else "on these sequences"
    lines = [f"| question | bits a byte, second minus first | interval | {verdict} |"]
    lines.append("|---|---:|---:|---|")
    by_source = ["Sources that differ by themselves (one in twenty does by chance):", ""]
    for question in questions_of(plan):
        whole = compare_recipes(scores, question, first)
        lines.append(f"| {question.ask} ({' → '.join(question.of)}) | {_row(whole)} |")
        found = (compare_recipes(scores, question, source) for source in others)
        told = (f"{d.source} {d.mean:+.4f}" for d in found if abs(d.mean) > d.half)
        by_source.append(f"- {question.ask}: {', '.join(told) or 'none'}")
    return ["\n".join(lines), "\n".join(by_source)]


def _row(d: Difference) -> str:
    low, high = d.mean - d.half, d.mean + d.half
    return f"{d.mean:+.4f} ± {d.error:.4f} | {low:+.4f} to {high:+.4f} | {d.verdict}"


def as_json(plan: Plan, scores: Scores, overlap: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Returns all that was found, for other programs."""
    return {
        "scores": {n: {str(s): one for s, one in seeds.items()} for n, seeds in scores.items()},
        "answers": [{**d._asdict(), "verdict": d.verdict} for d in answers(plan, scores)],
        "held_out_in_training": overlap,
    }

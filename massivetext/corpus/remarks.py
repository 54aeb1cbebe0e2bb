"""What a reader of a build's numbers might not notice: limits, empty shards, missing validation."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Stages = Mapping[str, Any]  # of a build's manifest


def remarks(stages: Stages) -> list[str]:
    """Returns a line for each; none where there is nothing."""
    found = [*_limits(stages), *_shards(stages), *_left_out(stages), *_no_validation(stages)]
    return [*found, *_not_taken(stages), *_without_weight(stages)]


def _not_taken(stages: Stages) -> Iterator[str]:
    """Yields of how many documents `rejudge --only-tighter` did not ask or take what is kept."""
    for source, total in stages["documents"]["sources"].items():
        if count := total.get("not_taken", 0):
            yield (
                f"{source}: {count:,} documents are as they were before `rejudge --only-tighter`,"
                " whatever the recipe says of them"
            )


def _without_weight(stages: Stages) -> Iterator[str]:
    """Yields the sources that are read, and compared with the others, but are in no mixture."""
    for source, total in stages["documents"]["sources"].items():
        if total["kept"] and source not in stages["tokens"]["sources"]:
            yield (
                f"{source}: no shard holds its {total['kept']:,} documents, since the mixture gives"
                " it no weight; duplicates in other sources may have gone for them"
            )


def _limits(stages: Stages) -> Iterator[str]:
    """Yields which source allows no more tokens, where the sources decide."""
    scarce, used = stages["tokens"].get("limited_by"), stages["tokens"]["sources"]
    if scarce is not None:
        others = (f"; {s} used {used[s]['epochs']:.2f} times" for s in used if s != scarce)
        yield f"Limited by {scarce}, used {used[scarce]['epochs']:.2f} times{''.join(others)}"


def _shards(stages: Stages) -> Iterator[str]:
    for name, split in stages["sequences"]["splits"].items():
        if name.startswith("train") and split["sequences"] < split["shards"]:
            yield (
                f"{name}: {split['shards']:,} shards for {split['sequences']:,} sequences; lower"
                " sequences.shards"
            )


def _left_out(stages: Stages) -> Iterator[str]:
    """Yields what of each source's validation stands in train, and is in neither."""
    for source, total in stages["tokens"]["sources"].items():
        kinds = total.get("left_out", {})
        if left := sum(kinds.values()):
            held = left + total["validation_documents"]
            yield (
                f"validation of {source}: {left:,} of {held:,} held-out documents are left out:"
                f" train has the whole text of {kinds['content']:,} and too many 13-grams of"
                f" {kinds['overlap']:,} (sequences.validation_max_overlap)"
            )


def _no_validation(stages: Stages) -> Iterator[str]:
    """Yields which sources have no validation sequences, and why."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for name, split in stages["sequences"]["splits"].items():
        if name.startswith("validation") and not split["sequences"]:
            source = name.partition("_")[2]
            reasons[_why_none(stages["tokens"]["sources"][source])].append(source)
    for reason, sources in reasons.items():
        yield f"no validation sequences of {', '.join(sources)}: {reason}"


def _why_none(total: Mapping[str, Any]) -> str:
    left, held = sum(total.get("left_out", {}).values()), total["validation_documents"]
    if not left + held:
        return (
            "no document (of code: no repository) was held out; raise sequences.validation_fraction"
        )
    if not held:
        return f"train has too much of the text of all {left:,} documents that were held out"
    return "what is held out fills no sequence; raise sequences.validation_fraction"

"""How often each source's documents are read to fill its share of the mixture.

A pass takes every document once and crops it; an epoch is over tokens. Books are cropped, so a
pass over them is much less than an epoch.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from massivetext import paper
from massivetext.errors import StageError
from massivetext.mixture.quotas import Weight, exact, source_quotas

_MEND = "add documents, loosen what drops them (see the report), or set the weight to 0"


class Supply(NamedTuple):
    """What one source has for training."""

    documents: int
    crop_bytes: int  # sum of each document's mean crop
    crop_squares: int  # sum of their squares: how much crops differ
    parts: int  # files with documents; each may end in a group that is not full
    tokens_per_byte: Fraction  # measured on the vocabulary's sample


@dataclass(frozen=True)
class Packing:
    """How crops become sequences, and how much more than the estimate is tokenized."""

    length: int = paper.SEQUENCE_LENGTH
    group: int = paper.CROPS_PER_GROUP
    margin: Fraction = Fraction(3, 100)


def passes_for(sequences: int, supply: Supply, packing: Packing) -> Fraction:
    """Returns the passes over a source's documents that give so many sequences, with the margin.

    Three standard deviations of what a pass in part may take are added, so that few documents are
    hardly more likely to fall short than many. Raises StageError where there is no text.

    >>> supply = Supply(1_000, 4_096_000, 4_096**2 * 1_000, parts=1, tokens_per_byte=Fraction(1))
    >>> float(passes_for(975, supply, Packing()))
    0.582
    """
    if sequences == 0:
        return Fraction(0)
    if not _has_text(supply):
        raise StageError(f"tokens: no documents for {sequences:,} sequences")
    per_group = sequences_per_group(supply, packing)
    # Half a sequence more is lost in the last group of each part.
    groups = (sequences + Fraction(supply.parts, 2)) / per_group
    crops = math.ceil(groups * packing.group)
    return Fraction(crops + _slack(crops, supply), supply.documents)


def _slack(crops: int, supply: Supply) -> int:
    """Returns three standard deviations of a random sum of crops, counted in mean crops."""
    random = min(crops, supply.documents)
    return 3 * math.isqrt(random * supply.documents * supply.crop_squares // supply.crop_bytes**2)


def _has_text(supply: Supply) -> bool:
    return supply.documents > 0 and supply.crop_bytes > 0 and supply.tokens_per_byte > 0


def sequences_per_group(supply: Supply, packing: Packing) -> Fraction:
    """Returns the mean number of sequences that a full group of crops gives.

    A group's tokens are taken as spread evenly with the mean and deviation of its crops', and no
    less than a tenth either way: a group that holds 1.9 sequences on average gives hardly more
    than one where all are alike, and 1.4 where they differ. The margin is taken off the tokens.

    >>> alike = Supply(10, 1_000, 100_000, parts=1, tokens_per_byte=Fraction(1))
    >>> float(sequences_per_group(alike, Packing(length=500, margin=Fraction(0))))
    1.5
    """
    count, total = supply.documents, supply.crop_bytes
    scale = supply.tokens_per_byte / (1 + packing.margin) / packing.length
    mean = scale * packing.group * total / count
    # Standard deviation of a sum, times the square root of 3: half the width of an even spread.
    variance = max(0, count * supply.crop_squares - total**2) * 3 * packing.group
    width = max(scale * math.isqrt(variance) / count, mean / 10)
    return (_area(mean + width) - _area(mean - width)) / (2 * width)


def _area(end: Fraction) -> Fraction:
    """Returns the integral of the whole part of x from 0 to `end`; 0 below 0."""
    whole = math.floor(max(end, Fraction(0)))
    return Fraction(whole * (whole - 1), 2) + whole * (end - whole)


def plan_passes(
    quotas: Mapping[str, int],
    supplies: Mapping[str, Supply],
    packing: Packing,
    max_passes: Mapping[str, Weight],
) -> dict[str, Fraction]:
    """Returns each source's passes for its quota of sequences.

    Raises StageError with what to change where a source would need more than its `max_passes`.
    """
    empty = [name for name in quotas if quotas[name] and not _has_text(supplies[name])]
    if empty:
        raise StageError(f"tokens: nothing is left of {', '.join(empty)}: {_MEND}")
    passes = {name: passes_for(quotas[name], supplies[name], packing) for name in quotas}
    beyond = [name for name in quotas if passes[name] > exact(max_passes[name])]
    if beyond:
        raise StageError(_advice(beyond, quotas, passes, max_passes))
    return passes


def _advice(
    beyond: list[str],
    quotas: Mapping[str, int],
    passes: Mapping[str, Fraction],
    max_passes: Mapping[str, Weight],
) -> str:
    lines = [
        f"{name} would take {_shown(passes[name])} passes for its {quotas[name]:,} sequences"
        f" (max_passes is {_shown(exact(max_passes[name]))})"
        for name in beyond
    ]
    return (
        f'tokens: {"; ".join(lines)}. Lower sequences.tokens ("max" takes what all sources'
        " allow) or the source's weight in the mixture, add documents, or raise"
        " sequences.max_passes.SOURCE or sequences.default_max_passes"
    )


def _shown(passes: Fraction) -> str:
    """Returns a number of passes rounded up, so that advice taken is enough."""
    return f"{math.ceil(passes * 100) / 100:g}"


def most_sequences(
    weights: Mapping[str, Weight],
    supplies: Mapping[str, Supply],
    packing: Packing,
    max_passes: Mapping[str, Weight],
) -> int:
    """Returns how many sequences in the mixture's shares the scarcest source allows.

    Raises StageError where a source cannot give a single one.
    """
    shares = {name: exact(weight) for name, weight in weights.items() if exact(weight) > 0}
    ceilings = {name: _ceiling(supplies[name], packing, exact(max_passes[name])) for name in shares}
    empty = [name for name in shares if ceilings[name] == 0]
    if empty:
        raise StageError(f"tokens: {', '.join(empty)} cannot give one sequence: {_MEND}")
    total = min(math.floor((ceilings[name] + 1) / shares[name]) for name in shares)
    # Rounding to whole sequences may ask one more of a source; one less in all mends that.
    while any(
        quota > ceilings.get(name, 0) for name, quota in source_quotas(total, weights).items()
    ):
        total -= 1
    return total


def _ceiling(supply: Supply, packing: Packing, max_passes: Fraction) -> int:
    """Returns the most sequences that a source gives within its `max_passes`."""
    if not _has_text(supply):
        return 0
    low, high = 0, 1
    while passes_for(high, supply, packing) <= max_passes:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        fits = passes_for(middle, supply, packing) <= max_passes
        low, high = (middle, high) if fits else (low, middle)
    return low

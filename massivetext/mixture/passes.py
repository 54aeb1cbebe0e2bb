"""How often each source's documents are read to fill its share of the mixture.

A pass takes every document once; an epoch is over tokens. The paper's pass takes one crop of a
document, so that a pass over books is much less than an epoch; where rests are carried on, a pass
takes all pieces of every document and is an epoch.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from massivetext import paper
from massivetext.errors import StageError
from massivetext.mixture.quotas import Weight, to_fraction

_ADVICE = "add documents, loosen what drops them (see the report), or set the weight to 0"


class Supply(NamedTuple):
    """What one source has for training."""

    documents: int  # or, where rests are carried on, their pieces
    crop_bytes: int  # sum of each document's mean crop, or of the pieces
    crop_squares: int  # sum of their squares: how much crops differ
    parts: int  # files with documents; each may end in a group or sequence that is not full
    tokens_per_byte: Fraction  # measured on the vocabulary's sample


@dataclass(frozen=True)
class Packing:
    """How crops become sequences, and how much more than the estimate is tokenized."""

    length: int = paper.SEQUENCE_LENGTH
    group: int = paper.CROPS_PER_GROUP
    margin: Fraction = Fraction(3, 100)
    carry: bool = False  # rests go on to the next group: there are no groups


def passes_for(sequences: int, supply: Supply, packing: Packing) -> Fraction:
    """Returns the passes over a source's documents that give so many sequences, with the margin.

    Three standard deviations of what a pass in part may take are added, so that few documents are
    hardly more likely to fall short than many.

    Raises:
      StageError: there is no text.

    >>> supply = Supply(1_000, 4_096_000, 4_096**2 * 1_000, parts=1, tokens_per_byte=Fraction(1))
    >>> float(passes_for(975, supply, Packing()))
    0.582
    """
    if sequences == 0:
        return Fraction(0)
    if not _has_text(supply):
        raise StageError(f"tokens: no documents for {sequences:,} sequences")
    per_group = sequences_per_group(supply, packing)
    # Half a sequence more is lost in the last group of each part, or up to one at its end.
    lost = Fraction(supply.parts, 1 if packing.carry else 2)
    crops = math.ceil((sequences + lost) / per_group * packing.group)
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
    if packing.carry:
        return mean
    # Standard deviation of a sum, times the square root of 3: half the width of an even spread.
    variance = max(0, count * supply.crop_squares - total**2) * 3 * packing.group
    width = max(scale * math.isqrt(variance) / count, mean / 10)
    return (_area(mean + width) - _area(mean - width)) / (2 * width)


def _area(end: Fraction) -> Fraction:
    """Returns the integral of the whole part of x from 0 to `end`; 0 below 0."""
    whole = math.floor(max(end, Fraction(0)))
    return Fraction(whole * (whole - 1), 2) + whole * (end - whole)


Limits = Mapping[str, Weight]  # the most passes of each source


def plan_passes(
    quotas: Mapping[str, int], supplies: Mapping[str, Supply], packing: Packing, limits: Limits
) -> dict[str, Fraction]:
    """Returns each source's passes for its quota of sequences.

    Raises:
      StageError: a source would need more than its limit; the message says what to change.
    """
    empty = [name for name in quotas if quotas[name] and not _has_text(supplies[name])]
    if empty:
        raise StageError(f"tokens: nothing is left of {', '.join(empty)}: {_ADVICE}")
    passes = {
        name: _within(quotas[name], supplies[name], packing, to_fraction(limits[name]))
        for name in quotas
    }
    beyond = [name for name in quotas if passes[name] > to_fraction(limits[name])]
    if beyond:
        raise StageError(_advice(beyond, quotas, passes, limits))
    return passes


def _within(quota: int, supply: Supply, packing: Packing, limit: Fraction) -> Fraction:
    """Returns the passes for a quota; no more than the limit where it may do without the margin."""
    passes = passes_for(quota, supply, packing)
    enough = packing.carry and quota <= expected_sequences(supply, packing, limit)
    return min(passes, limit) if enough else passes


def plan_most(
    weights: Mapping[str, Weight], supplies: Mapping[str, Supply], packing: Packing, limits: Limits
) -> dict[str, Fraction]:
    """Returns each source's passes for as many sequences as the limits allow.

    The source that is expected to be the scarcest is read in all the passes that it may; what
    it gives is known when it is tokenized. The others get enough for their shares of that.

    Raises:
      StageError: a source has no text, or may not be read.
    """
    shares = {
        name: to_fraction(weight) for name, weight in weights.items() if to_fraction(weight) > 0
    }
    empty = [n for n in shares if not _has_text(supplies[n]) or to_fraction(limits[n]) <= 0]
    if empty:
        raise StageError(f"tokens: {', '.join(empty)} cannot give one sequence: {_ADVICE}")
    most = {n: to_fraction(limits[n]) for n in shares}
    gives = {n: expected_sequences(supplies[n], packing, most[n]) / shares[n] for n in shares}
    scarcest = min(gives, key=lambda name: gives[name])
    passes = {
        name: passes_for(math.ceil(gives[scarcest] * share), supplies[name], packing)
        for name, share in shares.items()
    }
    passes = {name: min(passes[name], most[name]) for name in shares} | {scarcest: most[scarcest]}
    return {name: passes.get(name, Fraction(0)) for name in weights}


def expected_sequences(supply: Supply, packing: Packing, passes: Fraction) -> Fraction:
    """Returns how many sequences some passes over a source should give, without any margin.

    >>> alike = Supply(10, 1_000, 100_000, parts=1, tokens_per_byte=Fraction(1))
    >>> float(expected_sequences(alike, Packing(length=100, carry=True), Fraction(1)))
    9.5
    """
    bare = dataclasses.replace(packing, margin=Fraction(0))
    groups = passes * supply.documents / packing.group
    found = groups * sequences_per_group(supply, bare) - Fraction(supply.parts, 2)
    return max(found, Fraction(0))


def _advice(
    beyond: list[str],
    quotas: Mapping[str, int],
    passes: Mapping[str, Fraction],
    limits: Limits,
) -> str:
    lines = [
        f"{name} would take {_shown(passes[name])} passes for its {quotas[name]:,} sequences"
        f" (max_passes is {_shown(to_fraction(limits[name]))})"
        for name in beyond
    ]
    return (
        f'tokens: {"; ".join(lines)}. Lower sequences.tokens ("max" takes what all sources'
        " allow) or the source's weight in the mixture, add documents, or raise"
        " sequences.max_passes.SOURCE, sequences.default_max_passes or, if given,"
        " sequences.max_epochs"
    )


def _shown(passes: Fraction) -> str:
    """Returns a number of passes rounded up, so that advice taken is enough.

    >>> _shown(Fraction(7, 3)), _shown(Fraction(2_361_150)), _shown(Fraction(40))
    ('2.34', '2361150', '40')
    """
    return f"{math.ceil(passes * 100) / 100:.2f}".rstrip("0").rstrip(".")

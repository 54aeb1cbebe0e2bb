"""Exact arithmetic of the mixture (Rae et al. 2021, Table 2): who gives how many sequences.

Weights are shares of training sequences. Nothing here is random and nothing depends on order but
ties: choices compare hashes that the caller draws.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from massivetext.errors import ConfigError, StageError
from massivetext.hashing import hash64

Weight = int | float | str | Fraction
TOLERANCE = 1e-9  # by which weights may miss 1
EVERY = 1 << 64  # all that a 64-bit draw can be


def to_fraction(weight: Weight) -> Fraction:
    """Returns a weight as it is written in decimals, not as a binary float holds it.

    >>> to_fraction(0.48)
    Fraction(12, 25)
    """
    return Fraction(str(weight)) if isinstance(weight, float) else Fraction(weight)


@lru_cache(maxsize=64, typed=True)  # 0.1 and a Fraction of its binary value differ
def threshold64(share: Weight) -> int:
    """Returns how many of the 2**64 draws a share takes: those below this number.

    >>> threshold64(0.5) == 1 << 63, threshold64(Fraction(1, 3)) * 3 - (1 << 64)
    (True, 2)
    """
    return math.ceil(to_fraction(share) * EVERY)


def apportion(total: int, weights: Sequence[Weight]) -> list[int]:
    """Returns whole shares of `total` that sum to it, by largest remainder; ties to the first.

    Raises:
      ConfigError: weights are negative, or all zero and there is something to share.

    >>> apportion(10, [0.48, 0.27, 0.10, 0.10, 0.03, 0.02])
    [5, 3, 1, 1, 0, 0]
    """
    fractions = [to_fraction(weight) for weight in weights]
    whole = sum(fractions, Fraction(0))
    if min(fractions, default=Fraction(0)) < 0 or (whole == 0 and total > 0):
        raise ConfigError(f"cannot share {total} by weights {list(weights)}")
    shares = [total * fraction / whole if whole else Fraction(0) for fraction in fractions]
    floors = [math.floor(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (floors[i] - shares[i], i))
    for index in order[: total - sum(floors)]:
        floors[index] += 1
    return floors


def source_quotas(sequences: int, weights: Mapping[str, Weight]) -> dict[str, int]:
    """Returns each source's number of sequences; raises ConfigError unless weights sum to 1.

    They may miss 1 by `TOLERANCE`, for thirds and the like written in decimals.

    >>> source_quotas(200, {"web": 0.48, "books": 0.52})
    {'web': 96, 'books': 104}
    """
    total = sum((to_fraction(weight) for weight in weights.values()), Fraction(0))
    if abs(total - 1) > TOLERANCE:
        raise ConfigError(f"mixture: the weights sum to {float(total):g}, not to 1")
    return dict(zip(weights, apportion(sequences, list(weights.values())), strict=True))


def most_total(available: Mapping[str, int], weights: Mapping[str, Weight]) -> int:
    """Returns the most sequences of which no source's share is more than it has.

    Sources that are not among the `available` set no limit.

    >>> most_total({"books": 27}, {"web": 0.73, "books": 0.27})
    101
    """
    shares = {
        name: to_fraction(weight) for name, weight in weights.items() if to_fraction(weight) > 0
    }
    total = min(math.floor((available[n] + 1) / shares[n]) for n in shares if n in available)
    # Rounding to whole sequences may ask one more of a source; one less in all fixes that.
    while any(
        quota > available.get(name, quota) for name, quota in source_quotas(total, weights).items()
    ):
        total -= 1
    return total


def part_quotas(source: str, quota: int, available: Sequence[int]) -> list[int]:
    """Returns how many sequences each part of a source gives, in proportion to what it has.

    No part is asked for more than it has.

    Raises:
      StageError: all together have too few.

    >>> part_quotas("web", 5, [6, 0, 3])
    [3, 0, 2]
    """
    total = sum(available)
    if quota > total:
        times = f"{quota / total:.2f} times its passes" if total else "more documents"
        raise StageError(
            f"sequences: {source} has {total:,} of the {quota:,} sequences of its share; it"
            f" would take {times}: add input, or lower sequences.tokens or its weight"
        )
    return apportion(quota, available) if total else [0] * len(available)


def pass_count(passes: Fraction) -> int:
    """Returns the number of passes begun, the last one perhaps in part.

    >>> pass_count(Fraction(5, 2))
    3
    """
    return math.ceil(passes)


def pass_draws(passes: Fraction) -> tuple[int, ...]:
    """Returns, for each pass begun, the number below which a draw takes a document.

    Whole passes take every document, the last one the fraction that is asked for.

    >>> pass_draws(Fraction(3, 2)) == (1 << 64, 1 << 63)
    True
    """
    shares = (min(passes - index, Fraction(1)) for index in range(pass_count(passes)))
    return tuple(math.ceil(share * EVERY) for share in shares)


def split_unit(name: str, repository: str | None) -> str:
    """Returns what decides train or validation: the repository of code, the id of all else.

    Files of one repository resemble each other; on both sides they would leak.

    >>> split_unit("5f", None), split_unit("5f", "torvalds/linux")
    ('5f', 'torvalds/linux')
    """
    return repository or name


def is_validation(seed: int, unit: str, share: Weight) -> bool:
    """Returns whether a document is for validation; `unit` is from `split_unit`.

    >>> is_validation(0, "a", 1), is_validation(0, "a", 0)
    (True, False)
    """
    return hash64(seed, "validation", unit) < threshold64(share)

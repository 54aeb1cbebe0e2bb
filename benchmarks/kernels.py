"""Kernels: megabytes a second against the plain definitions, in one run, and whether they agree.

The kernel counts for both groups of rules in one pass, so the first two rows set it against the
definitions of one of them alone. Speeds are of processor time; the definitions are slow and run
on a sample.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.encoding import Speed
from massivetext.dedup.signature import Signature, define_signature, sign
from massivetext.filters import measure as counting

ROUNDS = 5  # the fastest counts
SAMPLE = 200


def measure_kernels(texts: Sequence[str]) -> Iterator[Speed]:
    """Returns a row for quality, for repetition, for the signature and for all three."""
    sample = random.Random(1).sample(list(texts), min(SAMPLE, len(texts)))
    counts = all(counting.measure(text) == counting.define_measures(text) for text in sample)
    signatures = all(sign(text) == define_signature(text) for text in sample)
    for name, kernel, definition, equal in (
        ("quality", counting.measure, counting.define_quality, counts),
        ("repetition", counting.measure, counting.define_repetition, counts),
        ("signature", sign, define_signature, signatures),
        ("all three", counting.measure_and_sign, define_all, counts and signatures),
    ):
        yield Speed(name, _speed(kernel, texts), _speed(definition, sample), equal)


def define_all(text: str) -> tuple[counting.Measures, Signature]:
    """Returns all measures and the signature, by the definitions."""
    return counting.define_measures(text), define_signature(text)


def fastest(function: Callable[[str], object], texts: Sequence[str]) -> float:
    """Returns the processor seconds of the fastest round over all texts."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            function(text)
        times.append(time.process_time() - start)
    return min(times)


def _speed(function: Callable[[str], object], texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / fastest(function, texts) / 1e6

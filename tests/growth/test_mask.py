"""Masking costs as much a byte in a long text as in a short one, whatever stands in it."""

import gc
import time

import pytest

from massivetext.config.filter_rules import MaskRules
from massivetext.filters.personal.mask import mask
from tests.growth.fragments import Pump, pumps

SMALL, LARGE = 50_000, 400_000
MAX_GROWTH = 2.0
LEAST_SECONDS = 0.1
MOST_SECONDS = 1.0
TRIALS = 3  # the machine may be busy: the best of some
PARTS = [
    "1.", "1-", "+1", "(1", "@", "a@a.", "a.@", "1:", "2001:", "tel 1", "1 2", "81.2.69.1", "+(1)",
    "415-555-2671 ", "0123 ", "call 1-", "(at)", "a(at)b(dot)", "1/1 ", "::", "<at", "–1",
]  # fmt: skip


def seconds(text: str) -> float:
    gc.collect()  # else some turns pay for what others left
    began = time.process_time()
    mask(text, MaskRules())
    return time.process_time() - began


@pytest.mark.heavy
def test_the_cost_of_a_byte_does_not_grow() -> None:
    every = [*pumps(("massivetext.filters.personal",)), *(Pump("", part) for part in PARTS)]
    slow = []
    for pump in every:
        large = seconds(pump.text(LARGE))
        if large < LEAST_SECONDS:
            continue
        small = min(seconds(pump.text(SMALL)) for _ in range(TRIALS))
        large = min(large, *(seconds(pump.text(LARGE)) for _ in range(TRIALS - 1)))
        growth = large / LARGE / max(small / SMALL, 1e-9)
        if growth > MAX_GROWTH or large > MOST_SECONDS:
            slow.append((growth, large, pump))
    assert slow == []

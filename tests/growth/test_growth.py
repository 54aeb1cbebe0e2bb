"""Cost grows as the input does: every reader, for everything its patterns nearly match.

Quick: every fragment, small, ends in an outcome and within the suite's time. Heavy: the cost of a
byte at 4 MB is at most twice that at 250 KB; `pytest -m heavy -s tests/growth` prints the table.
"""

import gc
import os
import time

import pytest

from massivetext.document import Broken, Document, Dropped
from tests.growth.files import PLACES, Place, read
from tests.growth.fragments import Pump, pumps

QUICK_BYTES = 6_000
SIZES = tuple(int(size) for size in os.environ.get("GROWTH_SIZES", "250000,4000000").split(","))
MAX_GROWTH = 2.0
LEAST_SECONDS = 0.25  # of the large size: shorter times are noise
TRIALS = 3


@pytest.mark.parametrize("name", PLACES)
def test_every_fragment_ends_in_an_outcome(name: str) -> None:
    place = PLACES[name]
    for pump in pumps(place.packages):
        for record in read(place, place.make(pump.text(QUICK_BYTES))):
            assert isinstance(record, Document | Dropped | Broken)


def seconds(place: Place, pump: Pump, size: int) -> float:
    data = place.make(pump.text(size))
    gc.collect()
    began = time.process_time()
    read(place, data)
    return time.process_time() - began


def growth(place: Place, pump: Pump) -> tuple[float, float]:
    """Returns how much more a byte costs at the large size, and the seconds of that size."""
    large = seconds(place, pump, SIZES[1])
    if large < LEAST_SECONDS:
        return 1.0, large
    ratio = MAX_GROWTH + 1
    for _ in range(TRIALS):  # the machine may be busy: the best of some
        small = seconds(place, pump, SIZES[0])
        ratio = min(ratio, large / SIZES[1] / max(small / SIZES[0], 1e-9))
        if ratio <= MAX_GROWTH:
            break
        large = seconds(place, pump, SIZES[1])
    return ratio, large


@pytest.mark.heavy
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", PLACES)
def test_the_cost_of_a_byte_does_not_grow(name: str) -> None:
    place, rows = PLACES[name], []
    for pump in pumps(place.packages):
        ratio, large = growth(place, pump)
        rows.append((ratio, large, pump))
    rows.sort(key=lambda row: (-row[0], -row[1]))
    print(f"\n{name}: {len(rows)} fragments, {SIZES[0]} and {SIZES[1]} bytes")
    for ratio, large, pump in rows[:8] + sorted(rows[8:], key=lambda row: -row[1])[:4]:
        print(f"  {ratio:5.2f} {large:7.2f} s  {pump.prefix[:40]!r} {pump.part[:40]!r}")
    assert [row for row in rows if row[0] > MAX_GROWTH] == []

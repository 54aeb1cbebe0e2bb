from itertools import pairwise

import pytest

from massivetext.dedup.survival import Entrant, Survival, order_of, orders_of
from massivetext.hashing import rank

ENTRANTS = [Entrant(f"{i:032x}", i % 7 * 100, i % 3, i) for i in range(100)]


def ordered(survival, entrants=ENTRANTS, source="web"):
    return sorted(entrants, key=lambda found: order_of(survival, source, found))


def test_preferred_sources_survive():
    survival = Survival(preference=("books", "c4"))
    places = [order_of(survival, name, ENTRANTS[0]) for name in ("books", "c4", "web", "news")]
    assert places[0] < places[1] < places[2] == places[3]


@pytest.mark.parametrize("survivor", ["random", "longest", "first"])
@pytest.mark.parametrize("preference", [(), ("web",), ("a",) * 6])
def test_all_at_once_are_as_each_alone(survivor, preference):
    survival = Survival(7, preference, survivor)
    each = [order_of(survival, "web", found) for found in ENTRANTS]
    assert orders_of(survival, "web", ENTRANTS).tolist() == each
    assert all(0 <= place < 1 << 64 for place in each)
    assert len(set(each)) == len(each)


def test_at_random_is_by_rank_whatever_else_is_known():
    assert ordered(Survival(7)) == sorted(ENTRANTS, key=lambda found: rank(7, found.id))


def test_the_longest_survives_and_of_equal_ones_chance_decides():
    found = ordered(Survival(7, survivor="longest"))
    assert all(a.text_bytes >= b.text_bytes for a, b in pairwise(found))
    top = [entrant for entrant in found if entrant.text_bytes == 600]
    assert top == sorted(top, key=lambda entrant: rank(7, entrant.id))
    huge = [Entrant(f"{i:032x}", (1 << 28) + i) for i in range(-2, 20)]
    assert ordered(Survival(survivor="longest"), huge)[-1] == huge[0]  # the rest are alike


def test_the_first_survives():
    found = ordered(Survival(7, survivor="first"))
    assert found == sorted(ENTRANTS, key=lambda entrant: (entrant.part, entrant.row))

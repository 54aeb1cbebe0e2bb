import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.packed_records import first_of_runs, gather, pack, scatter, start_of_each

SMALL = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), max_size=30)


@given(SMALL)
def test_scatter_keeps_every_record_in_order(pairs):
    keys = np.array([key for key, _ in pairs], np.uint32)
    records = np.array([value for _, value in pairs], np.uint32)
    found = [(key, value) for key, values in scatter(records, keys) for value in values.tolist()]
    assert found == sorted(pairs, key=lambda pair: pair[0])


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6), st.randoms())
def test_gather_does_not_depend_on_arrival(blocks, random):
    packed = [pack(number, np.array(values, "<u4")) for number, values in enumerate(blocks)]
    shuffled = random.sample(packed, len(packed))
    found = gather(shuffled, "<u4")
    assert found.records.tolist() == [value for values in blocks for value in values]
    assert found.numbers.tolist() == list(range(len(blocks)))
    numbers = [number for number, values in enumerate(blocks) for _ in values]
    assert found.number_of_each().tolist() == numbers


def test_gather_orders_several_blocks_of_one_part_by_content():
    one, two = pack(3, np.array([1, 2], "<u4")), pack(3, np.array([7], "<u4"))
    assert gather([one, two], "<u4").records.tolist() == gather([two, one], "<u4").records.tolist()


def test_numbers_beyond_a_byte_are_ordered_as_numbers():
    blocks = [pack(number, np.array([number], "<u4")) for number in (256, 1, 70_000)]
    assert gather(blocks, "<u4").records.tolist() == [1, 256, 70_000]


def test_runs():
    first = first_of_runs(np.array([4, 4, 9]), np.array([1, 2, 2]))
    assert first.tolist() == [True, True, True]
    assert start_of_each(np.array([True, False, True, False])).tolist() == [0, 0, 2, 2]
    assert first_of_runs(np.array([])).tolist() == start_of_each(np.zeros(0, bool)).tolist() == []

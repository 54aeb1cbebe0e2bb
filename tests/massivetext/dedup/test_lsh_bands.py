import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.dedup.lsh_bands import pack_flags, partition_count, place_bands, unpack_flags
from massivetext.dedup.packed_records import scatter
from massivetext.dedup.signature import BANDS, band_keys


def signatures(count, seed=0):
    return np.random.default_rng(seed).integers(0, 1 << 32, (count, 128), np.uint32)


@pytest.mark.parametrize("partitions", [1, 2, 7])
def test_every_key_has_one_place_that_depends_on_it_alone(partitions):
    minima = signatures(20)
    rows = np.arange(20, dtype=np.uint32)
    bands = place_bands([(rows[:12], minima[:12]), (rows[12:], minima[12:])], partitions)
    assert len(bands.key) == 20 * BANDS
    assert (np.diff(bands.partition) >= 0).all()
    assert bands.partition.max() < partitions
    found = sorted(zip(bands.row.tolist(), bands.key.tolist(), strict=True))
    keys = band_keys(minima).astype(np.uint32)
    assert found == sorted((row, key) for row in range(20) for key in keys[row].tolist())
    alone = place_bands([(rows[5:6], minima[5:6])], partitions)
    own = bands.row == 5
    assert alone.partition.tolist() == bands.partition[own].tolist()
    assert alone.key.tolist() == bands.key[own].tolist()


def test_documents_without_words_are_in_no_bucket():
    minima = signatures(3)
    minima[1] = 0xFFFFFFFF
    bands = place_bands([(np.arange(3, dtype=np.uint32), minima)], 2)
    assert set(bands.row.tolist()) == {0, 2}


def test_no_documents():
    assert len(place_bands([], 3).key) == 0


@given(st.integers(1, 5), st.integers(0, 9), st.randoms(use_true_random=False))
def test_flags_come_back_to_their_keys(partitions, count, random):
    bands = place_bands([(np.arange(count, dtype=np.uint32), signatures(count))], partitions)
    flags = np.array([random.random() < 0.3 for _ in bands.key], bool)
    blocks = [
        pack_flags(partition, flags[places])
        for partition, places in scatter(np.arange(len(flags)), bands.partition)
        if flags[places].any()  # a partition without repeated keys sends nothing
    ]
    random.shuffle(blocks)
    assert unpack_flags(bands, blocks).tolist() == flags.tolist()


@pytest.mark.parametrize(
    ("rows", "partitions"), [(0, 1), (1, 1), ((4 << 20) // 84, 1), ((4 << 20) // 84 + 1, 2)]
)
def test_partitions_grow_with_the_corpus(rows, partitions):
    assert partition_count(rows, 84) == partitions


def test_a_partition_of_a_large_corpus_fits_a_worker():
    assert 10**9 * 84 / partition_count(10**9, 84) <= 64 << 20

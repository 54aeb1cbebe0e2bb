"""Batches: order, windows, mixture, resume, hosts."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.errors import ConfigError, StageError
from massivetext.train.config.config import DataConfig, MeshConfig
from massivetext.train.data.batches import CHUNK, Batches, Windows, permute
from massivetext.train.data.dataset import MIXED, Dataset, open_dataset
from massivetext.train.data.prefetch import prefetch, rows_of_host, to_devices
from massivetext.train.model.sharding import batch_sharding, make_mesh


@pytest.fixture(scope="module")
def mixed(corpus: Path) -> Dataset:
    return open_dataset(str(corpus))


@pytest.fixture(scope="module")
def by_source(corpus_by_source: Path) -> Dataset:
    return open_dataset(str(corpus_by_source))


def batches(dataset: Dataset, seed: int = 0, **weights: float) -> Batches:
    return Batches(dataset, DataConfig(weights=weights), 32, seed)


@given(length=st.integers(1, 3_000), key=st.integers(0, 2**40))
def test_permutation_is_one(length: int, key: int) -> None:
    found = permute(np.arange(length), length, key)
    assert np.array_equal(np.sort(found), np.arange(length))


def test_permutation_looks_random() -> None:
    length = 10_000
    found = permute(np.arange(length), length, 1)
    assert abs(np.corrcoef(np.arange(length), found)[0, 1]) < 0.05
    assert (permute(np.arange(length), length, 2) == found).mean() < 0.01


def test_windows_cut_records(mixed: Dataset) -> None:
    records = mixed.train[MIXED]
    windows = Windows(records, 16)
    assert len(windows) == 4 * len(records)
    rows = records.read(np.array([5]))[0]
    for part in range(4):
        found = windows.read(np.array([part * len(records) + 5]))[0]
        np.testing.assert_array_equal(found, rows[part * 16 : part * 16 + 17])


@pytest.mark.parametrize("context", [48, 128])
def test_context_must_divide_the_sequence(mixed: Dataset, context: int) -> None:
    with pytest.raises(ConfigError, match="does not divide"):
        Windows(mixed.train[MIXED], context)


def test_every_pass_shows_every_window_once(mixed: Dataset) -> None:
    source = batches(mixed)
    passes = [np.concatenate([source.draw(96) for _ in range(10)]) for _ in range(3)]
    assert len(passes[0]) == 960  # 480 records of two windows
    first, second, third = ({row.tobytes() for row in rows} for rows in passes)
    assert first == second == third
    assert (passes[1] != passes[0]).any()
    assert (passes[2] != passes[1]).any()


def test_first_pass_is_sequential(mixed: Dataset) -> None:
    stored = mixed.train[MIXED].read(np.arange(20))[:, :33]
    np.testing.assert_array_equal(batches(mixed).draw(20), stored)


def test_shuffled_seeds_read_other_windows_first(mixed: Dataset) -> None:
    def shuffled(seed: int) -> Batches:
        return Batches(mixed, DataConfig(shuffle=True), 32, seed)

    plain, first, second = (batch.draw(96) for batch in (batches(mixed), shuffled(0), shuffled(1)))
    stored, one, other = ({row.tobytes() for row in found} for found in (plain, first, second))
    assert len(stored & one) < 40 > len(one & other)  # ten of 96 by chance
    source = shuffled(0)
    passes = [np.concatenate([source.draw(96) for _ in range(10)]) for _ in range(2)]
    every = {row.tobytes() for row in np.concatenate([batches(mixed).draw(960)])}
    assert [{row.tobytes() for row in rows} for rows in passes] == [every, every]
    assert (passes[0] != passes[1]).any()


def test_a_position_of_another_order_is_refused(mixed: Dataset) -> None:
    plain, shuffled = batches(mixed), Batches(mixed, DataConfig(shuffle=True), 32, 0)
    shuffled.draw(16)
    again = Batches(mixed, DataConfig(shuffle=True), 32, 0)
    again.restore(shuffled.position.to_json())
    np.testing.assert_array_equal(again.draw(16), shuffled.draw(16))
    with pytest.raises(ConfigError, match=r"data\.shuffle=true; set it so"):
        plain.restore(shuffled.position.to_json())
    older = {key: value for key, value in plain.position.to_json().items() if key != "shuffled"}
    batches(mixed).restore(older)
    with pytest.raises(ConfigError, match=r"data\.shuffle=false; set it so"):
        again.restore(older)


@pytest.mark.parametrize("weights", [{}, {"web": 0.7, "books": 0.3}])
def test_resumed_batches_are_identical(by_source: Dataset, weights: dict[str, float]) -> None:
    whole, cut = batches(by_source, **weights), batches(by_source, **weights)
    for size in (16, 48):
        whole.draw(size)
        cut.draw(size)
    resumed = batches(by_source, **weights)
    resumed.restore(cut.position.to_json())
    for size in (16, 48, 7):
        np.testing.assert_array_equal(whole.draw(size), resumed.draw(size))
    assert resumed.position == whole.position


def test_mixture_follows_the_weights(by_source: Dataset) -> None:
    source = batches(by_source, web=3, books=1)
    for _ in range(4):
        source.draw(1_000)
    taken = source.position.taken
    assert taken["web"] + taken["books"] == source.position.drawn == 4_000
    assert taken["web"] / 4_000 == pytest.approx(0.75, abs=0.03)  # 4 standard deviations


def test_batches_do_not_depend_on_their_sizes_or_chunks(by_source: Dataset) -> None:
    source = batches(by_source)
    near = CHUNK - 8
    source.restore({"drawn": near, "taken": {"web": 3, "books": 5}})
    whole = source.draw(24)
    source.restore({"drawn": near, "taken": {"web": 3, "books": 5}})
    parts = np.concatenate([source.draw(8), source.draw(16)])
    np.testing.assert_array_equal(whole, parts)


def test_hosts_read_disjoint_parts_of_one_batch(by_source: Dataset) -> None:
    whole = batches(by_source).draw(32)
    parts = [batches(by_source).draw(32, np.arange(h * 8, h * 8 + 8)) for h in range(4)]
    np.testing.assert_array_equal(sum(parts), whole)


def test_weights_that_fit_no_shards_are_refused(mixed: Dataset, by_source: Dataset) -> None:
    with pytest.raises(ConfigError, match="by-source"):
        batches(mixed, web=1)
    with pytest.raises(ConfigError, match="'code'"):
        batches(by_source, code=1)
    with pytest.raises(ConfigError, match="negative"):
        batches(by_source, web=-1, books=2)


def test_position_of_other_sources_is_refused(mixed: Dataset, by_source: Dataset) -> None:
    with pytest.raises(ConfigError, match="draws from"):
        batches(mixed).restore(batches(by_source).position.to_json())


@pytest.mark.parametrize(
    "saved", [{}, {"taken": 3, "drawn": 1}, {"taken": {}}, {"taken": {"mixed": "x"}, "drawn": 1}]
)
def test_a_position_that_is_none_is_refused(mixed: Dataset, saved: dict[str, object]) -> None:
    source = batches(mixed)
    with pytest.raises(ConfigError, match="it is damaged"):
        source.restore(saved)
    assert source.position.drawn == 0


def test_passes_are_those_of_the_source_that_is_read_most(
    mixed: Dataset, by_source: Dataset
) -> None:
    assert batches(mixed).passes(960) == 1.0
    assert batches(mixed).passes(2_400) == 2.5
    assert batches(by_source, web=3, books=1).passes(480) == pytest.approx(0.75)


def test_token_beyond_the_vocabulary_is_found(mixed: Dataset) -> None:
    small = mixed._replace(vocabulary_size=300)
    with pytest.raises(StageError, match="beyond the vocabulary of 300"):
        batches(small).draw(16)


def test_prefetched_items_carry_the_position_after_them(mixed: Dataset) -> None:
    expected, source = batches(mixed), batches(mixed)
    for item in prefetch(source, [(16, np.arange(16))] * 9):
        np.testing.assert_array_equal(item.tokens, expected.draw(16))
        assert item.position == expected.position


def test_failure_in_the_thread_is_raised(mixed: Dataset) -> None:
    bad = batches(mixed._replace(vocabulary_size=300))
    with pytest.raises(StageError, match="beyond"):
        next(prefetch(bad, [(16, np.arange(16))]))


def test_devices_get_their_rows() -> None:
    mesh = make_mesh(MeshConfig(data=2, fsdp=2, model=2))
    tokens = np.arange(8 * 3, dtype=np.int32).reshape(8, 3)
    placed = to_devices(tokens, batch_sharding(mesh))
    np.testing.assert_array_equal(placed, tokens)
    assert placed.addressable_shards[0].data.shape == (2, 3)
    np.testing.assert_array_equal(rows_of_host(batch_sharding(mesh), 8), np.arange(8))

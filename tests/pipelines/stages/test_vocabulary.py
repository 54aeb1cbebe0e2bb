"""The vocabulary's sample: how many documents are drawn, whatever their sizes and number."""

from hypothesis import given
from hypothesis import strategies as st

from massivetext.hashing import hash_fraction
from massivetext.pipelines.stages.vocabulary.train import sample_share


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 10**6))
def test_a_share_is_enough_on_average_and_never_above_all(
    target: int, crop_bytes: int, documents: int
) -> None:
    share = sample_share(target, crop_bytes, documents)
    assert 0 < share <= 1
    assert share == 1 or share * crop_bytes >= target


@given(st.integers(1, 5_000), st.integers(0, 2**32))
def test_a_source_of_any_size_gives_documents(documents: int, seed: int) -> None:
    share = sample_share(1, 10**9, documents)
    assert any(hash_fraction(seed, "vocabulary", str(n)) < share for n in range(documents))

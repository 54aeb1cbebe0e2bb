import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorflow_datasets.proto import tf_example_pb2

from massivetext.errors import RecordError
from massivetext.shards.example import from_example, layout, to_examples, to_integers


def by_protobuf(tokens: np.ndarray, source: int) -> bytes:
    example = tf_example_pb2.Example()
    for name, value in (("tokens", tokens.astype("<u2").tobytes()), ("source", bytes([source]))):
        example.features.feature[name].bytes_list.value.append(value)
    return example.SerializeToString(deterministic=True)


# Lengths on both sides of where a protobuf length takes one byte more.
@pytest.mark.parametrize("length", [1, 2, 50, 51, 55, 56, 57, 58, 59, 60, 61, 62, 63, 2_048])
@pytest.mark.parametrize("source", [0, 5, 127, 128, 255])
def test_examples_equal_protobufs(length: int, source: int) -> None:
    tokens = np.random.default_rng(0).integers(0, 1 << 16, (1, length + 1), np.uint16)
    [example] = to_examples(tokens, np.array([source], np.uint8))
    assert example.tobytes() == by_protobuf(tokens[0], source)


@given(st.integers(1, 20_000))
def test_the_layout_equals_protobufs(length: int) -> None:
    assert layout(length).bytes == len(by_protobuf(np.zeros(length + 1, np.uint16), 0))


def test_protobuf_reads_our_bytes() -> None:
    tokens = np.arange(9, dtype=np.uint16)[None]
    [data] = to_examples(tokens, np.array([3], np.uint8))
    features = tf_example_pb2.Example.FromString(data.tobytes()).features.feature
    assert features["source"].bytes_list.value == [b"\x03"]
    assert features["tokens"].bytes_list.value == [tokens.astype("<u2").tobytes()]
    assert from_example(data.tobytes(), 8, "record")[0] == 3


@pytest.mark.parametrize("data", [b"", b"\n", bytes(layout(8).bytes), layout(8).prefix])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="record 7: not an example of 9 tokens"):
        from_example(data, 8, "record 7")


@given(st.lists(st.integers(0, 65_535), min_size=1, max_size=60))
def test_lists_of_integers_equal_protobufs(tokens: list[int]) -> None:
    example = tf_example_pb2.Example()
    example.features.feature["text"].int64_list.value.extend(tokens)
    assert to_integers(np.array(tokens, np.uint16)) == example.SerializeToString()

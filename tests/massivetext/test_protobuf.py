"""Messages of others are read as protobuf itself reads them, or refused."""

from typing import Any

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from hypothesis import assume, given
from hypothesis import strategies as st
from tensorflow_datasets.proto import tf_example_pb2

from massivetext.errors import RecordError
from massivetext.protobuf import read_fields
from massivetext.shards.example import read_features

FEATURES = st.dictionaries(
    st.text(max_size=5),
    st.one_of(
        st.lists(st.binary(max_size=300), max_size=3),
        st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=3),
        st.lists(st.floats(width=32), max_size=3),
    ),
    max_size=4,
)


def serialized(features: dict[str, list[bytes] | list[int] | list[float]]) -> bytes:
    message = tf_example_pb2.Example()
    for key, values in features.items():
        feature = message.features.feature[key]
        kind = {bytes: "bytes_list", int: "int64_list", float: "float_list"}
        name = kind[type(values[0])] if values else "bytes_list"
        getattr(feature, name).value.extend(values)
    return message.SerializeToString()


def by_protobuf(data: bytes) -> dict[str, list[str]]:
    """Returns all features; of numbers the first alone; written out, since NaN equals nothing."""
    features = tf_example_pb2.Example.FromString(data).features.feature
    return {key: _values(feature) for key, feature in features.items()}


def _values(feature: Any) -> list[str]:
    kind = feature.WhichOneof("kind")
    values = list(getattr(feature, kind).value) if kind else []
    return list(map(repr, values if kind == "bytes_list" else values[:1]))


def read(data: bytes) -> dict[str, list[str]]:
    return {key: list(map(repr, values)) for key, values in read_features(data).items()}


@given(FEATURES)
def test_any_example(features: dict[str, list[bytes]]) -> None:
    data = serialized(features)
    assert read(data) == by_protobuf(data)


@given(FEATURES, st.data())
def test_a_damaged_example_is_what_protobuf_reads(
    features: dict[str, list[bytes]], data: st.DataObject
) -> None:
    message = bytearray(serialized(features) or b"\n\0")
    for place in data.draw(st.lists(st.integers(0, len(message) - 1), max_size=3)):
        message[place] = data.draw(st.integers(0, 255))
    try:
        expected = by_protobuf(bytes(message))
        parsed = tf_example_pb2.Example.FromString(bytes(message))
    except DecodeError:
        return
    # An entry of a map with a field more than it has is kept by C++ and set aside by upb.
    assume(not UnknownFieldSet(parsed.features))
    try:
        found = read(bytes(message))
    except RecordError as error:
        refused = str(error)
    else:
        assert found == expected
        return
    assert "wire type" in refused  # groups, which nobody writes


@given(st.binary(max_size=50))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(read_features(data), dict)
    except RecordError:
        return


@pytest.mark.parametrize(
    "data",
    [b"\x0a", b"\x0a\x05hi", b"\x09\x00", b"\x0b", b"\x02\x00", b"\xff" * 11, b"\xff" * (1 << 20)],
    ids=["cut key", "cut bytes", "cut number", "group", "no number", "long number", "very long"],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="protobuf"):
        list(read_fields(data))

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from array_record.python.array_record_module import ArrayRecordWriter
from tensorflow_datasets.proto import tf_example_pb2

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.readers.rows import tfds as module
from massivetext.readers.rows.tfds import read_tfds
from massivetext.reasons import Reason
from massivetext.shards.tfrecord import frame

ORIGIN = Origin("c4", "c4-train.tfrecord-00000-of-01024")


def example(**features) -> bytes:
    message = tf_example_pb2.Example()
    for key, value in features.items():
        values = message.features.feature[key].bytes_list.value
        values.append(value if isinstance(value, bytes) else value.encode())
    return message.SerializeToString(deterministic=True)


EXAMPLES = [
    example(text="é one", url="http://a.org/", timestamp="2019-04-25T12:57:54Z", length="5"),
    example(text="two"),
    example(text=""),
    example(text=b"\xff"),
    example(url="u"),
    b"\xff\xff",
    example(text="last"),
]


def read(data: bytes, *bounds):
    return list(read_tfds(io.BytesIO(data), ORIGIN, *bounds))


def tfrecord(examples, _folder) -> bytes:
    return b"".join(map(frame, examples))


def parquet(examples, _folder) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"data": pa.array(examples, pa.binary())}), file)
    return file.getvalue()


def array_record(examples, folder) -> bytes:
    writer = ArrayRecordWriter(str(folder / "a"), "group_size:1")
    for value in examples:
        writer.write(value)
    writer.close()
    return (folder / "a").read_bytes()


@pytest.mark.parametrize("write", [tfrecord, parquet, array_record])
def test_every_file_format_gives_the_same_records(write, tmp_path):
    one, two, empty, *broken, last = read(write(EXAMPLES, tmp_path))
    assert one == Document(
        ORIGIN.document_id(0), "c4", "é one", "http://a.org/", "2019-04-25T12:57:54Z"
    )
    assert two == Document(ORIGIN.document_id(1), "c4", "two")
    assert empty == Dropped(Document(ORIGIN.document_id(2), "c4", ""), (Reason.EMPTY,))
    assert [(b.position, b.message[:15]) for b in broken] == [
        (3, "invalid UTF-8 i"),
        (4, "no key 'text'; "),
        (5, "no example: pro"),
    ]
    assert last == Document(ORIGIN.document_id(6), "c4", "last")
    assert read(write(EXAMPLES, tmp_path), 1) == []


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_shard_compressed_as_a_whole_gives_the_same_records(compress):
    data = tfrecord(EXAMPLES * 50, None)
    assert read(compress(data)) == read(data)
    *records, broken = read(gzip.compress(data)[:-20])
    assert records == read(data)[: len(records)]
    assert broken.message.startswith("gzip stream is cut short")


def test_optional_features_of_other_types_cost_nothing():
    made = tf_example_pb2.Example.FromString(example(text="a"))
    made.features.feature["timestamp"].int64_list.value.append(7)
    made.features.feature["title"].float_list.value.append(0.5)
    made.features.feature["url"].bytes_list.value.append(b"\xff")
    made.features.feature["date"].bytes_list.SetInParent()
    (record,) = read(tfrecord([made.SerializeToString()], None))
    assert record[2:6] == ("a", "", "7", "0.5")
    made.features.feature["text"].Clear()
    (record,) = read(tfrecord([made.SerializeToString()], None))
    assert record.reasons == (Reason.EMPTY,)


def test_an_empty_file_has_no_record():
    assert read(b"") == []


def test_a_record_with_a_wrong_checksum_is_broken_and_the_next_is_read():
    data = bytearray(tfrecord(EXAMPLES[:2] + EXAMPLES[-1:], None))
    data[20] ^= 1
    broken, two, last = read(bytes(data))
    assert broken == Broken(ORIGIN.path, 0, "TFRecord: the checksum of its data is wrong")
    assert (two.text, last.id) == ("two", ORIGIN.document_id(2))


def test_a_shard_cut_short_ends_with_one_broken():
    data = tfrecord(EXAMPLES[:2], None)
    first = len(frame(EXAMPLES[0]))
    for cut in (first + 1, first + 12, len(data) - 1):
        document, broken = read(data[:cut])
        assert document.text == "é one"
        assert broken.position == 1
    (document,) = read(data[:first])
    assert isinstance(document, Document)


def test_a_damaged_frame_ends_the_shard():
    data = bytearray(tfrecord(EXAMPLES[:3], None))
    data[len(frame(EXAMPLES[0]))] ^= 1
    _, broken = read(bytes(data))
    assert broken.message == "damaged or too long TFRecord; the rest is not read"


def test_a_record_at_the_bound_is_read_and_one_beyond_is_not(monkeypatch):
    size = len(EXAMPLES[0])
    monkeypatch.setattr(module, "MAX_RECORD_BYTES", size)
    assert isinstance(read(tfrecord(EXAMPLES[:1], None))[0], Document)
    monkeypatch.setattr(module, "MAX_RECORD_BYTES", size - 1)
    assert isinstance(read(tfrecord(EXAMPLES[:1], None))[0], Broken)


def test_damaged_array_record_and_parquet_are_broken(tmp_path):
    whole = array_record([example(text=f"text {i}" * 50) for i in range(99)], tmp_path)
    (broken,) = read(whole[: len(whole) // 2])
    assert broken.message == "array_record file without records, or cut short"
    *_, last = read(whole[:120] + bytes(40) + whole[160:])
    assert last.message.startswith("the rest is not readable")
    (broken,) = read(parquet(EXAMPLES, None)[:-4])
    assert broken.message.startswith("unreadable Parquet file")

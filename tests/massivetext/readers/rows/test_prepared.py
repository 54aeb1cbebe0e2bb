"""Data sets that TensorFlow Datasets prepared, found by name or folder."""

import json
from pathlib import Path

import pytest

from massivetext import Broken, ConfigError, Document, read_prepared
from massivetext.document import Origin
from massivetext.shards.tfds_metadata import shard_name
from massivetext.shards.tfrecord import frame
from tests.massivetext.readers.rows.test_tfds import example

CORE = "tensorflow_datasets.core.features"
TEXTS = [["one", "two"], ["three"]]


def prepare(folder: Path, feature: str = "text") -> Path:
    """Writes a data set of two shards as TensorFlow Datasets would."""
    place = folder / "my_texts" / "1.0.0"
    place.mkdir(parents=True)
    for number, texts in enumerate(TEXTS):
        data = b"".join(frame(example(text=text, url=f"http://{text}/")) for text in texts)
        (place / shard_name("my_texts", "train", number, len(TEXTS))).write_bytes(data)
    split = {"name": "train", "filepathTemplate": "{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"}
    split |= {"numBytes": "9", "shardLengths": ["2", "1"]}
    info = {"name": "my_texts", "version": "1.0.0", "fileFormat": "tfrecord", "splits": [split]}
    (place / "dataset_info.json").write_text(json.dumps(info))
    text = {"pythonClassName": f"{CORE}.text_feature.Text", "text": {}}
    features = {"pythonClassName": f"{CORE}.features_dict.FeaturesDict"}
    features |= {"featuresDict": {"features": {feature: text, "url": text}}}
    (place / "features.json").write_text(json.dumps(features))
    return place


def test_a_folder_and_a_name_give_the_records_of_the_files(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    found = list(read_prepared(place))
    assert [(record.text, record.url) for record in found if isinstance(record, Document)] == [
        (text, f"http://{text}/") for texts in TEXTS for text in texts
    ]
    second = shard_name("my_texts", "train", 1, 2)
    assert found[2].id == Origin("c4", second).document_id(0)  # type: ignore[union-attr]
    assert list(read_prepared("my_texts", data_dir=tmp_path)) == found
    news = next(read_prepared(place, source="news"))
    assert isinstance(news, Document)
    assert news.source == "news"


def test_a_damaged_shard_is_broken(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    path = place / shard_name("my_texts", "train", 1, 2)
    path.write_bytes(path.read_bytes()[:-1])
    *_, last = read_prepared(place)
    assert isinstance(last, Broken)


def test_what_is_not_prepared_is_said(tmp_path: Path) -> None:
    place = prepare(tmp_path)
    with pytest.raises(ConfigError, match="no split 'test'; there are train"):
        read_prepared(place, "test")
    (place / shard_name("my_texts", "train", 0, 2)).unlink()
    with pytest.raises(ConfigError, match="1 of 2 shards missing"):
        read_prepared(place)
    with pytest.raises(ConfigError, match="no data set prepared here"):
        read_prepared(tmp_path / "my_texts")
    for name in ("no_such_set", "no/such:set", "", "mnist"):  # the last is known to it
        with pytest.raises(ConfigError, match="no data set prepared here"):
            read_prepared(name, data_dir=tmp_path)
    other = prepare(tmp_path / "other", "content")
    with pytest.raises(ConfigError, match="no feature 'text' but content, url"):
        read_prepared(other)

"""Opening a corpus: names, missing shards, and a vocabulary that is not the shards'."""

import hashlib
import json
from pathlib import Path

import pytest

from massivetext.config.recipe import Vocabulary
from massivetext.errors import ConfigError
from massivetext.tokenizer.vocabulary import train_vocabulary
from massivetext.train.data.dataset import _SHARD, MIXED, open_dataset


def test_opens_a_build_or_its_sequences(corpus: Path) -> None:
    whole, inner = open_dataset(str(corpus)), open_dataset(str(corpus / "sequences"))
    assert whole.train.keys() == inner.train.keys() == {MIXED}
    assert whole.validation.keys() == {"web", "books"}
    assert (len(whole.train[MIXED]), whole.train[MIXED].length) == (480, 64)
    assert (whole.vocabulary_size, whole.key) == (400, "mixed")
    model = (corpus / "vocabulary" / "vocabulary.model").read_bytes()
    assert whole.vocabulary_sha256 == hashlib.sha256(model).hexdigest()


def test_shards_by_source_are_told_apart(corpus_by_source: Path) -> None:
    dataset = open_dataset(str(corpus_by_source))
    assert {name: len(records) for name, records in dataset.train.items()} == {
        "books": 240, "web": 240,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "split", "source"),
    [
        ("massivetext-train.tfrecord-00003-of-00016", "train", None),
        ("massivetext-validation_web.tfrecord-00000-of-00001", "validation", "web"),
        ("my-set-train_c4.tfrecord-00000-of-00001", "train", "c4"),
        ("train-00000-of-00001.tfrecord", "train", None),
    ],
)
def test_names_of_shards(name: str, split: str, source: str | None) -> None:
    match = _SHARD.match(name)
    assert match is not None
    assert (match["split"], match["source"]) == (split, source)


def test_missing_shard_is_named(fresh_corpus: Path) -> None:
    next((fresh_corpus / "sequences").glob("*train*00001-of-*")).unlink()
    with pytest.raises(ConfigError, match="train shard 1 of 3 is missing"):
        open_dataset(str(fresh_corpus))


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("validation_books.tfrecord-00000-of-00001", None, "validation_books holds 0 seq.*, 12 w"),
        ("train.tfrecord-00000-of-00003", 0, "train holds 320 sequences, 480 were written"),
        ("train.tfrecord-00000-of-00003", -1, "train holds 479 sequences, 480 were written"),
    ],
)
def test_shards_that_are_gone_or_cut_short_are_noticed(
    fresh_corpus: Path, name: str, size: int | None, message: str
) -> None:
    """Cut between two records, so that each record there is whole."""
    path = fresh_corpus / "sequences" / f"massivetext-{name}"
    data = path.read_bytes()
    if size is None:
        path.unlink()
    else:
        path.write_bytes(data[: size * (len(data) // 160)])
    with pytest.raises(ConfigError, match=message):
        open_dataset(str(fresh_corpus))


def test_other_vocabulary_is_refused(fresh_corpus: Path) -> None:
    model = train_vocabulary(["another text, another vocabulary"] * 9, Vocabulary(size=280))
    (fresh_corpus / "vocabulary" / "vocabulary.model").write_bytes(model)
    with pytest.raises(ConfigError, match="does not match the shards: its sha256"):
        open_dataset(str(fresh_corpus))


def test_vocabulary_of_another_size_is_refused(fresh_corpus: Path) -> None:
    path = fresh_corpus / "sequences" / "manifest.json"
    path.write_text(json.dumps({"vocabulary": {"size": 32_000}}))
    with pytest.raises(ConfigError, match="its size is 400, they were written with 32000"):
        open_dataset(str(fresh_corpus))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("sequences/manifest.json", None, "missing"),
        ("sequences/manifest.json", b"{", "not JSON"),
        ("sequences/manifest.json", b"[]", "not a JSON object"),
        ("sequences/manifest.json", b'{"splits": {"train": 3}}', "splits.train counts no"),
        ("sequences/manifest.json", b'{"splits": {"train": {}}}', "splits.train counts no"),
        ("vocabulary/vocabulary.model", None, "no vocabulary.model"),
        ("vocabulary/vocabulary.model", b"junk", "not a SentencePiece model"),
    ],
)
def test_broken_folder_is_refused(
    fresh_corpus: Path, file: str, content: bytes | None, message: str
) -> None:
    path = fresh_corpus / file
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        open_dataset(str(fresh_corpus))


def test_folder_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no TFRecord shards"):
        open_dataset(str(tmp_path))

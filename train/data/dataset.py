"""A corpus as the trainer sees it: shards by split and source, and their vocabulary."""

import hashlib
import re
from typing import Any, NamedTuple

from massivetext.errors import ConfigError
from massivetext.storage.files import exists, list_names, read_bytes
from massivetext.storage.json_files import require_json
from massivetext.storage.paths import join
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.config.config import ModelConfig
from massivetext.train.data.records import Records, Shard

MIXED = "mixed"  # the name of training shards that hold every source
_SHARD = re.compile(
    r"^(?:.*?[-_])??(?P<split>train|validation)(?:_(?P<source>\w+?))?"
    r"(?:\.tfrecord)?-(?P<number>\d{5})-of-(?P<count>\d{5})(?:\.tfrecord)?$"
)


class Dataset(NamedTuple):
    """A corpus that can be trained on."""

    folder: str
    train: dict[str, Records]  # by source, or all under `MIXED`
    validation: dict[str, Records]  # by source
    vocabulary: bytes  # the SentencePiece model, or a tokenizer.json
    vocabulary_size: int
    key: str  # of the build's last stage: equal for equal shards; empty for those of others

    @property
    def vocabulary_sha256(self) -> str:
        """Returns the vocabulary's identity, kept in checkpoints."""
        return hashlib.sha256(self.vocabulary).hexdigest()


def open_dataset(folder: str, verify: bool = True) -> Dataset:
    """Returns the corpus in a folder that `massivetext build` wrote, or in its ``sequences/``.

    Raises:
      ConfigError: a shard is missing, cut short or not ours, or the vocabulary is not the shards'.
    """
    inner = join(folder, "sequences")
    sequences = inner if list_names(inner) else folder
    names = [name for name in list_names(sequences) if "tfrecord" in name]
    if not names:
        raise ConfigError(f"{folder}: no TFRecord shards here or in its sequences/")
    manifest = require_json(join(sequences, "manifest.json"))
    vocabulary = _read_vocabulary(sequences)
    size = Encoder(vocabulary).size
    _check_vocabulary(vocabulary, size, manifest, sequences)
    train = _open_split(sequences, names, "train", verify)
    if not train:
        raise ConfigError(f"{sequences}: no training shards")
    validation = _open_split(sequences, names, "validation", verify)
    _check_splits({"train": train, "validation": validation}, manifest, sequences)
    key = str(manifest.get("key", ""))
    return Dataset(sequences, train, validation, vocabulary, size, key)


def check_marks(model: ModelConfig, dataset: Dataset) -> None:
    """Checks that a model which keeps documents apart finds where they begin and end.

    Raises:
      ConfigError: it does not, with this vocabulary.
    """
    encoder = Encoder(dataset.vocabulary)
    if model.document_mask and (encoder.bos, encoder.eos) != (BOS, EOS):
        raise ConfigError(
            "model.document_mask: documents are found by the ids 1 and 2, and this vocabulary has"
            f" {encoder.bos} and {encoder.eos}; set it to false"
        )


def _open_split(folder: str, names: list[str], split: str, verify: bool) -> dict[str, Records]:
    groups: dict[str, dict[int, str]] = {}
    counts: dict[str, int] = {}
    for name in names:
        match = _SHARD.match(name)
        if match and match["split"] == split:
            source = match["source"] or MIXED
            groups.setdefault(source, {})[int(match["number"])] = name
            counts[source] = int(match["count"])
    records = {}
    for source, found in sorted(groups.items()):
        missing = sorted(set(range(counts[source])) - set(found))
        if missing:
            raise ConfigError(
                f"{folder}: {split} shard {missing[0]} of {counts[source]} is missing ({source})"
            )
        paths = [join(folder, found[number]) for number in sorted(found)]
        full = [Shard(path, verify) for path in paths if _has_records(path)]
        if full:
            records[source] = Records(full)
    return records


def _check_splits(
    found: dict[str, dict[str, Records]], manifest: dict[str, Any], folder: str
) -> None:
    """Checks that every split of the manifest is there with all its sequences.

    Raises:
      ConfigError: a shard is gone, or shorter or longer than it was written.
    """
    splits = manifest.get("splits")
    if not isinstance(splits, dict):
        return  # shards of another program
    here = {
        split if source == MIXED else f"{split}_{source}": len(records)
        for split, sources in found.items()
        for source, records in sources.items()
    }
    for name, facts in splits.items():
        written = facts.get("sequences") if isinstance(facts, dict) else None
        if not isinstance(written, int):
            raise ConfigError(
                f"{folder}/manifest.json: splits.{name} counts no sequences; run massivetext build"
                " again, or leave splits out"
            )
        if here.get(name, 0) != written:
            raise ConfigError(
                f"{folder}: {name} holds {here.get(name, 0):,} sequences, {written:,} were written:"
                " a shard is missing or cut short; run massivetext build again"
            )


def _has_records(path: str) -> bool:
    """Returns whether a shard holds anything; small corpora leave some empty."""
    return bool(read_bytes(path, 0, 1))


def _read_vocabulary(sequences: str) -> bytes:
    parent = sequences.rstrip("/").rpartition("/")[0] or "."
    places = (
        join(parent, "vocabulary", "vocabulary.model"),
        join(sequences, "vocabulary.model"),
    )
    for path in places:
        if exists(path):
            return read_bytes(path)
    raise ConfigError(f"no vocabulary.model; looked at {' and '.join(places)}")


def _check_vocabulary(model: bytes, size: int, manifest: dict[str, Any], folder: str) -> None:
    expected = manifest.get("vocabulary")
    if not isinstance(expected, dict):
        return  # tokens beyond the vocabulary are still found, when a batch is read
    found = {"sha256": hashlib.sha256(model).hexdigest(), "size": size}
    for key, value in found.items():
        if key in expected and expected[key] != value:
            raise ConfigError(
                f"{folder}: the vocabulary does not match the shards: its {key} is {value}, they "
                f"were written with {expected[key]}"
            )

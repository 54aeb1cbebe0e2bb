"""`WriteSequences`: a collection of documents to TFRecord shards that `read_sequences` reads.

Crops, tokens and records are the build's; the mixture is not: every document is read in one pass.
Only tokens cross the shuffle, and the bytes depend on the documents alone, not on their order.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import apache_beam as beam
import numpy as np
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection
from apache_beam.transforms.combiners import ToList
from numpy.typing import NDArray

from massivetext import paper
from massivetext.config.sequences import Packing
from massivetext.document import Document
from massivetext.errors import ConfigError
from massivetext.hashing import hash64, hashes64
from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files, shard_name
from massivetext.shards.tfrecord import write_records
from massivetext.storage.files import new_file, read_bytes, write_bytes
from massivetext.storage.paths import join
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import TokenPlan, encode_crop, pack_crops, take
from massivetext.tokenizer.spool import Spool

MAX_SOURCES = 256  # a record has one byte for its source
_Crop = tuple[int, bytes, bytes]  # index of its source, its place in the order, its tokens


@dataclass(frozen=True)
class _Work:
    folder: str
    vocabulary: bytes
    plan: TokenPlan
    shards: int
    sources: tuple[str, ...]
    name: str
    split: str


class WriteSequences(beam.PTransform[PCollection[Document], PCollection[str]]):
    """Documents to shards of token sequences in a folder; gives the shards' paths.

    A worker holds the sequences of one shard. The folder must be empty or of the same shape.

        documents | WriteSequences("out/sequences", "out/vocabulary", shards=16)
    """

    def __init__(
        self,
        folder: str,
        vocabulary: str | Path,
        *,
        length: int = paper.SEQUENCE_LENGTH,
        shards: int = 1,
        seed: int = 0,
        sources: Sequence[str] = paper.SOURCES,
    ) -> None:
        """Reads the vocabulary.

        Args:
          folder: for the shards, local or on an object store.
          vocabulary: its ``.model`` file.
          length: tokens of a sequence; a record has one more.
          shards: files.
          seed: of crops and order.
          sources: all that documents may have; a record holds an index into this list.

        Raises:
          ConfigError: the vocabulary is none of this project, a number is below 1, or the sources
            are none, more than 256, or not different.
        """
        super().__init__()
        if length < 1 or shards < 1:
            raise ConfigError(f"length {length} and shards {shards} must be at least 1")
        if not 0 < len(set(sources)) == len(sources) <= MAX_SOURCES:
            raise ConfigError(f"{len(sources)} sources: give 1 to {MAX_SOURCES} different names")
        try:
            model = read_bytes(str(vocabulary))
        except OSError as error:
            raise ConfigError(f"no vocabulary {vocabulary}") from error
        Encoder(model)
        plan = TokenPlan(seed, length=length)
        self._work = _Work(folder, model, plan, shards, tuple(sources), "massivetext", "train")

    def with_packing(self, packing: Packing) -> "WriteSequences":
        """Returns the same transform with other sequences; changes this one.

        Args:
          packing: "paper", the default: one crop of a document, ten to a group, and what a group
            leaves over is lost; "carry": all pieces of it, so that less than a sequence is lost of
            a source in a shard; "once": the same of whole documents.

        Raises:
          ConfigError: it is none of the three.
        """
        if packing not in get_args(Packing):
            known = ", ".join(get_args(Packing))
            raise ConfigError(f"packing {packing!r}: must be one of {known}")
        plan = dataclasses.replace(self._work.plan, packing=packing)
        self._work = dataclasses.replace(self._work, plan=plan)
        return self

    def expand(self, documents: PCollection[Document]) -> PCollection[str]:
        """Returns the paths of the shards, when they and their metadata are written."""
        work = self._work
        crops = documents | "Encode" >> beam.ParDo(_Encode(work))
        empty = documents.pipeline | "Shards" >> beam.Create(
            [(n, None) for n in range(work.shards)]
        )
        dealt = (crops, empty) | "All" >> beam.Flatten() | "Deal" >> beam.GroupByKey()
        written = dealt | "Write" >> beam.ParDo(_Write(work)).with_output_types(tuple[int, int])
        counts = written | "Counts" >> ToList()
        describe = beam.FlatMap(_described, work).with_output_types(str)
        paths: PCollection[str] = counts | "Describe" >> describe
        return paths


class _Encode(beam.DoFn):
    def __init__(self, work: _Work) -> None:
        self._work = work
        self._documents = Metrics.counter("WriteSequences", "documents")
        self._tokens = Metrics.counter("WriteSequences", "tokens")

    def setup(self) -> None:
        self._encoder = Encoder(self._work.vocabulary)

    def process(self, document: Document) -> Iterator[tuple[int, _Crop]]:
        plan, data = self._work.plan, document.text.encode()
        shard = hash64(plan.seed, "shard", document.id) % self._work.shards
        source = self._index_of(document.source)
        self._documents.inc()
        for taken in take(document.id, data, plan):
            tokens = encode_crop(data, taken.crop, self._encoder)
            self._tokens.inc(len(tokens))
            order = taken.order.to_bytes(8, "big")  # Beam's integers have a sign
            yield shard, (source, order, tokens.astype("<u2").tobytes())

    def _index_of(self, source: str) -> int:
        known = self._work.sources
        if source not in known:
            raise ConfigError(f"WriteSequences: source {source!r} is not one of {', '.join(known)}")
        return known.index(source)


class _Write(beam.DoFn):
    def __init__(self, work: _Work) -> None:
        self._work = work
        self._sequences = Metrics.counter("WriteSequences", "sequences")
        self._tail = Metrics.counter("WriteSequences", "tail_tokens")

    def process(self, group: tuple[int, Iterable[_Crop | None]]) -> Iterator[tuple[int, int]]:
        shard, crops = group
        tokens, sources = self._packed(crops)
        order = np.argsort(
            hashes64(self._work.plan.seed, f"deal {shard}", map(str, range(len(tokens))))
        )
        with new_file(_path(self._work, shard)) as file:
            write_records(file, tokens[order], sources[order])
        self._sequences.inc(len(tokens))
        yield shard, len(tokens)

    def _packed(
        self, crops: Iterable[_Crop | None]
    ) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        spools: defaultdict[int, Spool] = defaultdict(Spool)
        for crop in sorted(crop for crop in crops if crop is not None):
            source, order, tokens = crop
            spools[source].add(int.from_bytes(order, "big"), np.frombuffer(tokens, "<u2"))
        rows = [np.empty((0, self._work.plan.length + 1), np.uint16)]
        owners = [np.empty(0, np.uint8)]
        for source, spool in sorted(spools.items()):
            for packed in pack_crops(spool.ordered(), self._work.plan):
                rows.append(packed.sequences)
                owners.append(np.full(len(packed.sequences), source, np.uint8))
                self._tail.inc(packed.tail)
        return np.concatenate(rows), np.concatenate(owners)


def _path(work: _Work, shard: int) -> str:
    return join(work.folder, shard_name(work.name, work.split, shard, work.shards))


def _described(counts: list[tuple[int, int]], work: _Work) -> Iterator[str]:
    """Writes the metadata beside the shards and yields their paths."""
    lengths = [count for _, count in sorted(counts)]
    splits = [SplitShards(work.split, lengths)]
    data = DataSet(work.name, "Token sequences", work.plan.length, work.sources, splits)
    for name, content in metadata_files(data).items():
        write_bytes(join(work.folder, name), content)
    for shard in range(work.shards):
        yield _path(work, shard)

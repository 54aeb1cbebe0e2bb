"""Stage 6, sequences: quotas to the last sequence, dealt to shards, written as TFRecords.

Where the token files are local, each shard reads its sequences by offset and nothing is shuffled.
On an object store small reads are slow: there each part sends one block per shard.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
from apache_beam.metrics import Metrics
from numpy.typing import NDArray

from massivetext.deal import Place, deal
from massivetext.tfrecord import write_records
from pipelines.files import join, new_file, open_file, write_json
from pipelines.stage import Stage

FORMAT = 1  # raised by hand when the bytes of this stage may change


class Share(NamedTuple):
    """What one part gives to one split."""

    part: int
    source: int  # index in the metadata's list of sources
    path: str  # of the token file
    available: int
    quota: int
    dealt: int  # sequences of the split that parts before this one gave


class Split(NamedTuple):
    """One split of the data set: where its sequences come from and go to."""

    name: str
    shards: int
    shares: tuple[Share, ...]


class SequencesWork(NamedTuple):
    """What workers need to write shards."""

    stage: Stage
    seed: int
    length: int


class Shard(NamedTuple):
    """One output file."""

    split: str
    number: int
    shards: int

    @property
    def stem(self) -> str:
        """The file name without a suffix.

        >>> Shard("train", 3, 16).stem
        'massivetext-train-00003-of-00016'
        """
        return f"massivetext-{self.split}-{self.number:05d}-of-{self.shards:05d}"


def shard_file(split: str, number: int, shards: int) -> str:
    """Returns the name of a shard's file, as tensorflow-datasets names them.

    >>> shard_file("train", 3, 16)
    'massivetext-train.tfrecord-00003-of-00016'
    """
    return f"massivetext-{split}.tfrecord-{number:05d}-of-{shards:05d}"

"""Token sequences in a recipe: how long, how many, how packed, how often a text is read."""

import dataclasses
from dataclasses import dataclass, field
from typing import Literal

from massivetext import paper
from massivetext.errors import ConfigError

Packing = Literal["paper", "carry", "once"]
Auto = Literal["auto"]

# "auto" holds out this share of the documents of inputs of at least so many bytes: a few hundred
# documents of small corpora, and no more of large ones than anybody evaluates.
_VALIDATION = ((10_000_000_000, 0.001), (100_000_000, 0.01), (0, 0.05))
_SHARD_SEQUENCES = 16_384  # that "auto" wants in a shard: 68 MB of the paper's length
_MOST_SHARDS = 1_024


@dataclass(frozen=True)
class Sequences:
    """Token sequences and the mixture (appendix A.1.1 and Table 2).

    Attributes:
      packing: "paper": random crops, ten to a group, and what a group leaves over is lost.
        "carry": all pieces of a document before any is read again, and rests go on. "once": every
        token of every document in one sequence, whole documents one after another.
    """

    tokens: int | Literal["max"] = 300_000_000_000
    length: int = paper.SEQUENCE_LENGTH
    packing: Packing = "paper"
    crop_bytes: int = paper.CROP_BYTES
    crops_per_group: int = paper.CROPS_PER_GROUP
    shards: int | Auto = "auto"
    layout: Literal["mixed", "by-source"] = "mixed"
    validation_fraction: float | Auto = "auto"
    validation_max_overlap: float | None = 0.05  # of a held-out document's 13-grams, in train
    max_passes: dict[str, float] = field(default_factory=dict)  # default_max_passes if not named
    default_max_passes: float = 4.0
    max_epochs: float | None = None  # over tokens, in the place of default_max_passes

    @property
    def validation(self) -> float:
        """The share of documents held out, once `settled` has said what "auto" is."""
        if self.validation_fraction == "auto":
            raise ValueError("validation_fraction is not settled")
        return self.validation_fraction

    def shard_count(self, sequences: int) -> int:
        """Returns how many shards so many training sequences go to.

        >>> Sequences().shard_count(1), Sequences().shard_count(1 << 30)
        (1, 1024)
        """
        if self.shards != "auto":
            return self.shards
        return max(1, min(_MOST_SHARDS, -(-sequences // _SHARD_SEQUENCES)))


def settled(sequences: Sequences, input_bytes: int) -> Sequences:
    """Returns the settings with "auto" shares of validation for inputs of so many bytes.

    >>> settled(Sequences(), 5_000_000).validation, settled(Sequences(), 1 << 40).validation
    (0.05, 0.001)
    """
    if sequences.validation_fraction != "auto":
        return sequences
    share = next(share for least, share in _VALIDATION if input_bytes >= least)
    return dataclasses.replace(sequences, validation_fraction=share)


def check_tokens(sequences: Sequences) -> None:
    """Checks that the tokens asked for can be given.

    Raises:
      ConfigError: they are less than a sequence, or a number, or a limit below one epoch, where
        every token is read once.
    """
    most = sequences.max_epochs
    if sequences.packing == "once" and most is not None and most < 1:
        raise ConfigError(
            f'sequences.packing: "once" reads every token once, so max_epochs cannot be {most:g}'
        )
    if sequences.tokens == "max":
        return
    if sequences.packing == "once":
        raise ConfigError(
            'sequences.packing: "once" reads every token once, so their number is no choice; set'
            ' sequences.tokens = "max"'
        )
    if sequences.tokens < sequences.length:
        raise ConfigError(
            f"sequences.tokens: {sequences.tokens} is less than one sequence of"
            f' {sequences.length}; "max" takes what all sources allow'
        )

"""Stage 5, tokens: each part's chosen crops, encoded and packed into sequences of equal length.

A part's file is raw little-endian uint16, length + 1 tokens a sequence, train and validation apart,
so that the last stage can read any sequence by its offset.
"""

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import PCollection

from massivetext.corpus.parts import Part
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.survivors import dropped_rows, in_validation, read_wanted
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.storage.paths import is_local
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import PartSequences, TokenPlan

BLOCK_BYTES = 16_000  # about; a checksum for each is 8 digits in the summary


class TokensWork(NamedTuple):
    """What workers need to tokenize parts."""

    stage: Stage
    output: str
    seed: int
    validation_fraction: float
    plans: dict[str, TokenPlan]  # by source


class _WriteTokens(beam.DoFn):
    def __init__(self, work: TokensWork) -> None:
        self._work = work

    def setup(self) -> None:
        self._encoder = load_encoder(self._work.output)

    def process(self, part: Part) -> None:
        write_tokens(part, self._work, self._encoder)


def add_tokens(parts: PCollection[Part], work: TokensWork) -> None:
    """Adds stage 5 to the pipeline of a PCollection of parts."""
    _ = parts | "write tokens" >> beam.ParDo(_WriteTokens(work))


def write_tokens(part: Part, work: TokensWork, encoder: Encoder) -> dict[str, Any]:
    """Writes the token files and the summary of one part; returns the summary."""
    plan = work.plans[part.source]
    folder = _spool_folder(work.stage)
    train = PartSequences(encoder, plan, folder)
    validation = PartSequences(encoder, dataclasses.replace(plan, passes=Fraction(1)), folder)
    dropped = dropped_rows(work.output, part.stem)
    for row in read_wanted(work.output, part.stem, ["id", "repository"], lambda _: True, dropped):
        side = validation if in_validation(row, work.seed, work.validation_fraction) else train
        side.add(row["id"], row["text"])
    summary = {"key": work.stage.key, "part": part.number, "source": part.source}
    summary["passes"] = str(plan.passes)
    written, block = Written(), block_bytes(plan.length)
    for prefix, side in (("", train), ("validation-", validation)):
        with written.new_file(work.stage.path(f"{prefix}{part.stem}.tokens"), block) as file:
            _write(side, file)
    summary |= train.counts._asdict() | {"text_bytes": train.counts.bytes}
    summary |= {f"validation_{name}": n for name, n in validation.counts._asdict().items()}
    written.write_summary(work.stage.path(f"{part.stem}.json"), summary)
    return summary


def block_bytes(length: int) -> int:
    """Returns the bytes of a token file that have a checksum: a few whole sequences.

    The last stage reads single sequences, and with them the block that they are in.

    >>> block_bytes(2_048), block_bytes(1 << 20)
    (16392, 2097154)
    """
    width = 2 * (length + 1)
    return width * max(1, -(-BLOCK_BYTES // width))


def _spool_folder(stage: Stage) -> str | None:
    """Returns where crops wait: beside the output if that is local; /tmp may be in memory."""
    if not is_local(stage.folder):
        return None
    Path(stage.folder).mkdir(parents=True, exist_ok=True)
    return stage.folder


def _write(side: PartSequences, file: IO[bytes]) -> None:
    for sequences in side.sequences():
        check_interrupt()
        file.write(sequences.astype("<u2", copy=False).tobytes())

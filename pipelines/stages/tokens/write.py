"""Stage 5, tokens: each part's chosen crops, encoded and packed into sequences of equal length.

A part's file is raw little-endian uint16. Train has length + 1 tokens a sequence, so that the last
stage can read any by its offset. Validation has the tokens of all crops, unpacked: the last stage
packs those of a source, so that a source of many small parts has a validation set too.
"""

import dataclasses
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.config.recipe import digest
from massivetext.corpus.parts import Part
from massivetext.finished.taken_out import read_taken_out
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.survivors import dropped_rows, read_wanted
from massivetext.pipelines.stages.tokens.left_out import Leakage, load_leakage, write_left_out
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.storage.paths import is_local
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import PartSequences, TokenPlan

_OF_CROPS = ("documents", "crops", "bytes", "tokens")  # known before they are packed
BLOCK_BYTES = 16_000  # about; a checksum for each is 8 digits in the summary


class TokensWork(NamedTuple):
    """What workers need to tokenize parts."""

    stage: Stage
    output: str
    leakage: LeakageWork
    plans: dict[str, TokenPlan]  # by source


class _WriteTokens:
    def __init__(self, work: TokensWork) -> None:
        self._work = work

    def setup(self) -> None:
        self._encoder = load_encoder(self._work.output)
        self._leakage = load_leakage(self._work.leakage)

    def process(self, part: Part) -> None:
        write_tokens(part, self._work, self._encoder, self._leakage)


def add_tokens(parts: flow.Elements, work: TokensWork) -> None:
    """Adds stage 5 to the pipeline of a collection of parts."""
    _ = parts | "write tokens" >> flow.do(_WriteTokens(work))


def write_tokens(
    part: Part, work: TokensWork, encoder: Encoder, leakage: Leakage
) -> dict[str, Any]:
    """Writes the files and the summary of one part; returns the summary."""
    plan = work.plans[part.source]
    written, block = Written(), block_bytes(plan.length)
    left_out, kinds = write_left_out(written, part.stem, work.leakage, leakage)
    train, validation = _encoded(part, work, encoder, left_out)
    with written.new_file(work.stage.path(f"{part.stem}.tokens"), block) as file:
        _write(train.sequences(), file)
    with written.new_file(work.stage.path(f"validation-{part.stem}.tokens"), block) as file:
        _write(validation.crops(), file)
    summary = summary_of(work.stage, part)
    summary |= {"passes": str(plan.passes), "text_bytes": train.counts.bytes}
    summary |= train.counts._asdict()
    counts = validation.counts._asdict()
    summary |= {f"validation_{name}": counts[name] for name in _OF_CROPS}
    summary |= {"left_out": kinds}
    summary |= {"holes": train.holes} if train.holes else {}
    written.write_summary(work.stage.path(f"{part.stem}.json"), summary)
    return summary


def _encoded(
    part: Part, work: TokensWork, encoder: Encoder, left_out: set[int]
) -> tuple[PartSequences, PartSequences]:
    """Returns the crops of a part's train documents, and of those that are held out."""
    plan, folder = work.plans[part.source], _spool_folder(work.stage)
    train = PartSequences(encoder, plan, folder)
    validation = PartSequences(encoder, dataclasses.replace(plan, passes=Fraction(1)), folder)
    dropped = dropped_rows(work.output, part.stem) | left_out
    for row in read_wanted(work.output, part.stem, ["id", "repository"], lambda _: True, dropped):
        side = validation if work.leakage.is_held(row) else train
        side.add(row["id"], row["text"])
    taken = read_taken_out(work.output, part.stem)
    train.leave_open(taken.gaps(packed_as(work.stage, plan)))
    return train, validation


def packed_as(stage: Stage, plan: TokenPlan) -> str:
    """Returns a digest of what decides how the crops of a part are packed."""
    return digest([stage.key, str(plan.passes)])[:16]


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


def _write(tokens: Iterable[NDArray[np.uint16]], file: IO[bytes]) -> None:
    for some in tokens:
        check_interrupt()
        file.write(some.astype("<u2", copy=False).tobytes())

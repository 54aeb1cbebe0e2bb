"""Stage 5, tokens: each part's chosen crops, encoded and packed into sequences of equal length.

A part's file is raw little-endian uint16, length + 1 tokens a sequence, train and validation apart,
so that the last stage can read any sequence by its offset.
"""

import dataclasses
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import apache_beam as beam

from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.mixture.quotas import exact
from massivetext.pipelines.engine.run_parts import run_parts
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import Stage, finished_parts
from massivetext.pipelines.stages.survivors import dropped_rows, in_validation, read_wanted
from massivetext.pipelines.stages.vocabulary.train import load_encoder
from massivetext.storage.files import new_file
from massivetext.storage.json_files import write_json
from massivetext.storage.paths import is_local
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import PartSequences, TokenPlan

FORMAT = 1  # raised by hand when the bytes of this stage may change
ROUNDS = 4  # of raising a source's passes when its estimate was too low


class TokensWork(NamedTuple):
    """What workers need to tokenise parts."""

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


def add_tokens(parts: Any, work: TokensWork) -> None:
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
    for prefix, side in (("", train), ("validation-", validation)):
        with new_file(work.stage.path(f"{prefix}{part.stem}.tokens")) as file:
            _write(side, file)
    summary |= train.counts._asdict() | {"text_bytes": train.counts.bytes}
    summary |= {f"validation_{name}": n for name, n in validation.counts._asdict().items()}
    write_json(work.stage.path(f"{part.stem}.json"), summary)
    return summary


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


def run_tokens(
    work: TokensWork, parts: list[Part], demand: "Demand", execution: Execution
) -> tuple[list[dict[str, Any]], dict[str, Any], TokensWork]:
    """Runs stage 5 until every source has its quota of sequences.

    The passes were estimated from tokens per byte; a source that comes out short is done again
    with more, in proportion to what was missing.

    Returns:
      The summaries of all parts, facts about the run, and the work with the final passes.

    Raises:
      StageError: a source would need more than its `max_passes`.
    """
    work = _resumed(work, parts)
    for _ in range(ROUNDS):
        stale, add = _stale(work, parts), partial(add_tokens, work=work)
        summaries, facts = run_parts(work.stage, parts, add, execution, stale)
        short = demand.shortfalls(summaries)
        if not short:
            return summaries, facts, work
        work = work._replace(plans=demand.raised(work.plans, short))
    raise StageError(f"tokens: still short of sequences after {ROUNDS} rounds: {short}")


def _resumed(work: TokensWork, parts: list[Part]) -> TokensWork:
    """Returns the work with the passes that an earlier, stopped run had come to."""
    plans = dict(work.plans)
    done = finished_parts(work.stage, [part.stem for part in parts])
    for part in (part for part in parts if part.stem in done):
        passes = Fraction(done[part.stem]["passes"])
        if passes > plans[part.source].passes:
            plans[part.source] = dataclasses.replace(plans[part.source], passes=passes)
    return work._replace(plans=plans)


def _stale(work: TokensWork, parts: list[Part]) -> list[str]:
    """Returns the parts whose finished tokens were made with other passes."""
    done = finished_parts(work.stage, [part.stem for part in parts])
    return [
        part.stem
        for part in parts
        if part.stem in done and done[part.stem]["passes"] != str(work.plans[part.source].passes)
    ]


class Demand(NamedTuple):
    """What the mixture asks of each source, and how often its documents may be read for it."""

    quotas: dict[str, int]
    max_passes: dict[str, float]

    def shortfalls(self, summaries: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
        """Returns (available, quota) of each source that has too few sequences."""
        available = dict.fromkeys(self.quotas, 0)
        for summary in summaries:
            if summary["source"] in available:
                available[summary["source"]] += summary["sequences"]
        return {s: (n, self.quotas[s]) for s, n in available.items() if n < self.quotas[s]}

    def raised(
        self, plans: dict[str, TokenPlan], short: dict[str, tuple[int, int]]
    ) -> dict[str, TokenPlan]:
        """Returns the plans with more passes for the sources that were short."""
        raised = dict(plans)
        for source, (available, quota) in short.items():
            factor = Fraction(quota + 2, max(available, 1)) * Fraction(21, 20)
            passes = (plans[source].passes * factor).limit_denominator(1_000_000)
            if passes > exact(self.max_passes[source]):
                raise StageError(
                    f"tokens: {source} gives {available:,} of the {quota:,} sequences of its share"
                    f" in {float(plans[source].passes):.2f} passes; it would take about"
                    f" {float(passes):.2f} and max_passes is {self.max_passes[source]:g}. Lower"
                    " sequences.tokens, lower the weight, add input or raise max_passes"
                )
            raised[source] = dataclasses.replace(plans[source], passes=passes)
        return raised

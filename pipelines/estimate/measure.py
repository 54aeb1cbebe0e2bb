"""Measuring a sample: the build's own functions on it, with the CPU seconds of each stage."""

import math
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from massivetext.corpus.parts import Part
from massivetext.errors import ConfigError
from massivetext.pipelines.build import build
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.estimate.measured import Cost, Group, Measured
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.models import load_models
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import part_stem
from massivetext.pipelines.stages.documents.run import work_of
from massivetext.pipelines.stages.documents.write import write_documents
from massivetext.pipelines.stages.overlap.run import work_of as work_overlap
from massivetext.pipelines.stages.overlap.table import write_held_out
from massivetext.storage.files import list_sizes
from massivetext.storage.json_files import require_json

_WARMING_BYTES = 4 << 20  # of a larger part, what is done once is a small share


def measure(plan: Build) -> Measured:
    """Builds a sample, stage by stage, in this process; returns what it took.

    Raises:
      StageError: the sample is too small for the recipe.
    """
    groups, cpu, fixed = _groups(plan, _write_documents(plan)), {}, {}
    for name in plan.stages:
        sys.stderr.write(f"measuring {name} on {len(plan.parts)} parts\n")
        cpu[name] = _timed(partial(build, plan, only=name))
        fixed[name] = _timed(partial(build, plan, only=name))  # finds all done: the way there
    work = work_overlap(plan)
    beside = work._replace(stage=_beside(work.stage)).matches
    fixed["overlap"] += _timed(partial(write_held_out, beside, work.rules, work.punctuation))
    sources = _sources(plan)
    return Measured(groups, sources, _costs(plan, cpu, fixed, sources))


def _timed(work: Callable[[], object]) -> float:
    """Returns the CPU seconds that work takes, never none."""
    began = time.process_time()
    work()
    return max(time.process_time() - began, 1e-3)


def _facts(stage: Stage) -> dict[str, Any]:
    """Returns the manifest of a stage of the sample, which has just been built."""
    return require_json(stage.path(MANIFEST))


def _beside(stage: Stage) -> Stage:
    """Returns a stage that writes beside another: what is timed alone is none of the build's."""
    return stage._replace(folder=f"{stage.folder}-timed")


class _Done(NamedTuple):
    """A part of stage 1 that was written."""

    part: Part
    summary: dict[str, Any]
    cpu: float


def _write_documents(plan: Build) -> list[_Done]:
    """Writes stage 1's parts one after another, each by the clock, beside the build's own."""
    work = work_of(plan)
    work = work._replace(stage=_beside(work.stage))
    models, done = load_models(plan.models), []
    for part in _smallest(plan.parts):
        write_documents(part, work, models)  # what is done once in a process is none of a part's
    for part in plan.parts:
        sys.stderr.write(f"measuring documents: {part.source}, {part.bytes / 1e6:,.1f} MB\n")
        began = time.process_time()
        summary = write_documents(part, work, models)
        done.append(_Done(part, summary, time.process_time() - began))
    return done


def _smallest(parts: list[Part]) -> list[Part]:
    """Returns the smallest part of each format, if it is small."""
    found: dict[str, Part] = {}
    for part in sorted(parts, key=lambda part: part.bytes):
        if part.bytes <= _WARMING_BYTES:
            found.setdefault(part.format, part)
    return list(found.values())


def _groups(plan: Build, done: list[_Done]) -> dict[str, Group]:
    """Returns the documents stage by source and format."""
    sizes = list_sizes(_beside(plan.stages["documents"]).folder)
    found: dict[str, list[_Done]] = {}
    for one in done:
        found.setdefault(f"{one.part.source}/{one.part.format}", []).append(one)
    return {name: _group(group, sizes) for name, group in found.items()}


def _group(done: list[_Done], sizes: dict[str, int]) -> Group:
    records, kept, text = (
        sum(d.summary[name] for d in done) for name in ("records", "kept", "text_bytes")
    )
    output = sum(size for d in done for name, size in sizes.items() if d.part.stem in name)
    read = sum(d.part.bytes for d in done)
    cpu = sum(d.cpu for d in done)
    return Group(read, records, kept, text, output, cpu, _spread(done))


def _spread(done: list[_Done]) -> float:
    """Returns the relative standard error of text a byte of input; 1 where one part tells none."""
    shares = [d.summary["text_bytes"] / max(d.part.bytes, 1) for d in done]
    mean = float(statistics.mean(shares))
    if len(shares) < 2 or not mean:
        return 1.0
    return round(float(statistics.stdev(shares)) / mean / math.sqrt(len(shares)), 3)


def _sources(plan: Build) -> dict[str, dict[str, float]]:
    """Returns, for each source, what stages 3 and 4 counted, and the text that stage 1 kept."""
    kept = _facts(plan.stages["documents"])["sources"]
    counts = _facts(plan.stages["overlap"])["sources"]
    density = _facts(plan.stages["vocabulary"])["tokens_per_byte"]
    plain = {
        source: {n: v for n, v in found.items() if isinstance(v, int)}
        for source, found in counts.items()
    }
    return {
        source: found
        | {"stage_1_text_bytes": kept[source]["text_bytes"], "stage_1_kept": kept[source]["kept"]}
        | {"tokens_per_byte": density.get(source, 0.0)}
        for source, found in plain.items()
    }


def _costs(
    plan: Build,
    cpu: dict[str, float],
    fixed: dict[str, float],
    sources: dict[str, dict[str, float]],
) -> dict[str, Cost]:
    trained = _facts(plan.stages["vocabulary"])["sample_bytes"]
    tokens = _facts(plan.stages["tokens"])["sources"].values()
    drivers = {
        "duplicates": sum(int(found["stage_1_kept"]) for found in sources.values()),
        "overlap": sum(int(found["stage_1_text_bytes"]) for found in sources.values()),
        "vocabulary": sum(trained.values()),
        "tokens": sum(total["bytes"] + total["validation_bytes"] for total in tokens),
    }
    drivers["sequences"] = drivers["tokens"]
    if not all(drivers.values()):
        raise ConfigError("--measure: the sample keeps no text; take a larger --sample")
    return {
        name: _cost(plan.stages[name], driver, cpu[name], min(fixed[name], cpu[name]))
        for name, driver in drivers.items()
    }


def _cost(stage: Stage, driver: int, cpu: float, fixed: float) -> Cost:
    found = _facts(stage).get("shuffled_bytes", 0)
    shuffled = int(found["total"] if isinstance(found, dict) else found)
    sizes = [item for half in (stage, *stage.halves()) for item in list_sizes(half.folder).items()]
    grows = sum(size for name, size in sizes if part_stem(name) or stage.name == "sequences")
    rest = sum(size for _, size in sizes) - grows
    return Cost(driver, cpu - fixed, shuffled, grows, fixed, rest)

"""Running stage 3: what documents share is found, how famous it is counted, and then judged."""

from functools import partial
from typing import Any

from massivetext.corpus.conservation import account, check_records
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts
from massivetext.pipelines.folder.stage import manifest_of
from massivetext.pipelines.stages.overlap.common import write_frequencies
from massivetext.pipelines.stages.overlap.compare import add_overlap
from massivetext.pipelines.stages.overlap.held_out_files import resolved_overlap
from massivetext.pipelines.stages.overlap.match import add_matches
from massivetext.pipelines.stages.overlap.table import FACTS, load_held_out, write_held_out
from massivetext.pipelines.stages.overlap.work import OverlapWork
from massivetext.pipelines.stages.survivors import SplitRules
from massivetext.storage.json_files import read_json


def run_overlap(build: Build) -> dict[str, Any]:
    """Runs stage 3; returns its manifest with what survives of each source."""
    stage, recipe = build.stages["overlap"], build.recipe
    chosen = recipe.sequences
    split = SplitRules(recipe.seed, chosen.validation_fraction, chosen.crop_bytes)
    punctuation = recipe.duplicates.punctuation
    work = OverlapWork(stage, build.output, resolved_overlap(recipe), split, punctuation)
    matches = manifest_of(work.matches) or _match(build, work)
    add = partial(add_overlap, work=work, documents=matches["documents"])
    summaries, facts = run_parts(stage, build.parts, add, build.execution)
    totals = account(summaries)
    check_records(stage.name, totals)
    facts |= {"sets": matches["sets"], "rule": work.rules.rule}
    facts["rules"] = _sum_of(totals)
    return finish_parts(stage, build.parts, summaries, {"sources": totals, **facts})


def _match(build: Build, work: OverlapWork) -> dict[str, Any]:
    """Runs the first half of the stage; returns its manifest."""
    ready = partial(write_held_out, work.matches, work.rules, work.punctuation)
    stage = work.matches
    summaries, facts = run_parts(
        stage, build.parts, partial(add_matches, work=work), build.execution, ready=ready
    )
    write_frequencies(work, [part.stem for part in build.parts], load_held_out(stage).lookup)
    facts |= {"documents": sum(summary["records"] for summary in summaries)}
    facts["sets"] = read_json(stage.path(FACTS)) or {}
    return finish_parts(stage, build.parts, summaries, facts)


def _sum_of(totals: dict[str, dict[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for total in totals.values():
        for rule, count in total["rules"].items():
            sums[rule] = sums.get(rule, 0) + count
    return sums

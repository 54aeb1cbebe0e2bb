"""Running stage 3: what documents share is found, how famous it is counted, and then judged."""

from functools import partial
from typing import Any

from massivetext.config.sources import like_of
from massivetext.corpus.conservation import account, check_records
from massivetext.pipelines.changes.why import why_half
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, with_made_from
from massivetext.pipelines.folder.stage import UP_TO_DATE, manifest_of
from massivetext.pipelines.stages.overlap.common import write_guard
from massivetext.pipelines.stages.overlap.compare import add_overlap
from massivetext.pipelines.stages.overlap.held_out_files import resolved_overlap
from massivetext.pipelines.stages.overlap.match import add_matches, read_matches
from massivetext.pipelines.stages.overlap.origin import match_origins, overlap_origins
from massivetext.pipelines.stages.overlap.table import FACTS, load_held_out, write_held_out
from massivetext.pipelines.stages.overlap.work import TITLE_SOURCE, OverlapWork
from massivetext.pipelines.stages.survivors import SplitRules
from massivetext.storage.files import exists
from massivetext.storage.json_files import require_json


def run_overlap(build: Build) -> dict[str, Any]:
    """Runs stage 3; returns its manifest with what survives of each source."""
    stage, work = build.stages["overlap"], work_of(build)
    matches = _known_matches(build, work) or _match(build, work)
    add = partial(add_overlap, work=work)
    parts = with_made_from(build.parts, overlap_origins(build))
    summaries, facts = run_parts(stage, parts, add, build.execution)
    totals = account(summaries)
    check_records(stage.name, totals)
    facts |= {"sets": matches["sets"], "rule": work.rules.rule}
    facts["rules"] = _sum_of(totals)
    return finish_parts(stage, build.parts, summaries, {"sources": totals, **facts})


def work_of(build: Build) -> OverlapWork:
    """Returns what workers need to find and judge overlap."""
    stage, recipe = build.stages["overlap"], build.recipe
    chosen = recipe.sequences
    split = SplitRules(recipe.seed, chosen.validation, chosen.crop_bytes)
    punctuation = recipe.duplicates.punctuation
    titled = tuple(n for n, s in recipe.sources.items() if like_of(n, s) == TITLE_SOURCE)
    held_out = resolved_overlap(recipe)
    return OverlapWork(stage, build.output, held_out, split, punctuation, titled)


def _known_matches(build: Build, work: OverlapWork) -> dict[str, Any] | None:
    """Returns the manifest of the first half of the stage if nothing of it is missing or old."""
    half = work.stage.half("matches")
    return manifest_of(half) if why_half(half, match_origins(build)) == UP_TO_DATE else None


def _match(build: Build, work: OverlapWork) -> dict[str, Any]:
    """Runs the first half of the stage; returns its manifest."""
    ready = partial(write_held_out, work.matches, work.rules, work.punctuation)
    stage = work.matches
    parts = with_made_from(build.parts, match_origins(build))
    add = partial(add_matches, work=work)
    summaries, facts = run_parts(stage, parts, add, build.execution, ready)
    if len(summaries) == len(build.parts):  # else the last line says which are missing
        facts |= _finish_matches(build, work, sum(summary["records"] for summary in summaries))
    return finish_parts(stage, build.parts, summaries, facts)


def _finish_matches(build: Build, work: OverlapWork, documents: int) -> dict[str, Any]:
    """Writes the guard; returns facts. A run that stopped here has all parts, but no tables."""
    stage = work.matches
    if not exists(stage.path(FACTS)):
        write_held_out(stage, work.rules, work.punctuation)
    lookup = load_held_out(stage).lookup
    shared = (found for part in build.parts for _, _, found in read_matches(work, part.stem))
    write_guard(work, shared, lookup, documents)
    return {"documents": documents, "sets": require_json(stage.path(FACTS))}


def _sum_of(totals: dict[str, dict[str, Any]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for total in totals.values():
        for rule, count in total["rules"].items():
            sums[rule] = sums.get(rule, 0) + count
    return sums

"""Running stage 1 and accounting for every record that went in."""

from functools import partial
from typing import Any

from massivetext.corpus.conservation import (
    account,
    check_bad,
    check_kept_keys,
    check_records,
)
from massivetext.dedup.signature import Shingles
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.processes import Add
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, with_made_from
from massivetext.pipelines.stages.documents.origin import note_versions
from massivetext.pipelines.stages.documents.rejudged import add_rejudged, rejudge_work
from massivetext.pipelines.stages.documents.sources import source_works
from massivetext.pipelines.stages.documents.write import DocumentsWork, add_documents


def run_documents(build: Build) -> dict[str, Any]:
    """Runs stage 1; returns its manifest."""
    stage, recipe = build.stages["documents"], build.recipe
    parts = with_made_from(build.parts, build.origins["documents"])
    work, ready = work_of(build), partial(note_versions, build)
    add: Add = partial(add_documents, work=work)
    if build.earlier is not None:
        add = partial(add_rejudged, work=rejudge_work(work, recipe, build.earlier))
    summaries, facts = run_parts(stage, parts, add, build.execution, ready)
    totals = account(summaries)
    check_records(stage.name, totals)
    check_bad(totals, recipe.max_bad_fraction)
    check_kept_keys(totals)
    return finish_parts(stage, build.parts, summaries, {"sources": totals, **facts})


def work_of(build: Build) -> DocumentsWork:
    """Returns what a worker needs to turn parts into documents."""
    stage, recipe = build.stages["documents"], build.recipe
    chosen = recipe.duplicates
    shingles = Shingles(chosen.shingle_words, chosen.punctuation)
    sources = source_works(recipe)
    return DocumentsWork(stage, recipe.filters, build.models, recipe.seed, shingles, sources)

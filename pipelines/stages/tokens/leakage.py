"""Running the comparison of validation with train: two passes over parts, each with its table."""

from functools import partial

from massivetext.corpus.parts import Origins, Part
from massivetext.pipelines.changes.why import why_half
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, with_made_from
from massivetext.pipelines.folder.stage import UP_TO_DATE
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.tokens.held_keys import add_keys, write_table
from massivetext.pipelines.stages.tokens.key_search import add_search, write_union
from massivetext.pipelines.stages.tokens.origin import found_origins, held_origins


def find_leakage(work: LeakageWork, build: Build) -> None:
    """Finds which 13-grams of the validation split stand in train, unless that is known.

    What a worker holds is one document's keys and a table that is mapped: neither split has to
    fit into memory.
    """
    held = held_origins(build)
    if why_half(work.stage.half("held"), held) != UP_TO_DATE:
        parts = _parts(build, held)
        stems = [part.stem for part in parts]
        summaries, facts = run_parts(
            work.held, parts, partial(add_keys, work=work), build.execution
        )
        if len(summaries) == len(parts):  # else the last line says which are missing
            write_table(work, stems, sum(summary["keys"] for summary in summaries))
        finish_parts(work.held, parts, summaries, facts)
    found = found_origins(build)
    if why_half(work.stage.half("found"), found) != UP_TO_DATE:
        parts = _parts(build, found)
        stems = [part.stem for part in parts]
        summaries, facts = run_parts(
            work.found, parts, partial(add_search, work=work), build.execution
        )
        if len(summaries) == len(parts):
            write_union(work, stems)
        finish_parts(work.found, parts, summaries, facts)


def _parts(build: Build, origins: Origins) -> list[Part]:
    known = origins.parts or {}
    return with_made_from([part for part in build.parts if part.stem in known], origins)

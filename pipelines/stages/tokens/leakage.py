"""Running the comparison of validation with train: two passes over parts, each with its table."""

from collections.abc import Callable
from functools import partial
from typing import Any

from massivetext.corpus.origins import Origins
from massivetext.corpus.parts import Part
from massivetext.pipelines.changes.why import why_half
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, with_made_from
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.stage import UP_TO_DATE, Stage
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.tokens.held_keys import add_keys, write_table
from massivetext.pipelines.stages.tokens.key_search import add_search, write_union
from massivetext.pipelines.stages.tokens.origin import found_origins, held_origins


def find_leakage(work: LeakageWork, build: Build) -> None:
    """Finds which 13-grams of the validation split stand in train, unless that is known.

    What a worker holds is one document's keys and a table that is mapped: neither split has to
    fit into memory.
    """

    def write_keys(stems: list[str], summaries: list[dict[str, Any]]) -> None:
        write_table(work, stems, sum(summary["keys"] for summary in summaries))

    def write_places(stems: list[str], _: list[dict[str, Any]]) -> None:
        write_union(work, stems)

    _run_half(build, work.held, held_origins(build), partial(add_keys, work=work), write_keys)
    _run_half(build, work.found, found_origins(build), partial(add_search, work=work), write_places)


def _run_half(
    build: Build,
    half: Stage,
    origins: Origins,
    add: Callable[[flow.Elements], None],
    write: Callable[[list[str], list[dict[str, Any]]], None],
) -> None:
    """Runs a half's parts, and writes its table of all of them, unless it is up to date."""
    if why_half(half, origins) == UP_TO_DATE:
        return
    parts = _parts(build, origins)
    summaries, facts = run_parts(half, parts, add, build.execution)
    if len(summaries) == len(parts):  # else the last line says which are missing
        write([part.stem for part in parts], summaries)
    finish_parts(half, parts, summaries, facts)


def _parts(build: Build, origins: Origins) -> list[Part]:
    known = origins.parts or {}
    return with_made_from([part for part in build.parts if part.stem in known], origins)

"""Running the comparison of validation with train: two passes over parts, each with its table."""

from collections.abc import Sequence
from functools import partial

from massivetext.corpus.parts import Part
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.stage import UP_TO_DATE, why_it_runs
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.tokens.held_keys import add_keys, write_table
from massivetext.pipelines.stages.tokens.key_search import add_search, write_union


def find_leakage(work: LeakageWork, parts: Sequence[Part], execution: Execution) -> None:
    """Finds which 13-grams of the validation split stand in train, unless that is known.

    What a worker holds is one document's keys and a table that is mapped: neither split has to
    fit into memory.
    """
    stems = [part.stem for part in parts]
    if why_it_runs(work.held) != UP_TO_DATE:
        summaries, facts = run_parts(work.held, parts, partial(add_keys, work=work), execution)
        if len(summaries) == len(parts):  # else the last line says which are missing
            write_table(work, stems, sum(summary["keys"] for summary in summaries))
        finish_parts(work.held, parts, summaries, facts)
    if why_it_runs(work.found) != UP_TO_DATE:
        summaries, facts = run_parts(work.found, parts, partial(add_search, work=work), execution)
        if len(summaries) == len(parts):
            write_union(work, stems)
        finish_parts(work.found, parts, summaries, facts)

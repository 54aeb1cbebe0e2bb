"""Stage 1 from a finished build: its documents judged by other thresholds, the inputs not read.

A part comes out byte for byte as if it had been made from the inputs: rows stand in the order in
which they were read, measures are those that are stored, and the signature of a document that
comes back is made from its stored text.
"""

import dataclasses
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

from massivetext.config.recipe import Recipe, filters_of
from massivetext.corpus.parts import Part
from massivetext.dedup.signature import sign
from massivetext.filters.personal.mask import Masked
from massivetext.filters.rejudge.document import Judged, Stored, rejudge_document
from massivetext.filters.rejudge.thresholds import Thresholds, thresholds_of
from massivetext.measures import Measures
from massivetext.pipelines.changes.versions import made_from
from massivetext.pipelines.engine.build_plan import Earlier
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import Note, check_interrupt
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import SUMS, Written, open_part_file, summed_files
from massivetext.pipelines.stages.documents.stored import StoredDocument, stored_documents
from massivetext.pipelines.stages.documents.write import DocumentsWork, PartFiles, keeps_text
from massivetext.shards.document_files import MASKED, TEXT, TEXT_BYTES, Row
from massivetext.storage.json_files import require_json
from massivetext.storage.paths import join

_NOT_MEASURED = (None,) * len(Measures._fields)
_OF_PART = ("not_taken", "masked", SUMS)  # of a summary: other than before, or not there


class RejudgeWork(NamedTuple):
    """What a worker needs to make parts from those of a finished build."""

    documents: DocumentsWork
    folder: str  # of the finished build's documents
    thresholds: Mapping[str, Thresholds]  # by source
    only_tighter: bool


def rejudge_work(work: DocumentsWork, recipe: Recipe, earlier: Earlier) -> RejudgeWork:
    """Returns the work of judging the documents of an earlier build by a recipe."""
    thresholds = {
        source: thresholds_of(
            source, filters_of(earlier.recipe, source), filters_of(recipe, source)
        )
        for source in recipe.sources
    }
    return RejudgeWork(work, join(earlier.output, "documents"), thresholds, earlier.only_tighter)


def add_rejudged(parts: flow.Elements, work: RejudgeWork) -> None:
    """Adds stage 1 to the pipeline of a collection of parts."""
    _ = parts | "rejudge documents" >> flow.do(_Rejudge(work))


class _Rejudge:
    def __init__(self, work: RejudgeWork) -> None:
        self._work = work

    def process(self, part: Part) -> None:
        rejudge_part(part, self._work)


def rejudge_part(part: Part, work: RejudgeWork) -> None:
    """Writes the files and the summary of one part."""
    before, written = require_json(join(work.folder, f"{part.stem}.json")), Written()
    contents = [tuple(found) for found in before["contents"]]
    made = made_from(part.made_from["recipe"], part, contents)
    stage = work.documents.stage
    summary = summary_of(stage, dataclasses.replace(part, made_from=made))
    if before["made_from"]["recipe"] == made["recipe"]:
        _copy_files(before, work, written)
        summary = before | summary
        summary.pop(SUMS)
    else:
        kept = {name: value for name, value in before.items() if name not in _OF_PART}
        summary = kept | summary | _write_files(part, before, work, written)
    written.write_summary(stage.path(f"{part.stem}.json"), summary)


def _copy_files(before: dict[str, Any], work: RejudgeWork, written: Written) -> None:
    """Copies the files of a part whose rules are the same."""
    stage = work.documents.stage
    for found in summed_files(before):
        path = stage.path(found.name)
        with open_part_file(join(work.folder, found.name)) as old, written.new_file(path) as new:
            shutil.copyfileobj(old, new, 1 << 20)


def _write_files(
    part: Part, before: dict[str, Any], work: RejudgeWork, written: Written
) -> dict[str, Any]:
    """Writes the files of a part anew; returns what of its summary is other than before."""
    stage: Stage = work.documents.stage
    errors, not_taken = f"errors-{part.stem}.jsonl", 0
    with ExitStack() as stack:
        asked = work.documents.filters.measure_language_drops
        files = PartFiles(stack, written, stage, part.stem, None, asked)
        for document in stored_documents(work.folder, part, work.thresholds[part.source]):
            if Note.requested:
                check_interrupt()
            not_taken += _add(files, document, work, part.source)
        if before["errors"]:
            with open_part_file(join(work.folder, errors)) as lines:
                files.copy_errors(lines, before["errors"])
        files.close()
    if not files.errors:
        written.delete(stage.path(errors))
    found: dict[str, Any] = {"kept": files.kept, "dropped": dict(sorted(files.dropped.items()))}
    found |= {"text_bytes": files.text_bytes}
    found |= {"masked": dict(files.masked)} if files.masked else {}
    return found | ({"not_taken": not_taken} if not_taken else {})


def _add(files: PartFiles, document: StoredDocument, work: RejudgeWork, source: str) -> bool:
    """Writes a document where it belongs now; returns whether it is left out against the rules."""
    about, reasons, signature, measures, asked = document[1:6]
    stored = Stored(reasons, measures, about[TEXT_BYTES] > 0, *document[6:])
    judged = rejudge_document(stored, work.thresholds[source])
    comes_back = bool(reasons) and not judged.reasons
    left = bool(judged.missing) or (comes_back and work.only_tighter)
    if left:
        judged = Judged(reasons, measures is not None)
    if judged.reasons:
        if not reasons:
            about = _without_text(about, work.documents)
        counts: Row = measures if measures and judged.measured else _NOT_MEASURED
        row = (*about, list(judged.reasons), *counts, *asked)
        files.write_dropped(row, judged.reasons[0])
        return left
    if signature is None:
        signature = sign(about[TEXT], work.documents.shingles)
    masked = about[MASKED]
    row = (*about, *signature, *(measures or _NOT_MEASURED), *asked)
    files.write_kept(row, None if masked[0] is None else Masked(*masked))
    return left


def _without_text(about: Row, work: DocumentsWork) -> Row:
    """Returns the values of a document that is dropped now; the recipe may not keep its text."""
    if keeps_text(about[0], work.filters.keep_dropped_text, work.seed):
        return about
    return tuple({TEXT: "", TEXT_BYTES: 0}.get(place, v) for place, v in enumerate(about))

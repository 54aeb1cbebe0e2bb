"""Stage 1, documents: read, extract and filter each part; write what is kept, dropped and broken.

`Create(parts) | Reshuffle | one DoFn`: a part is read in order by plain generators and its files
are written whole, so what stands in which row depends on the input alone.
"""

import dataclasses
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from massivetext.config.recipe import Filters
from massivetext.corpus.parts import Part, Slice
from massivetext.dedup.signature import SHINGLES, Shingles
from massivetext.document import Broken, Dropped, Origin, Record, place_of
from massivetext.errors import RecordError, StageError
from massivetext.filters.judge import Models, Verdict, judge
from massivetext.filters.language.detect import ask
from massivetext.filters.measure import Measures
from massivetext.filters.own.call import OwnFunction
from massivetext.filters.personal.mask import Masked
from massivetext.filters.safety.opt_outs import find_opt_outs
from massivetext.finished.taken_out import read_taken_out
from massivetext.hashing import hash_fraction
from massivetext.pipelines.changes.versions import contents_of, made_from
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.interrupts import Note, check_interrupt
from massivetext.pipelines.folder.models import ModelPaths, load_models
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.documents.sources import SourceWork, Unseen
from massivetext.readers.formats import reader_for
from massivetext.shards.document_files import (
    DROPPED,
    KEPT,
    NO_SCORE,
    NOT_ASKED,
    NOT_MASKED,
    TEXT_BYTES,
    Row,
    RowWriter,
    document_schema,
    dropped_row,
    error_line,
    kept_row,
)
from massivetext.storage.files import find_file, open_file

TellSize = Callable[[int], object]  # is told the bytes of text of each document that is kept


class DocumentsWork(NamedTuple):
    """What a worker needs to turn parts into documents."""

    stage: Stage
    filters: Filters
    models: ModelPaths
    seed: int
    shingles: Shingles = SHINGLES
    sources: Mapping[str, SourceWork] = {}  # others are read as they are

    def of(self, source: str) -> SourceWork:
        """Returns the work on a source."""
        return self.sources.get(source) or SourceWork(source, source, self.filters)


def add_documents(parts: flow.Elements, work: DocumentsWork) -> None:
    """Adds stage 1 to the pipeline of a collection of parts."""
    _ = parts | "write documents" >> flow.do(_WriteDocuments(work))


class _WriteDocuments:
    def __init__(self, work: DocumentsWork) -> None:
        self._work = work
        names = ("records", "kept", "errors")
        self._counters = {name: flow.Counter("documents", name) for name in names}
        self._text_bytes = flow.Distribution("documents", "text_bytes")

    def setup(self) -> None:
        self._models = load_models(self._work.models)

    def process(self, part: Part) -> None:
        # Without Beam nobody asks: a record is spared the call.
        tell_size = self._text_bytes.update if flow.METRICS in sys.modules else None
        summary = write_documents(part, self._work, self._models, tell_size)
        for name, counter in self._counters.items():
            counter.inc(summary[name])
        for reason, count in summary["dropped"].items():
            flow.Counter("dropped", reason).inc(count)


def read_part(part: Part, source: SourceWork) -> Iterator[Record]:
    """Returns every record of a part, in the order of its slices.

    Raises:
      StageError: an input is not the one that was planned, or changed while it was read.
    """
    return chain.from_iterable(_read_slices(part, source))


def _read_slices(part: Part, source: SourceWork) -> Iterator[Iterator[Record]]:
    """Yields the records of each slice; its file is open until the next is asked for."""
    read = reader_for(source.like, part.format, source.fields)
    for piece in part.slices:
        with open_file(piece.path) as file:
            yield read(file, Origin(part.source, piece.name), piece.start, piece.end)
        _check_unchanged(piece)


def _check_unchanged(piece: Slice) -> None:
    """After reading: what was there before, too, is only known then."""
    found = find_file(piece.path)
    if piece.version and (
        found is None or (found.size, found.version) != (piece.size, piece.version)
    ):
        raise StageError(
            f"{piece.path} changed while it was read; when it is whole, run the same command again"
        )


def write_documents(
    part: Part, work: DocumentsWork, models: Models, tell_size: TellSize | None = None
) -> dict[str, Any]:
    """Writes the three files and the summary of one part; returns the summary."""
    stage, source = work.stage, work.of(part.source)
    own = {entry: function.uncounted() for entry, function in models.own.items()}
    models = models._replace(own=own)
    keys = Unseen(source.fields.keep) if source.fields and source.fields.keep else None
    written = Written()
    with ExitStack() as stack:
        asked = work.filters.measure_language_drops
        files = PartFiles(stack, written, stage, part.stem, tell_size, asked)
        look_at = keys.look_at if keys else None
        for record in read_part(part, source):
            if Note.requested:
                check_interrupt()
            if look_at is not None:
                look_at(record)
            files.add(record, work, source.filters, models)
        files.close()
    if not files.errors:
        written.delete(stage.path(f"errors-{part.stem}.jsonl"))
    contents = contents_of(part)  # after reading: it is the version that was read
    for piece in part.slices:
        _check_unchanged(piece)
    made = made_from(part.made_from.get("recipe", ""), part, contents)
    summary = summary_of(stage, dataclasses.replace(part, made_from=made))
    summary |= {"contents": contents}
    summary |= {"format": part.format, "input_bytes": part.bytes, "records": files.records}
    summary |= {"kept": files.kept, "dropped": dict(sorted(files.dropped.items()))}
    summary |= {"errors": files.errors, "text_bytes": files.text_bytes}
    summary |= {"first_error": files.first_error} if files.errors else {}
    summary |= {"masked": dict(files.masked)} if files.masked else {}
    summary |= {"opt_outs": dict(sorted(files.opt_outs.items()))} if files.opt_outs else {}
    summary |= (keys.summary() if keys else {}) | costs_of(own.values())
    written.write_summary(stage.path(f"{part.stem}.json"), summary)
    return summary


def judged(
    record: Record, filters: Filters, models: Models, shingles: Shingles = SHINGLES
) -> Verdict | Broken:
    """Returns what becomes of a record; one on which a function of the user's raises is broken."""
    if isinstance(record, Broken):
        return record
    if isinstance(record, Dropped):
        return Verdict(record.document, "", record.reasons)
    try:
        return judge(record, filters, models, shingles)
    except RecordError as error:
        return Broken(*(place_of(record.id) or ("", 0)), str(error))


class PartFiles:
    """The open output files of one part and the counts of what went into them."""

    def __init__(
        self,
        stack: ExitStack,
        written: Written,
        stage: Stage,
        stem: str,
        tell_size: TellSize | None = None,
        asked: bool = False,
    ) -> None:
        self._tell_size, self._asked = tell_size, asked
        names = Measures._fields
        kept = stack.enter_context(written.new_file(stage.path(f"{stem}.parquet")))
        dropped = stack.enter_context(written.new_file(stage.path(f"dropped-{stem}.parquet")))
        self._errors = stack.enter_context(written.new_file(stage.path(f"errors-{stem}.jsonl")))
        taken = read_taken_out(stage.folder.rpartition("/")[0], stem)
        self._kept = RowWriter(kept, document_schema(KEPT, names, asked), taken.rows)
        self._dropped = RowWriter(dropped, document_schema(DROPPED, names, asked), taken.dropped)
        for writer in (self._kept, self._dropped):
            stack.callback(writer.abandon)  # before its file is closed
        self.records = self.kept = self.errors = self.text_bytes = 0
        self.first_error = ""
        self.dropped: Counter[str] = Counter()
        self.masked: Counter[str] = Counter()
        self.opt_outs: Counter[str] = Counter()

    def add(self, record: Record, work: DocumentsWork, filters: Filters, models: Models) -> None:
        """Judges one record and writes it where it belongs."""
        self.records += 1
        verdict = judged(record, filters, models, work.shingles)
        if isinstance(verdict, Broken):
            self.errors += 1
            self.first_error = self.first_error or str(verdict)
            self._errors.write(error_line(verdict))
            return
        document, site, reasons, language, measures, signature, masked, explicit = verdict
        said = document.signals
        if said.robots or said.tdm_reservation or said.content_usage:
            self.opt_outs.update({"pages": 1}, **dict.fromkeys(find_opt_outs(said), 1))
        scores = language[:2] if language else NO_SCORE
        content = (*scores, explicit, *(masked or NOT_MASKED))
        last: Row = ()
        if self._asked:
            last = ask(language, filters.language, document.text) if language else NOT_ASKED
        if reasons:
            keep = work.filters.keep_dropped_text
            if keep != "all" and not keeps_text(document.id, keep, work.seed):
                document = document._replace(text="")
            row = dropped_row(document, site, content, reasons, measures)
            self.write_dropped((*row, *last), reasons[0])
        else:
            self.kept += 1  # in place, as `write_kept` does it: the way of a record stays short
            if masked is not None:
                self.masked.update(documents=any(masked), **masked._asdict())
            row = kept_row(document, site, content, signature, measures)
            self._kept.write((*row, *last))
            if self._tell_size is not None:
                self._tell_size(row[TEXT_BYTES])

    def write_dropped(self, row: Row, reason: str) -> None:
        """Writes the row of a document that is dropped for a reason."""
        self.dropped[reason] += 1
        self._dropped.write(row)

    def write_kept(self, row: Row, masked: Masked | None) -> None:
        """Writes the row of a document that is kept, and counts what was masked in it."""
        self.kept += 1
        if masked is not None:
            self.masked.update(documents=any(masked), **masked._asdict())
        self._kept.write(row)
        if self._tell_size is not None:
            self._tell_size(row[TEXT_BYTES])

    def copy_errors(self, lines: BinaryIO, count: int) -> None:
        """Takes over the lines of records that could not be read."""
        self.errors += count
        shutil.copyfileobj(lines, self._errors)

    def close(self) -> None:
        """Completes the files; they appear when the part's block ends."""
        self._kept.close()
        self.text_bytes = self._kept.text_bytes
        self._dropped.close()


def costs_of(own: Iterable[OwnFunction]) -> dict[str, dict[str, int]]:
    """Returns, for a summary, how often the user's functions were called and what that took."""
    called = [function for function in own if function.calls]
    if not called:
        return {}
    return {
        "own_calls": {f.name: f.calls for f in called},
        "own_microseconds": {f.name: f.nanoseconds // 1_000 for f in called},
    }


def keeps_text(name: str, keep: str | float, seed: int) -> bool:
    """Returns whether the text of a dropped document is stored: all, none, or a share by hash.

    Args:
      name: its id.
      keep: as the recipe says.
      seed: of the recipe.
    """
    if isinstance(keep, float):
        return hash_fraction(seed, "keep dropped text", name) < keep
    return keep == "all"

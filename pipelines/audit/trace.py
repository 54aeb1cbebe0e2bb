"""One sequence of a shard: its tokens as written, and as derived anew from its documents."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.corpus.parts import Part
from massivetext.errors import ConfigError
from massivetext.finished.taken_out import Gaps, read_taken_out
from massivetext.pipelines.audit.derive import (
    Derived,
    Piece,
    Span,
    derive,
    derive_at,
    derive_pieces,
    token_plan,
)
from massivetext.pipelines.audit.documents import Survivor, stored_documents
from massivetext.pipelines.audit.places import Place, places_of
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.stages.tokens.write import packed_as
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.shards.tfrecord import RecordFile
from massivetext.storage.files import open_file
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import TokenPlan


class Trace(NamedTuple):
    """Where a sequence of a shard comes from."""

    shard: str
    record: int
    place: Place
    part: str  # whose token file has it
    derived: Derived
    equal: bool  # whether the tokens derived are those of the shard


def trace(build: Build, shard: str, record: int) -> Trace:
    """Returns the documents, crops and positions of one sequence, from ``documents/``.

    Args:
      build: from `open_build`.
      shard: the name of the shard's file.
      record: its number in the shard, from 0.

    Raises:
      ConfigError: there is no such shard or record.
      DamagedFile: a file that was read is not what was written.
    """
    places = places_of(build, shard)
    if not 0 <= record < len(places):
        raise ConfigError(f"{shard} has {len(places):,} records, not number {record}")
    place = places[record]
    documents = partial(stored_documents, build)
    derived = derive_places(build, [place], documents, load_encoder(build.output))[place]
    written = read_record(build, shard, record)
    stem, equal = build.parts[place.part].stem, np.array_equal(written, derived.tokens)
    return Trace(shard, record, place, stem, derived, equal)


Documents = Callable[[Part], Iterable[Survivor]]  # the survivors of a part, of both splits


def derive_places(
    build: Build, places: Sequence[Place], documents: Documents, encoder: Encoder
) -> dict[Place, Derived]:
    """Returns the sequences at places of one split and of the same parts.

    A place that the derived parts do not reach has a sequence of no tokens.
    """
    validation = places[0].validation
    pieces: list[Piece] = []
    for part in (part for part in build.parts if part.number in places[0].parts):
        plan = token_plan(build, part.stem, validation)
        side = (found for found in documents(part) if found.validation == validation)
        gaps = () if validation else _gaps(build, part, plan)
        pieces += derive_pieces(side, encoder, plan, gaps)
    if validation:
        return {p: derive_at(pieces, p.begin, encoder, plan.length) for p in places}
    found = derive(pieces, {place.row for place in places}, encoder, plan)
    nothing = Derived(np.empty(0, np.uint16), [])
    return {place: found.get(place.row, nothing) for place in places}


def _gaps(build: Build, part: Part, plan: TokenPlan) -> Gaps:
    return read_taken_out(build.output, part.stem).gaps(packed_as(build.stages["tokens"], plan))


def read_record(build: Build, shard: str, record: int) -> NDArray[np.uint16]:
    """Returns the tokens, (length + 1,), of a record of a shard."""
    path = build.stages["sequences"].path(shard.rpartition("/")[2])
    with open_file(path) as file:
        return RecordFile(file, build.recipe.sequences.length, path)[record][1]


def as_json(found: Trace) -> dict[str, Any]:
    """Returns a trace as JSON values; ranges are from the first up to, not with, the last."""
    return {
        "shard": found.shard,
        "record": found.record,
        "source": found.place.source,
        "part": found.part,
        "row": found.place.row,
        "tokens": len(found.derived.tokens),
        "equal": found.equal,
        "documents": [_span(span) for span in found.derived.spans],
    }


def _span(span: Span) -> dict[str, Any]:
    document = span.document
    known = {name: value for name, value in document.about.items() if value not in (None, "")}
    return {
        "id": document.id,
        "row": document.row,
        **known,
        "text_bytes": len(document.text.encode()),
        "pass": span.passed,
        "crop": list(span.crop),
        "bytes": list(span.bytes),
        "tokens": list(span.tokens),
    }

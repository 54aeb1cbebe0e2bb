"""Taking documents out of a finished build: all is planned and written down, then done.

Nothing is changed before ``taken-out/record.json`` stands, which says what is to be done. Each step
gives the same files however often it is done, so a stopped run is finished by the same command. No
row, group of crops or place in a shard moves: a document leaves its row without text, its crops
gaps in their groups, and only the sequences behind them in a group are packed anew.
"""

import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from massivetext.errors import ConfigError
from massivetext.finished import build as finished
from massivetext.finished.taken_out import FOLDER, RECORD, as_json, read_record
from massivetext.pipelines.audit.documents import Survivor
from massivetext.pipelines.audit.named import By, Rows, add_copies, find_named
from massivetext.pipelines.audit.removal import Dealt, Removal, find_dealt, plan_removal
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.stage import all_parts
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.sequences.run import DATASET, plan_splits
from massivetext.pipelines.stages.survivors import left_out_rows, mixed_sources
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.shards.document_columns import read_rows
from massivetext.shards.tfds_metadata import shard_name
from massivetext.similar.index import make_index
from massivetext.similar.search import dropped_rows, find_similar
from massivetext.storage.files import write_bytes
from massivetext.storage.json_files import summed_json, write_summed_json
from massivetext.storage.paths import join

NEAR = 0.5  # Jaccard from which a document that stays is listed as a near copy
PLAIN_SECONDS = 10.0  # between two lines on progress
_LISTED = 20  # near copies of a document, at most


_Placed = tuple[tuple[str, int], str]  # the part's stem and the row of a document; its text


class Found(NamedTuple):
    """What a list names in a build."""

    rows: dict[str, Rows]  # by stem; copies are among them
    named: dict[str, frozenset[int]]  # by stem: kept documents of stage 1 that the list names
    unknown: int  # names
    documents: int  # that the list names
    copies: int


def _find(build: Build, by: By, names: frozenset[str]) -> Found:
    rows, unknown = find_named(build, by, names)
    named = {stem: frozenset(some.kept) for stem, some in rows.items()}
    documents = _count(rows)
    add_copies(build, rows)
    return Found(rows, named, unknown, documents, _count(rows) - documents)


def _count(rows: dict[str, Rows]) -> int:
    return sum(len(some.kept) + len(some.dropped) for some in rows.values())


def plan_take_out(build: Build, by: By, names: frozenset[str]) -> dict[str, Any]:
    """Finds what is to be done and writes it down; returns the record.

    Args:
      build: from `open_build`.
      by: what the names are.
      names: at least one.

    Raises:
      ConfigError: nothing of it is in the build, or crops are not packed in groups.
    """
    if build.recipe.sequences.packing != "paper":
        raise ConfigError(
            f'{build.output}: sequences.packing is "{build.recipe.sequences.packing}", which joins'
            ' all documents of a part; take-out needs "paper"; leave them out and build again'
        )
    found = _find(build, by, names)
    removals = dict(_removals(build, found.rows))
    dealt, shards = _concerned(build, removals)
    lines = list(_lines(build, found, removals, dealt))
    about: dict[str, Any] = {"by": by, "names": len(names), "documents": found.documents}
    about |= {"unknown": found.unknown, "copies": found.copies, "shards": shards}
    about["sequences"] = sum(len(line["sequences"]) for line in lines)
    about["near_copies"] = sum(len(line["near"]) for line in lines)
    before = read_record(build.output) or {"takeouts": [], "parts": {}, "rules": {}}
    number = len(before["takeouts"]) + 1
    data = b"".join(json.dumps(line, ensure_ascii=True).encode() + b"\n" for line in lines)
    write_bytes(join(build.output, FOLDER, f"{number:04d}-documents.jsonl"), data)
    changed = [stem for stem, removal in removals.items() if removal.gone]
    record = {
        "pending": digest_of(by, names),
        "takeouts": [*before["takeouts"], about],
        "parts": before["parts"] | _write_parts(build.output, number, removals),
        "rules": before["rules"] | _rules(build, list(removals)),
        "work": {"parts": list(removals), "tokens": changed, "shards": shards},
    }
    write_summed_json(join(build.output, FOLDER, RECORD), record)
    return record


def _concerned(
    build: Build, removals: dict[str, Removal]
) -> tuple[dict[tuple[str, int], Dealt], list[str]]:
    """Returns where the sequences went that held or will lose something, and shards to rewrite."""
    stems = {part.number: part.stem for part in build.parts}
    wanted = {
        number: removals[stem].changed.union(*removals[stem].had.values())
        for number, stem in stems.items()
        if stem in removals
    }
    dealt = {(stems[n], row): place for (n, row), place in find_dealt(build, wanted).items()}
    changed = {(stem, row) for stem, removal in removals.items() for row in removal.changed}
    shards = {dealt[place].shard for place in changed & dealt.keys()}
    return dealt, sorted(shards.union(_held_splits(build, removals)))


def _write_parts(output: str, number: int, removals: dict[str, Removal]) -> dict[str, str]:
    """Writes what is taken out of each part; returns the files' names."""
    names = {stem: f"{number:04d}-{stem}.json" for stem in removals}
    for stem, name in names.items():
        taken = as_json(removals[stem].taken)
        write_bytes(join(output, FOLDER, name), summed_json(taken))
    return names


def finish_record(output: str, record: dict[str, Any]) -> None:
    """Marks the record as done; the build's manifest was written before."""
    done = {name: value for name, value in record.items() if name not in ("pending", "work")}
    write_summed_json(join(output, FOLDER, RECORD), done)


def _rules(build: Build, stems: list[str]) -> dict[str, str]:
    """Returns a digest of the rules under which the rows of each part are what they are."""
    found = all_parts(build.stages["documents"], stems)
    return {stem: found[stem]["made_from"]["recipe"] for stem in stems}


def _held_splits(build: Build, removals: dict[str, Removal]) -> list[str]:
    """Returns the shards of validation whose source loses a held-out document.

    All held-out documents of a source are packed as one.
    """
    sources = {part.stem: part.source for part in build.parts}
    lost = {
        f"validation_{sources[stem]}"
        for stem, removal in removals.items()
        if sources[stem] in mixed_sources(build.recipe)
        if {d.row for d in removal.gone if d.validation} - left_out_rows(build.output, stem)
    }
    return [
        shard_name(DATASET, split.name, shard, split.shards)
        for split in plan_splits(build)
        if split.name in lost
        for shard in range(split.shards)
    ]


def digest_of(by: By, names: frozenset[str]) -> str:
    """Returns by what a list is known again; the names themselves are not kept."""
    return hashlib.sha256("\n".join([by, *sorted(names)]).encode()).hexdigest()[:16]


def _removals(build: Build, found: dict[str, Rows]) -> Iterator[tuple[str, Removal]]:
    encoder = load_encoder(build.output)
    for part in build.parts:
        if part.stem in found:
            yield part.stem, plan_removal(build, part, found[part.stem], encoder)


def _lines(
    build: Build,
    found: Found,
    removals: dict[str, Removal],
    dealt: dict[tuple[str, int], Dealt],
) -> Iterator[dict[str, Any]]:
    """Yields, for each document that had passed stage 1, what the user should know of it."""
    gone = {(stem, row) for stem, rows in found.rows.items() for row in rows.kept}
    dropped = {stem: list(_dropped(build, stem, found, r)) for stem, r in removals.items()}
    texts = [
        ((stem, document.row), document.text)
        for stem, removal in removals.items()
        for document in (*removal.gone, *dropped[stem])
    ]
    near = _near_copies(build, texts, gone)
    for stem, removal in removals.items():
        for document in removal.gone:
            had = removal.had.get(document.id, ())
            places = (dealt.get((stem, row)) for row in had)
            yield {
                "id": document.id,
                "part": stem,
                "row": document.row,
                "split": "validation" if document.validation else "train",
                "sequences": [f"{place.shard}:{place.record}" for place in places if place],
                "near": near[stem, document.row],
            }
        for told in dropped[stem]:
            about = {"id": told.id, "part": stem, "row": told.row, "split": "dropped"}
            yield {**about, "sequences": [], "near": near[stem, told.row]}


def _dropped(build: Build, stem: str, found: Found, removal: Removal) -> Iterator[Survivor]:
    """Yields the documents that the list names, though a later stage had dropped them."""
    rows = found.named.get(stem, frozenset()).difference(d.row for d in removal.gone)
    with open_part_file(join(build.output, "documents", f"{stem}.parquet")) as file:
        wanted = np.array(sorted(rows), np.uint32)
        for row, values in read_rows(file, ["id", "text"], wanted) if rows else ():
            yield Survivor(row, values["id"], values["text"], False, {})


def _shown(texts: list[_Placed]) -> Iterator[_Placed]:
    """Yields the texts, and says how far it is on standard error where that takes long."""
    told = time.monotonic()
    for done, text in enumerate(texts):
        if time.monotonic() - told > PLAIN_SECONDS:
            told = time.monotonic()
            share = 100 * done // len(texts)
            sys.stderr.write(
                f"take-out    {share:3} %  {done:,}/{len(texts):,} documents looked for in what"
                " stays\n"
            )
        yield text


def _near_copies(
    build: Build, texts: list[_Placed], gone: set[tuple[str, int]]
) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Returns the near copies that stay of each document, by its place."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    whole = finished.open_build(build.output)
    make_index(whole)
    left_out = dropped_rows(whole) if texts else {}
    for stem, row in gone:
        left_out.setdefault(stem, set()).add(row)
    for own, text in _shown(texts):
        check_interrupt()
        for near in find_similar(whole, text, _LISTED, left_out):
            if near.jaccard >= NEAR:
                found[own].append({"id": near.id, "jaccard": round(near.jaccard, 6)})
    return found

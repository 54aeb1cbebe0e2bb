"""Stage 2, its end: one twin a dropped document, whether the twin is dropped too, and the lists."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from massivetext.dedup.packed_records import Records, gather, pack, scatter
from massivetext.dedup.pairs import DROP, HOST, KINDS, choose_twins
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.duplicates.read import (
    DocumentPart,
    DuplicateSettings,
    part_of,
    read_old_drops,
)
from massivetext.pipelines.stages.shuffle import Block, Group, Joined
from massivetext.pipelines.stages.survivors import ROWS, digest_of_rows
from massivetext.shards.parquet_files import write_parquet
from massivetext.storage.paths import join

QUESTION = np.dtype([("twin_row", "<u4"), ("row", "<u4")])

SCHEMA = pa.schema(
    [
        ("row", pa.uint32()),
        ("kind", pa.string()),
        ("twin_part", pa.string()),
        ("twin_row", pa.uint32()),
        ("twin_id", pa.string()),
        ("jaccard", pa.float64()),
        ("twin_dropped", pa.bool_()),
    ]
)

AGAINST = SCHEMA.append(pa.field("twin_build", pa.string()))  # null: this build; else its folder


class Settle:
    """Yields a part's final `DROP` records; tagged "questions": to the twins' parts."""

    def process(self, group: Group) -> Iterator[Block | flow.Tagged]:
        """Yields the blocks of one part."""
        part, blocks = group
        drops = choose_twins(gather(blocks, DROP).records)
        yield part, pack(part, drops)
        asking = drops[drops["kind"] != HOST]
        questions = np.empty(len(asking), QUESTION)
        for name in QUESTION.names or ():
            questions[name] = asking[name]
        for twin_part, records in scatter(questions, asking["twin_part"]):
            yield flow.Tagged("questions", (twin_part, pack(part, records)))


def answer(element: Joined) -> Iterator[Block]:
    """Yields, to each part that asked, its rows whose twins are dropped from this part."""
    number, found = element
    if not found["questions"]:
        return
    dropped = gather(found["drops"], DROP).records["row"]
    asked = part_of(found)
    if asked.drops:
        dropped = read_old_drops(asked).rows
    questions = gather(found["questions"], QUESTION)
    yes = np.isin(questions.records["twin_row"], dropped)
    for part, rows in scatter(questions.records["row"][yes], questions.number_of_each()[yes]):
        yield part, pack(number, rows)


def write_drops(element: Joined, settings: DuplicateSettings) -> dict[str, Any]:
    """Writes the drop list and the summary of one part; returns the summary."""
    _, found = element
    part = part_of(found)
    drops = gather(found["drops"], DROP).records
    answers = gather(found["answers"], np.dtype("<u4")).records
    table = _table(drops, np.isin(drops["row"], answers), settings)
    path = join(settings.output, part.stem)
    written = Written()
    with written.new_file(f"{path}.parquet") as file:
        write_parquet(table, file)
    summary = _summary(part, drops, settings)
    written.write_summary(f"{path}.json", summary)
    return summary


def _table(
    drops: Records, twin_dropped: NDArray[np.bool_], settings: DuplicateSettings
) -> pa.Table:
    alone = drops["kind"] == HOST
    columns = [
        pa.array(drops["row"]),
        pa.array([KINDS[kind] for kind in drops["kind"]], pa.string()),
        pa.array([settings.stems[part] for part in drops["twin_part"]], pa.string(), mask=alone),
        pa.array(drops["twin_row"], mask=alone),
        pa.array([twin.tobytes().hex() for twin in drops["twin_id"]], pa.string(), mask=alone),
        pa.array(drops["jaccard"], mask=alone),
        pa.array(twin_dropped, mask=alone),
    ]
    if not settings.old:
        return pa.table(columns, schema=SCHEMA)
    builds = pa.array(_builds(drops["twin_part"], settings), pa.string())
    return pa.table([*columns, builds], schema=AGAINST)


def _builds(parts: NDArray[np.uint32], settings: DuplicateSettings) -> list[str | None]:
    """Returns, for each part, the folder of its build if that is an old one."""
    firsts = np.array([0, *(first for first, _ in settings.old)], np.uint32)
    builds = [None, *(folder for _, folder in settings.old)]
    which = np.searchsorted(firsts, parts, "right") - 1
    return [builds[place] for place in which.tolist()]


def _summary(part: DocumentPart, drops: Records, settings: DuplicateSettings) -> dict[str, Any]:
    counts = np.bincount(drops["kind"], minlength=len(KINDS)).tolist()
    summary: dict[str, Any] = {"key": settings.key, "part": part.stem, "source": part.source}
    summary |= {ROWS: digest_of_rows(drops["row"].tolist())}
    summary |= {"records": part.rows, "kept": part.rows - sum(counts)}
    summary |= {"dropped": dict(zip(KINDS, counts, strict=True))}
    if settings.first_old is None:
        return summary
    return summary | {"copies_of_old": int((drops["twin_part"] >= settings.first_old).sum())}

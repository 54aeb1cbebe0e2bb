"""Taking documents out, second half: the files that the record names, stage by stage."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from massivetext.corpus.conservation import account, check_records, check_tokens
from massivetext.corpus.parts import Part
from massivetext.finished.taken_out import FOLDER, REASON, RECORD, TakenOut, read_taken_out
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.processes import run_jobs, run_spread
from massivetext.pipelines.folder.damage import own_names
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import Stage, finish, finished_parts
from massivetext.pipelines.folder.sums import SUMS, Written, summed_files
from massivetext.pipelines.stages.leakage_work import LeakageWork
from massivetext.pipelines.stages.overlap.compare import write_lists
from massivetext.pipelines.stages.overlap.work import OverlapWork
from massivetext.pipelines.stages.sequences.run import DATASET, plan_splits, sequence_facts
from massivetext.pipelines.stages.sequences.write import (
    SequencesWork,
    Split,
    add_sequences,
    first_shards,
    shard_stem,
)
from massivetext.pipelines.stages.survivors import SplitRules, mixed_sources
from massivetext.pipelines.stages.tokens.write import TokensWork, add_tokens
from massivetext.shards.document_files import RowWriter
from massivetext.shards.parquet_files import open_parquet, read_table, write_parquet
from massivetext.shards.tfds_metadata import shard_name
from massivetext.storage.files import delete_files, open_file
from massivetext.storage.json_files import require_json, write_summed_json
from massivetext.storage.paths import join
from massivetext.tokenizer.sequences import TokenPlan

_OF_MANIFEST = ("stage", "key", "parts", "files", SUMS)  # what `finish` writes itself


def rewrite(build: Build, record: dict[str, Any]) -> None:
    """Does what a record says and then marks it as done; may be done again from any point on."""
    work = record["work"]
    parts = [part for part in build.parts if part.stem in work["parts"]]
    _rewrite_parts(build, "documents", parts, _rewrite_documents)
    _rewrite_parts(build, "overlap", parts, partial(_rewrite_overlap, build))
    mixed = mixed_sources(build.recipe)
    _rewrite_parts(build, "vocabulary", [p for p in parts if p.source in mixed], _rewrite_sample)
    _rewrite_tokens(build, [part for part in parts if part.stem in work["tokens"]])
    _rewrite_shards(build, work["shards"])
    done = {name: value for name, value in record.items() if name not in ("pending", "work")}
    write_summed_json(join(build.output, FOLDER, RECORD), done)


def _rewrite_parts(
    build: Build, name: str, parts: list[Part], write: Callable[[Stage, Part, TakenOut], None]
) -> None:
    stage = build.stages[name]
    for part in parts:
        write(stage, part, read_taken_out(build.output, part.stem))
    if parts:
        _finish(build, stage)


def _finish(build: Build, stage: Stage) -> None:
    """Writes the stage's table of files and its manifest anew, with the facts that stay."""
    manifest = require_json(stage.path(MANIFEST))
    facts = {n: value for n, value in manifest.items() if n not in _OF_MANIFEST}
    stems = [part.stem for part in build.parts if part.source in facts["sources"]]
    summaries = finished_parts(stage, stems)
    totals = account(summaries.values())
    if stage.name == "tokens":
        check_tokens(totals, build.recipe.sequences.length)
    elif stage.name != "vocabulary":
        check_records(stage.name, totals)
    facts["sources"] = {source: facts["sources"][source] | new for source, new in totals.items()}
    finish(stage, summaries, stems, facts)


def _summary(stage: Stage, part: Part) -> dict[str, Any]:
    found = require_json(stage.path(f"{part.stem}.json"))
    return {name: value for name, value in found.items() if name != SUMS}


def _rewrite_documents(stage: Stage, part: Part, taken: TakenOut) -> None:
    """Leaves the rows of documents without what they said. The old file may be the new one."""
    written, stem = Written(), part.stem
    text_bytes = 0
    for prefix, blank in (("", taken.rows), ("dropped-", taken.dropped)):
        path = stage.path(f"{prefix}{stem}.parquet")
        with open_file(path) as old, written.new_file(path) as file:
            parquet = open_parquet(old)
            writer = RowWriter(file, parquet.schema_arrow.remove_metadata(), blank)
            for batch in parquet.iter_batches(1_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    writer.write(row)
            writer.close()
            text_bytes = text_bytes if prefix else writer.text_bytes
    summary = require_json(stage.path(f"{stem}.json"))
    for found in summed_files(summary):
        if found.name.startswith("errors-"):
            written.keep(found)
    about = _summary(stage, part) | {"text_bytes": text_bytes}
    written.write_summary(stage.path(f"{stem}.json"), about)


def _rewrite_overlap(build: Build, stage: Stage, part: Part, taken: TakenOut) -> None:
    chosen = build.recipe.sequences
    split = SplitRules(build.recipe.seed, chosen.validation, chosen.crop_bytes)
    work = OverlapWork(stage, build.output, build.recipe.overlap, split)
    lists = []
    for prefix in ("", "contained-"):
        with open_file(stage.path(f"{prefix}{part.stem}.parquet")) as file:
            lists.append(read_table(file).to_pylist())
    dropped = [row for row in lists[0] if row["kind"] != REASON]
    write_lists(part, work, dropped, lists[1])


def _rewrite_sample(stage: Stage, part: Part, taken: TakenOut) -> None:
    documents = join(stage.folder.rpartition("/")[0], "documents", f"{part.stem}.parquet")
    with open_file(documents) as file:
        ids = read_table(file, ["id"])["id"].take(pa.array(sorted(taken.rows), pa.int64()))
    path, written = stage.path(f"sample-{part.stem}.parquet"), Written()
    with open_file(path) as file:
        table = read_table(file)
    table = table.filter(pc.invert(pc.is_in(table["id"], value_set=ids.combine_chunks())))
    with written.new_file(path) as file:
        write_parquet(table, file)
    texts = table["text"].to_pylist()
    about = {"documents": len(texts), "text_bytes": sum(len(text.encode()) for text in texts)}
    written.write_summary(stage.path(f"{part.stem}.json"), _summary(stage, part) | about)


def _rewrite_tokens(build: Build, parts: list[Part]) -> None:
    """Packs the groups that have gaps anew, with the passes that the build had come to."""
    if not parts:
        return
    stage, chosen = build.stages["tokens"], build.recipe.sequences
    sizes = chosen.length, chosen.crop_bytes, chosen.crops_per_group, chosen.packing
    plans = {}
    for part in parts:
        passes = Fraction(_summary(stage, part)["passes"])
        plans[part.source] = TokenPlan(build.recipe.seed, passes, *sizes)
    split = build.recipe.seed, chosen.validation, chosen.validation_max_overlap
    work = TokensWork(stage, build.output, LeakageWork(stage, build.output, *split), plans)
    run_spread(stage, partial(add_tokens, work=work), parts, build.execution)
    _finish(build, stage)


def _rewrite_shards(build: Build, shards: list[str]) -> None:
    stage, recipe = build.stages["sequences"], build.recipe
    splits = plan_splits(build)
    work = SequencesWork(stage, recipe.seed, recipe.sequences.length, DATASET)
    sources = {name.split("-")[1].split(".")[0] for name in shards if "-validation_" in name}
    todo = [
        first + shard
        for first, split in zip(first_shards(splits), splits, strict=True)
        for shard in range(split.shards)
        if split.name in sources or shard_name(DATASET, split.name, shard, split.shards) in shards
    ]
    if not todo:
        return
    run_jobs(stage, [partial(add_sequences, todo=todo, splits=splits, work=work)], build.execution)
    stems = [shard_stem(split.name, n) for split in splits for n in range(split.shards)]
    summaries = finished_parts(stage, stems)
    _clear_shards(stage, splits)
    manifest = require_json(stage.path(MANIFEST))
    facts = {name: value for name, value in manifest.items() if name not in _OF_MANIFEST}
    finish(stage, summaries, stems, facts | sequence_facts(build, splits, summaries))


def _clear_shards(stage: Stage, splits: list[Split]) -> None:
    """Deletes validation's shards of other numbers: their names say how many there are."""
    left = set[str]()
    for split in splits:
        for n in range(split.shards):
            left.add(shard_name(DATASET, split.name, n, split.shards))
            left.add(f"{shard_stem(split.name, n)}.json")
    names = [n for n in own_names(stage) if "validation_" in n and n not in left]
    delete_files([stage.path(name) for name in names])

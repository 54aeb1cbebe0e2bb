"""Taking documents out, second half: the files that the record names, stage by stage."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from massivetext.corpus.conservation import account, check_records, check_tokens, check_validation
from massivetext.corpus.parts import Part
from massivetext.filters.measure import Measures
from massivetext.finished.taken_out import REASON, TakenOut, read_taken_out
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.processes import run_jobs, run_spread
from massivetext.pipelines.engine.run_parts import with_made_from
from massivetext.pipelines.folder.damage import own_names
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.stage import Stage, finish, finished_parts, stage_facts
from massivetext.pipelines.folder.sums import SUMS, Written, summed_files
from massivetext.pipelines.stage_list import STAGES
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
from massivetext.pipelines.stages.vocabulary.origin import sample_targets
from massivetext.pipelines.stages.vocabulary.run import samples_and_targets
from massivetext.pipelines.stages.vocabulary_file import TRAINED
from massivetext.pipelines.take_out.restamp import (
    finish_again,
    restamp,
    restamp_halves,
    stays,
    stems_of,
)
from massivetext.shards.document_files import ASKED, DROPPED, KEPT, RowWriter, document_schema
from massivetext.shards.parquet_files import open_parquet, read_table, write_parquet
from massivetext.shards.tfds_metadata import shard_name
from massivetext.storage.files import delete_files, open_file
from massivetext.storage.json_files import require_json, write_summed_json
from massivetext.storage.paths import join
from massivetext.tokenizer.sequences import TokenPlan

SPECS = {spec.name: spec for spec in STAGES}


def rewrite(build: Build, work: dict[str, Any]) -> Build:
    """Does what a record says; may be done again from any point on.

    Args:
      build: its stages as they stand.
      work: of the record.

    Returns:
      The build with the stages' new keys.
    """
    parts = [part for part in build.parts if part.stem in work["parts"]]
    _rewrite_parts(build, "documents", parts, _rewrite_documents)
    build = restamp(build, SPECS["duplicates"])
    finish_again(build, build.stages["duplicates"], {})
    build = _rewrite_overlaps(build, parts)
    build = _rewrite_samples(build, parts)
    build = _rewrite_tokens(build, [part for part in parts if part.stem in work["tokens"]])
    return _rewrite_shards(build, work["shards"])


def _rewrite_overlaps(build: Build, parts: list[Part]) -> Build:
    restamp_halves(build, SPECS["overlap"])
    build = restamp(build, SPECS["overlap"])
    made = with_made_from(parts, build.origins["overlap"])
    _rewrite_parts(build, "overlap", made, partial(_rewrite_overlap, build))
    return build


def _rewrite_samples(build: Build, parts: list[Part]) -> Build:
    mixed = mixed_sources(build.recipe)
    for part in (part for part in parts if part.source in mixed):
        stage = build.stages["vocabulary"]
        _rewrite_sample(stage, part, read_taken_out(build.output, part.stem))
    build = restamp(build, SPECS["vocabulary"])
    stage = build.stages["vocabulary"]
    summaries = finished_parts(stage, stems_of(build, stage)).values()
    made_from = samples_and_targets(summaries, sample_targets(build))
    trained = require_json(stage.path(TRAINED)) | {"made_from": made_from}
    write_summed_json(stage.path(TRAINED), trained)  # the vocabulary stays
    _finish(build, stage)
    return build


def _rewrite_parts(
    build: Build, name: str, parts: list[Part], write: Callable[[Stage, Part, TakenOut], None]
) -> None:
    stage = build.stages[name]
    for part in parts:
        write(stage, part, read_taken_out(build.output, part.stem))
    _finish(build, stage)


def _finish(build: Build, stage: Stage) -> None:
    """Writes the stage's table of files and its manifest anew, with the facts that stay."""
    before = require_json(stage.path(MANIFEST))["sources"]
    totals = account(finished_parts(stage, stems_of(build, stage)).values())
    if stage.name == "tokens":
        check_tokens(totals, build.recipe.sequences.length)
        check_validation(totals, stage_facts(build.stages["overlap"])["sources"])
    elif stage.name != "vocabulary":
        check_records(stage.name, totals)
    sources = {source: before[source] | new for source, new in totals.items()}
    finish_again(build, stage, {"sources": sources})


def _summary(stage: Stage, part: Part) -> dict[str, Any]:
    found = require_json(stage.path(f"{part.stem}.json"))
    return {name: value for name, value in found.items() if name != SUMS}


def _rewrite_documents(stage: Stage, part: Part, taken: TakenOut) -> None:
    """Leaves the rows of documents without what they said. The old file may be the new one."""
    written, stem = Written(), part.stem
    text_bytes = 0
    sides = ("", taken.rows, KEPT), ("dropped-", taken.dropped, DROPPED)
    for prefix, blank, own in sides:
        path = stage.path(f"{prefix}{stem}.parquet")
        with open_file(path) as old, written.new_file(path) as file:
            parquet = open_parquet(old)
            asked = ASKED[0] in parquet.schema_arrow.names
            writer = RowWriter(file, document_schema(own, Measures._fields, asked), blank)
            for batch in parquet.iter_batches(1_000, use_threads=False):
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


def _rewrite_tokens(build: Build, parts: list[Part]) -> Build:
    """Packs the groups that have gaps anew, with the passes that the build had come to."""
    chosen = build.recipe.sequences
    sizes = chosen.length, chosen.crop_bytes, chosen.crops_per_group, chosen.packing
    restamp_halves(build, SPECS["tokens"])
    build = restamp(build, SPECS["tokens"])
    stage, plans = build.stages["tokens"], {}
    for part in parts:
        passes = Fraction(_summary(stage, part)["passes"])
        plans[part.source] = TokenPlan(build.recipe.seed, passes, *sizes)
    split = build.recipe.seed, chosen.validation, chosen.validation_max_overlap
    work = TokensWork(stage, build.output, LeakageWork(stage, build.output, *split), plans)
    made = with_made_from(parts, build.origins["tokens"])
    if made:
        run_spread(stage, partial(add_tokens, work=work), made, build.execution)
    _finish(build, stage)
    return build


def _rewrite_shards(build: Build, shards: list[str]) -> Build:
    build = restamp(build, SPECS["sequences"])
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
    if todo:
        job = partial(add_sequences, todo=todo, splits=splits, work=work)
        run_jobs(stage, [job], build.execution)
    stems = [shard_stem(split.name, n) for split in splits for n in range(split.shards)]
    summaries = finished_parts(stage, stems)
    _clear_shards(stage, splits)
    facts = stays(stage) | sequence_facts(build, splits, summaries)
    finish(stage, summaries, stems, facts)
    return build


def _clear_shards(stage: Stage, splits: list[Split]) -> None:
    """Deletes validation's shards of other numbers: their names say how many there are."""
    left = set[str]()
    for split in splits:
        for n in range(split.shards):
            left.add(shard_name(DATASET, split.name, n, split.shards))
            left.add(f"{shard_stem(split.name, n)}.json")
    names = [n for n in own_names(stage) if "validation_" in n and n not in left]
    delete_files([stage.path(name) for name in names])

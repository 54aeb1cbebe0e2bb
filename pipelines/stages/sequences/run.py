"""Running stage 6: exact quotas of each part, shards, metadata, and the tokens' last account."""

import time
from functools import partial
from typing import Any

from massivetext.config.sources import ordered
from massivetext.errors import StageError
from massivetext.mixture.quotas import apportion, part_quotas
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.processes import deal_in_turn, run_jobs
from massivetext.pipelines.engine.progress import progress
from massivetext.pipelines.engine.run_parts import seconds_since
from massivetext.pipelines.folder.stage import all_parts, finish, finished_parts, stage_facts, start
from massivetext.pipelines.stages.sequences.stream import TokenStream
from massivetext.pipelines.stages.sequences.write import (
    SequencesWork,
    Share,
    Split,
    add_sequences,
    in_turn,
    missing,
    shard_stem,
)
from massivetext.shards.tfds_metadata import DataSet, SplitShards, metadata_files
from massivetext.storage.files import write_bytes

DATASET = "massivetext"
VALIDATION_SHARD = 4_096  # sequences of a validation shard, at most

Summaries = dict[str, dict[str, Any]]  # of parts or shards, by stem


def run_sequences(build: Build) -> dict[str, Any]:
    """Runs stage 6; returns its manifest: quotas, what was drawn, and what was left over."""
    stage, recipe = build.stages["sequences"], build.recipe
    began = time.monotonic()
    work = SequencesWork(stage, recipe.seed, recipe.sequences.length, DATASET)
    splits = plan_splits(build)
    stems = [shard_stem(split.name, n) for split in splits for n in range(split.shards)]
    done = start(stage, stems)
    todo = [number for number, stem in enumerate(stems) if stem not in done]
    if todo:
        shares = deal_in_turn(todo, build.execution.processes)
        jobs = [partial(add_sequences, todo=share, splits=splits, work=work) for share in shares]
        with progress(stage, dict.fromkeys(stems, 1), "shards"):
            run_jobs(stage, jobs, build.execution)
    summaries = finished_parts(stage, stems)
    facts = sequence_facts(build, splits, summaries) | seconds_since(began)
    return finish(stage, summaries, stems, facts)


def plan_splits(build: Build) -> list[Split]:
    """Returns the splits: train in the mixture's quotas, validation of each source whole."""
    tokens = stage_facts(build.stages["tokens"])
    sources = list(tokens["sources"])
    stems = {p.stem: p.source for p in build.parts if p.source in sources}
    parts = all_parts(build.stages["tokens"], list(stems))
    quotas = {source: tokens["sources"][source]["quota"] for source in sources}
    train = {source: _train(build, parts, source, quotas[source]) for source in sources}
    shards = build.recipe.sequences.shard_count(tokens["train_sequences"])
    if build.recipe.sequences.layout == "mixed":
        every = [share for source in sources for share in train[source]]
        splits = [Split("train", shards, in_turn(every))]
    else:
        counts = apportion(max(shards, len(sources)), [quotas[s] for s in sources])
        splits = [
            Split(f"train_{source}", max(1, count), in_turn(train[source]))
            for source, count in zip(sources, counts, strict=True)
        ]
    return splits + [_validation(build, parts, source) for source in sources]


def _train(build: Build, parts: Summaries, source: str, quota: int) -> list[Share]:
    own = {stem: part for stem, part in parts.items() if part["source"] == source}
    holes = {stem: tuple(part.get("holes", ())) for stem, part in own.items()}
    available = [part["sequences"] + len(holes[stem]) for stem, part in own.items()]
    stage, index = build.stages["tokens"], ordered(build.recipe.sources).index(source)
    width = build.recipe.sequences.length + 1
    numbers = {part.stem: part.number for part in build.parts}
    shares = []
    quotas = part_quotas(source, quota, available)
    for (stem, part), given in zip(own.items(), quotas, strict=True):
        count = part["sequences"] + len(holes[stem])
        stream = TokenStream((stage.path(f"{stem}.tokens"),), (count * width,), width)
        share = Share(numbers[stem], index, stream, count, given, holes=holes[stem])
        shares.append(share)
    return shares


def _validation(build: Build, parts: Summaries, source: str) -> Split:
    """Returns the split of a source: the tokens of its parts are packed as one stream."""
    stage, index = build.stages["tokens"], ordered(build.recipe.sources).index(source)
    length = build.recipe.sequences.length
    own = {stem: part for stem, part in parts.items() if part["source"] == source}
    paths = tuple(stage.path(f"validation-{stem}.tokens") for stem in own)
    tokens = tuple(part["validation_tokens"] for part in own.values())
    count = max(0, sum(tokens) - 1) // length
    first = next(part.number for part in build.parts if part.stem in own)
    share = Share(first, index, TokenStream(paths, tokens, length), count, count)
    shards = max(1, -(-count // VALIDATION_SHARD))
    return Split(f"validation_{source}", shards, (share,))


def sequence_facts(build: Build, splits: list[Split], summaries: Summaries) -> dict[str, Any]:
    """Returns the stage's facts, checked against the quotas, and writes the metadata.

    Raises:
      StageError: a split does not hold the sequences that were dealt to it.
    """
    stage, length = build.stages["sequences"], build.recipe.sequences.length
    sources = ordered(build.recipe.sources)
    written: dict[str, list[int]] = {}
    mixture: dict[str, dict[str, int]] = {}
    for split in splits:
        shards = [summaries[shard_stem(split.name, n)] for n in range(split.shards)]
        written[split.name] = [shard["sequences"] for shard in shards]
        _check(split, written[split.name], build.recipe.seed)
        mixture[split.name] = _by_source(shards, sources)
    described = [SplitShards(name, lengths) for name, lengths in written.items()]
    text = "MassiveText: token sequences in the mixture of Rae et al. 2021 (arXiv:2112.11446)."
    files = metadata_files(DataSet(DATASET, text, length, sources, described))
    for name, data in files.items():
        write_bytes(stage.path(name), data)
    vocabulary = stage_facts(build.stages["vocabulary"])
    return {
        "sequence_length": length,
        "sources": sources,
        "vocabulary": {"sha256": vocabulary["sha256"], "size": vocabulary["size"]},
        "splits": {n: {"shards": len(s), "sequences": sum(s)} for n, s in written.items()},
        "sequences": mixture,
        "tokens": token_account(build, splits, mixture),
        "validation_tokens": _validation_account(build, mixture),
    }


def _check(split: Split, written: list[int], seed: int) -> None:
    dealt = sum(share.quota - missing(share, seed) for share in split.shares)
    if sum(written) != dealt:
        raise StageError(f"sequences: {split.name} holds {sum(written):,} of {dealt:,} sequences")


def _missing_of(build: Build, splits: list[Split]) -> dict[str, int]:
    """Returns how many training sequences of each source were taken out."""
    names, seed = ordered(build.recipe.sources), build.recipe.seed
    counts: dict[str, int] = {}
    for share in (s for split in splits if split.name.startswith("train") for s in split.shares):
        name = names[share.source]
        counts[name] = counts.get(name, 0) + missing(share, seed)
    return counts


def _by_source(shards: list[dict[str, Any]], sources: list[str]) -> dict[str, int]:
    counts = dict.fromkeys(sources, 0)
    for shard in shards:
        for source, count in zip(sources, shard["sources"], strict=False):
            counts[source] += count
    return {source: count for source, count in counts.items() if count}


def token_account(
    build: Build, splits: list[Split], mixture: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    """Returns, for each source, where the encoded training tokens went.

    Raises:
      StageError: tokens encoded are not written + packing tails + surplus.
    """
    length = build.recipe.sequences.length
    accounts: dict[str, dict[str, int]] = {}
    gone = _missing_of(build, splits)
    for source, total in stage_facts(build.stages["tokens"])["sources"].items():
        train = [counts for name, counts in mixture.items() if name.startswith("train")]
        written = sum(counts.get(source, 0) for counts in train) * length
        surplus = (total["sequences"] - total["quota"] + gone.get(source, 0)) * length
        accounts[source] = {
            "encoded": total["tokens"],
            "written": written,
            "tails": total["tail"],
            "surplus": surplus,
        }
        if total["tokens"] != written + total["tail"] + surplus:
            raise StageError(f"sequences: {source} tokens do not add up: {accounts[source]}")
    return accounts


def _validation_account(
    build: Build, mixture: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    """Returns, for each source, where the encoded validation tokens went."""
    length = build.recipe.sequences.length
    accounts: dict[str, dict[str, int]] = {}
    for source, total in stage_facts(build.stages["tokens"])["sources"].items():
        written = mixture[f"validation_{source}"].get(source, 0) * length
        encoded = total["validation_tokens"]
        accounts[source] = {"encoded": encoded, "written": written, "tails": encoded - written}
    return accounts

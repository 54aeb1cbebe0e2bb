"""What a build will take and give: a measured sample, scaled to all inputs of a recipe."""

import dataclasses
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from massivetext.config.recipe import Recipe
from massivetext.corpus.parts import InputFile, Part
from massivetext.errors import StageError
from massivetext.mixture.passes import Supply
from massivetext.pipelines.engine.memory import PROCESS_BYTES, SAMPLE_BYTE_BYTES, predicted
from massivetext.pipelines.estimate.measured import STAGES, Measured
from massivetext.pipelines.stages.survivors import mixed_sources
from massivetext.pipelines.stages.tokens.passes import choose_passes, pass_limits

PARTITION_BYTES = 3 * (64 << 20)  # of keys that one worker holds, and what it makes of them
ALONE = ("vocabulary",)  # one worker trains
# Training works on each word once, and words grow more slowly than text (Heaps' law): on copies of
# our test data 15 times the sample took 7.5 times the CPU, which is a power of 0.74.
TRAINING_POWER = 0.75


class Amounts(NamedTuple):
    """What goes into the documents stage and comes out of it, of one source and format."""

    name: str
    files: int
    input_bytes: int
    records: int
    kept: int
    text_bytes: int
    spread: float


class StageCost(NamedTuple):
    """What a stage takes and writes."""

    name: str
    cpu: float  # seconds
    shuffled_bytes: int
    output_bytes: int
    parts: int  # that can be worked on at once
    memory_bytes: int  # of a worker process


class Prediction(NamedTuple):
    """A build, foreseen."""

    amounts: list[Amounts]
    stages: list[StageCost]
    tokens: int  # for training, encoded
    passes: dict[str, float]  # of each source
    short: str = ""  # why the build would stop; then the amounts are of all that the sources give


def predict(
    recipe: Recipe, files: Iterable[InputFile], parts: list[Part], measured: Measured
) -> Prediction:
    """Returns what a build of a recipe takes.

    Raises:
      ConfigError: nothing was measured of a format.
    """
    amounts, documents = _documents(list(files), parts, measured)
    scale, short = _scales(amounts, measured), ""
    try:
        passes, encoded, tokens = _tokens(recipe, parts, measured, scale)
    except StageError as error:  # as far as the rates tell
        short, most = str(error), dataclasses.replace(recipe.sequences, tokens="max")
        recipe = dataclasses.replace(recipe, sequences=most)
        passes, encoded, tokens = _tokens(recipe, parts, measured, scale)
    drivers = {
        "duplicates": sum(found.kept for found in amounts),
        "overlap": sum(found.text_bytes for found in amounts),
        "vocabulary": _sample_bytes(recipe, measured, scale),
        "tokens": encoded,
        "sequences": encoded,
    }
    later = [_stage(name, drivers[name], recipe, len(parts), measured) for name in STAGES]
    return Prediction(amounts, [documents, *later], tokens, passes, short)


def _documents(
    files: list[InputFile], parts: list[Part], measured: Measured
) -> tuple[list[Amounts], StageCost]:
    sizes: dict[tuple[str, str], list[int]] = {}
    for file in files:
        sizes.setdefault((file.source, file.format), []).append(file.size)
    amounts, cpu, output = [], 0.0, 0.0
    for (source, format), found in sizes.items():
        group, total = measured.group(source, format), sum(found)
        factor = total / max(group.input_bytes, 1)
        records, kept, text = (
            int(n * factor) for n in (group.records, group.kept, group.text_bytes)
        )
        name = f"{source}/{format}"
        amounts.append(Amounts(name, len(found), total, records, kept, text, group.spread))
        cpu += group.cpu * factor
        output += group.output_bytes * factor
    return amounts, StageCost("documents", cpu, 0, int(output), len(parts), PROCESS_BYTES)


def _scales(amounts: list[Amounts], measured: Measured) -> dict[str, float]:
    """Returns, for each source, how much more text stage 1 keeps than it did of the sample."""
    text: dict[str, int] = {}
    for found in amounts:
        source = found.name.partition("/")[0]
        text[source] = text.get(source, 0) + found.text_bytes
    return {
        source: size / max(_counts(measured, source)["stage_1_text_bytes"], 1)
        for source, size in text.items()
    }


def _counts(measured: Measured, source: str) -> dict[str, float]:
    """Returns what was counted of a source, or of all where it is not in the sample."""
    if source in measured.sources:
        return measured.sources[source]
    every = list(measured.sources.values())
    total = {name: sum(found.get(name, 0) for found in every) for name in every[0]}
    size = total["stage_1_text_bytes"] or 1
    density = sum(f["tokens_per_byte"] * f["stage_1_text_bytes"] for f in every) / size
    return total | {"tokens_per_byte": density}


def _tokens(
    recipe: Recipe, parts: list[Part], measured: Measured, scale: dict[str, float]
) -> tuple[dict[str, float], int, int]:
    """Returns the passes of each source, the bytes that are encoded, and the training tokens.

    Raises:
      StageError: the sources cannot give the tokens that the recipe asks for.
    """
    weights = {s: w for s, w in mixed_sources(recipe).items() if s in scale}
    paper = recipe.sequences.packing == "paper"
    names = ("train_documents", "train_crop_bytes", "train_crop_squares")
    names = names if paper else ("train_pieces", "train_bytes", "train_piece_squares")
    counts = {s: _scaled(_counts(measured, s), scale[s]) for s in weights}
    of_parts = {s: sum(part.source == s for part in parts) for s in weights}
    density = {s: Fraction(_counts(measured, s)["tokens_per_byte"]) for s in weights}
    supplies = {}
    for s in weights:
        documents, size, squares = (int(counts[s].get(name, 0)) for name in names)
        supplies[s] = Supply(documents, size, squares, of_parts[s], density[s])
    _, passes = choose_passes(recipe, weights, supplies, pass_limits(recipe, counts))
    bytes_of = {s: float(passes[s]) * supplies[s].crop_bytes for s in weights}
    held = sum(counts[s].get("validation_crop_bytes", 0) for s in weights)
    tokens = sum(bytes_of[s] * float(density[s]) for s in weights)
    return {s: float(passes[s]) for s in weights}, int(sum(bytes_of.values()) + held), int(tokens)


def _scaled(counts: dict[str, float], factor: float) -> dict[str, int]:
    return {name: int(value * factor) for name, value in counts.items()}


def _sample_bytes(recipe: Recipe, measured: Measured, scale: dict[str, float]) -> int:
    """Returns the bytes that the vocabulary is trained on: of each source its share, or all."""
    wanted = recipe.vocabulary.sample_bytes
    return sum(
        int(min(weight * wanted, _counts(measured, s)["train_crop_bytes"] * scale[s]))
        for s, weight in mixed_sources(recipe).items()
        if s in scale
    )


def _stage(name: str, driver: int, recipe: Recipe, parts: int, measured: Measured) -> StageCost:
    cost = measured.costs[name]
    factor = driver / max(cost.driver, 1)
    shuffled, output = (int(n * factor) for n in (cost.shuffled_bytes, cost.output_bytes))
    memory = PROCESS_BYTES
    if name == "duplicates":
        memory += PARTITION_BYTES
    if name == "vocabulary":
        memory += driver * SAMPLE_BYTE_BYTES
    if name == "sequences":
        parts = 1 if recipe.sequences.shards == "auto" else recipe.sequences.shards
        parts = max(parts, recipe.sequences.shard_count(driver // (4 * recipe.sequences.length)))
    cpu = cost.fixed_cpu + cost.cpu * factor ** (TRAINING_POWER if name == "vocabulary" else 1)
    output += cost.fixed_bytes
    return StageCost(name, cpu, shuffled, output, parts, memory)


def local_memory(prediction: Prediction, workers: int) -> int:
    """Returns the peak memory of a local build; its shuffles lie in files."""
    rows = sum(found.kept for found in prediction.amounts)
    return predicted(rows, workers)


def wall_seconds(stage: StageCost, workers: int) -> float:
    """Returns how long a stage takes with so many workers, each on one part at a time."""
    at_once = 1 if stage.name in ALONE else max(1, min(workers, stage.parts))
    return stage.cpu / at_once

"""Running stage 4: each source's sample in the mixture's shares, then the training on all."""

import time
from functools import partial
from typing import Any

from massivetext.corpus.conservation import account
from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.mixture.quotas import apportion
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, seconds_since
from massivetext.pipelines.engine.runner import run
from massivetext.pipelines.folder.stage import finished_parts, sound_json, stage_facts
from massivetext.pipelines.folder.sums import SUMS
from massivetext.pipelines.stages.survivors import mixed_sources
from massivetext.pipelines.stages.vocabulary.train import (
    MEASURED_BYTES,
    VocabularyWork,
    add_samples,
    add_training,
    sample_share,
)
from massivetext.pipelines.stages.vocabulary_file import MODEL, TRAINED, given_model
from massivetext.storage.files import exists, write_bytes
from massivetext.storage.json_files import read_json


def run_vocabulary(build: Build) -> dict[str, Any]:
    """Runs stage 4; returns its manifest with tokens per byte of each source.

    Raises:
      StageError: nothing is left of a source; says where to look.
    """
    stage, recipe = build.stages["vocabulary"], build.recipe
    began = time.monotonic()
    weights = mixed_sources(recipe)
    survivors = stage_facts(build.stages["overlap"])["sources"]
    _check_survivors(survivors, list(weights), build.output)
    wanted = apportion(recipe.vocabulary.sample_bytes, list(weights.values()))
    targets = dict(zip(weights, wanted, strict=True))
    given = given_model(recipe)
    if given is not None:  # the sample serves to measure tokens per byte alone
        targets = {source: min(target, MEASURED_BYTES) for source, target in targets.items()}
    work = VocabularyWork(
        stage,
        build.output,
        recipe.seed,
        recipe.sequences.validation,
        recipe.sequences.crop_bytes,
        {source: _sample_share(targets[source], survivors[source]) for source in weights},
        targets,
        recipe.vocabulary,
    )
    parts = [part for part in build.parts if part.source in weights]
    summaries, trained = _sampled_and_trained(build, parts, work, given)
    facts = {"sources": account(summaries)} | trained | seconds_since(began)
    return finish_parts(stage, parts, summaries, facts)


def _sample_share(target: int, survivors: dict[str, int]) -> float:
    return sample_share(target, survivors["train_crop_bytes"], survivors["train_documents"])


def _check_survivors(survivors: dict[str, Any], sources: list[str], output: str) -> None:
    gone = [source for source in sources if not survivors[source]["train_crop_bytes"]]
    if gone:
        raise StageError(
            f"vocabulary: nothing is left of {', '.join(gone)} to train on; `massivetext report"
            f" {output}` says what dropped it: add documents, loosen that, or set the weight to 0"
        )


def _sampled_and_trained(
    build: Build, parts: list[Part], work: VocabularyWork, given: bytes | None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Returns the samples' summaries and the facts of the training, both run unless done."""
    stage = work.stage
    done = finished_parts(stage, [part.stem for part in parts])
    trained = sound_json(stage.path(TRAINED)) or {}
    is_trained = trained.get("key") == stage.key and exists(stage.path(MODEL))
    if is_trained and len(done) == len(parts):
        return list(done.values()), _facts(trained) | {"redone_parts": 0}
    summaries, facts = run_parts(stage, parts, partial(add_samples, work=work), build.execution)
    if is_trained:  # on the same samples, some of which were lost since
        return summaries, _facts(trained) | facts
    if given is not None:
        write_bytes(stage.path(MODEL), given)
    run(stage, lambda p: add_training(p, parts, work), build.execution)
    trained = read_json(stage.path(TRAINED)) or {}
    return summaries, _facts(trained) | facts


def _facts(trained: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in trained.items() if name not in ("key", SUMS)}

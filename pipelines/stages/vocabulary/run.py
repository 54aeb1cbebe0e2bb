"""Running stage 4: each source's sample in the mixture's shares, then the training on all."""

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from massivetext.config.recipe import short_digest
from massivetext.corpus.conservation import account
from massivetext.corpus.parts import Part
from massivetext.errors import StageError
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import (
    finish_parts,
    run_parts,
    seconds_since,
    with_made_from,
)
from massivetext.pipelines.engine.runner import run
from massivetext.pipelines.folder.stage import sound_json
from massivetext.pipelines.folder.sums import SUMS, summed_files
from massivetext.pipelines.stages.survivors import planned_survivors
from massivetext.pipelines.stages.vocabulary.origin import sample_shares, sample_targets
from massivetext.pipelines.stages.vocabulary.train import (
    VocabularyWork,
    add_samples,
    add_training,
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
    targets = sample_targets(build)
    survivors = planned_survivors(build.stages["overlap"])
    _check_survivors(survivors, list(targets), build.output)
    work = VocabularyWork(
        stage,
        build.output,
        recipe.seed,
        recipe.sequences.validation,
        recipe.sequences.crop_bytes,
        sample_shares(build, targets),
        targets,
        recipe.vocabulary,
    )
    origins = build.origins["vocabulary"]
    parts = [part for part in build.parts if part.source in targets]
    parts = with_made_from(parts, origins)
    summaries, trained = _sampled_and_trained(build, parts, work, given_model(recipe))
    facts = {"sources": account(summaries)} | trained | seconds_since(began)
    return finish_parts(stage, parts, summaries, facts)


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
    summaries, facts = run_parts(stage, parts, partial(add_samples, work=work), build.execution)
    work = work._replace(made_from=samples_and_targets(summaries, work.targets))
    trained = sound_json(stage.path(TRAINED)) or {}
    is_same = trained.get("made_from") == work.made_from and trained.get("key") == stage.key
    if is_same and exists(stage.path(MODEL)):  # some samples may be made anew, and are the same
        return summaries, _facts(trained) | facts
    if given is not None:
        write_bytes(stage.path(MODEL), given)
    run(stage, lambda p: add_training(p, parts, work), build.execution)
    trained = read_json(stage.path(TRAINED)) or {}
    return summaries, _facts(trained) | facts


def samples_and_targets(summaries: Iterable[dict[str, Any]], targets: dict[str, int]) -> str:
    """Returns a digest of all samples and of how much of each source's is trained on."""
    samples = [
        [f.brief() for f in summed_files(summary) if f.name != f"{summary['part']}.json"]
        for summary in summaries
    ]
    return short_digest([samples, targets])


def _facts(trained: dict[str, Any]) -> dict[str, Any]:
    hidden = ("key", "made_from", SUMS)
    return {name: value for name, value in trained.items() if name not in hidden}

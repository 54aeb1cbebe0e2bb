"""Stage 4: what its samples are made from, and the sizes that are wanted of them."""

from massivetext.config.recipe import short_digest
from massivetext.corpus.origins import Origins
from massivetext.mixture.quotas import apportion
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.stages.survivors import (
    mixed_sources,
    planned_survivors,
    survivor_origins,
)
from massivetext.pipelines.stages.vocabulary.train import MEASURED_BYTES, sample_share


def vocabulary_origins(build: Build) -> Origins:
    """Returns what stage 4 is made from."""
    targets = sample_targets(build)
    shares = sample_shares(build, targets)
    parts = {
        stem: made | {"share": repr(shares[source])}
        for (stem, source), made in survivor_origins(build.stages, build.parts, shares).items()
    }
    return Origins({"targets": short_digest(targets)}, parts)


def sample_targets(build: Build) -> dict[str, int]:
    """Returns the bytes of each source's sample.

    With a model that is given, the sample serves to measure tokens per byte alone.
    """
    settings, weights = build.recipe.vocabulary, mixed_sources(build.recipe)
    wanted = apportion(settings.sample_bytes, list(weights.values()))
    most = MEASURED_BYTES if settings.path else settings.sample_bytes
    return {source: min(n, most) for source, n in zip(weights, wanted, strict=True)}


def sample_shares(build: Build, targets: dict[str, int]) -> dict[str, float]:
    """Returns the share of each source's documents that is sampled."""
    survivors = planned_survivors(build.stages["overlap"])
    return {
        source: sample_share(
            target, survivors[source]["train_crop_bytes"], survivors[source]["train_documents"]
        )
        for source, target in targets.items()
    }

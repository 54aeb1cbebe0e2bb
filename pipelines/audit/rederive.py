"""Auditing a corpus by sampling: sequences chosen by hash, derived anew from the raw inputs."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from massivetext.corpus.parts import Part
from massivetext.filters.judge import Models
from massivetext.hashing import hash64
from massivetext.pipelines.audit.documents import (
    Survivor,
    derived_documents,
    missing_inputs,
    stored_documents,
)
from massivetext.pipelines.audit.places import Place, places_of, shard_names
from massivetext.pipelines.audit.trace import derive_places, read_record
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.models import load_models, model_paths
from massivetext.pipelines.stages.vocabulary_file import load_encoder


class Sampled(NamedTuple):
    """A sequence that is checked."""

    shard: str
    record: int
    place: Place


class Checked(NamedTuple):
    """A sequence that was derived anew."""

    shard: str
    record: int
    source: str
    equal: bool
    gone: list[str]  # raw inputs that are not there; then ``documents/`` stood for them


def rederive(build: Build, count: int, seed: int = 0) -> Iterator[Checked]:
    """Yields, part by part, sequences chosen by hash and whether they can be derived anew.

    The raw part is read again, extracted, filtered, thinned by the build's drop lists, cropped,
    encoded and packed. The vocabulary is the build's.

    Args:
      build: from `open_build`.
      count: how many sequences; all, if there are fewer.
      seed: chooses others.

    Raises:
      ConfigError: the language model of the recipe is not there.
    """

    @cache
    def models() -> Models:
        return load_models(model_paths(build.recipe))

    encoder = load_encoder(build.output)
    for chosen in _by_part(sample(build, count, seed)):
        places = [found.place for found in chosen]
        parts = [part for part in build.parts if part.number in places[0].parts]
        gone = [path for part in parts for path in missing_inputs(part)]

        def documents(part: Part, gone: list[str] = gone) -> Iterator[Survivor]:
            return (
                stored_documents(build, part) if gone else derived_documents(build, part, models())
            )

        derived = derive_places(build, places, documents, encoder)
        for found in chosen:
            written = read_record(build, found.shard, found.record)
            equal = np.array_equal(written, derived[found.place].tokens)
            yield Checked(found.shard, found.record, found.place.source, equal, gone)


def sample(build: Build, count: int, seed: int) -> list[Sampled]:
    """Returns the sequences of all shards, validation too, whose hashes are the smallest."""
    every = (
        Sampled(shard, record, place)
        for shard in shard_names(build)
        for record, place in enumerate(places_of(build, shard))
    )
    return sorted(every, key=lambda s: hash64(seed, "audit", s.shard, s.record))[:count]


def _by_part(sampled: list[Sampled]) -> list[list[Sampled]]:
    """Returns the sequences of the same parts and split together, in the order of the parts."""
    parts: dict[tuple[tuple[int, ...], bool], list[Sampled]] = defaultdict(list)
    for found in sampled:
        parts[found.place.parts, found.place.validation].append(found)
    return [parts[key] for key in sorted(parts)]

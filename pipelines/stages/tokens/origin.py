"""Stage 5: what its parts are made from: survivors, the vocabulary, and how often they are read."""

from collections.abc import Mapping
from fractions import Fraction

from massivetext.config.recipe import short_digest
from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.stage import Stage, sound_json, stage_facts
from massivetext.pipelines.folder.sums import SUMS
from massivetext.pipelines.stages.leakage_work import LEFT_OUT, SUMS_OF_FOUND, SUMS_OF_KEYS
from massivetext.pipelines.stages.survivors import (
    mixed_sources,
    planned_survivors,
    survivor_origins,
)
from massivetext.pipelines.stages.tokens.passes import choose_passes, make_supplies, pass_limits
from massivetext.storage.json_files import write_summed_json

RECORD = "rounds.json"
BEGUN = "documents and passes"  # of the whole: what a run begins with
Passes = Mapping[str, Fraction]  # by source


def held_origins(build: Build) -> Origins:
    """Returns what the keys of held-out documents are made from: the survivors."""
    known = survivor_origins(build.stages, build.parts, mixed_sources(build.recipe))
    return Origins({}, {stem: made for (stem, _), made in known.items()})


def found_origins(build: Build) -> Origins:
    """Returns what the search for those keys is made from: it looks for all of them everywhere."""
    half = build.stages["tokens"].half("held")
    table = sound_json(half.path(SUMS_OF_KEYS)) or {}
    keys = short_digest([table.get("keys"), [found[:3] for found in table.get(SUMS, ())]])
    parts = held_origins(build).parts or {}
    return Origins({}, {stem: {**made, "held-out keys": keys} for stem, made in parts.items()})


def token_origins(build: Build) -> Origins:
    """Returns what stage 5 is made from; its parts with the passes that they come to.

    What is left out of both splits is known when the halves of the stage are done.

    Raises:
      StageError: a source has too few tokens for its share.
    """
    weights, stage = mixed_sources(build.recipe), build.stages["tokens"]
    vocabulary = stage_facts(build.stages["vocabulary"])
    survivors = planned_survivors(build.stages["overlap"])
    supplies = [[s, survivors[s], vocabulary["tokens_per_byte"][s]] for s in weights]
    limits = pass_limits(build.recipe, survivors)
    _, passes = choose_passes(build.recipe, weights, make_supplies(build, weights), limits)
    known = survivor_origins(build.stages, build.parts, weights)
    left_out = (sound_json(stage.half("found").path(SUMS_OF_FOUND)) or {}).get(LEFT_OUT, {})
    more = {"vocabulary": vocabulary["sha256"][:16]}
    parts = {
        stem: made | more | {"left out": left_out.get(stem, "")}
        for (stem, _), made in known.items()
    }
    begun = short_digest([parts, _shown(passes), weights, supplies])
    reached = _reached(stage, begun) or passes
    whole = {"mixture": short_digest(weights), "survivors": short_digest(supplies), BEGUN: begun}
    return Origins(
        whole, {stem: parts[stem] | {"passes": str(reached[source])} for stem, source in known}
    )


def _reached(stage: Stage, begun: str) -> Passes | None:
    """Returns the passes that a run came to which began with the same.

    A source that came out short is read in more passes; how many depends on all its parts, and not
    on what runs on other documents had come to.
    """
    record = sound_json(stage.path(RECORD)) or {}
    if (record.get("begun"), record.get("key")) != (begun, stage.key):
        return None
    return {source: Fraction(passes) for source, passes in record["passes"].items()}


def note_passes(stage: Stage, passes: Passes) -> None:
    """Writes down the passes that a run has come to."""
    record = {"key": stage.key, "begun": stage.made_from[BEGUN], "passes": _shown(passes)}
    write_summed_json(stage.path(RECORD), record)


def renew_passes(stage: Stage) -> bool:
    """Returns whether the passes were of another beginning, and are of this one now.

    That is so where documents were taken out: the passes stay those of the whole.
    """
    record = sound_json(stage.path(RECORD))
    if record is None or record["begun"] == stage.made_from[BEGUN]:
        return False
    write_summed_json(stage.path(RECORD), record | {"begun": stage.made_from[BEGUN]})
    return True


def _shown(passes: Passes) -> dict[str, str]:
    return {source: str(number) for source, number in passes.items()}

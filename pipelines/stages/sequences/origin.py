"""Stage 6: what it is made from: all sequences, and how many of each source are wanted."""

from massivetext.config.recipe import short_digest
from massivetext.config.sources import ordered
from massivetext.corpus.origins import Origins
from massivetext.pipelines.changes.contents import done_parts
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.stage import stage_facts


def sequence_origins(build: Build) -> Origins:
    """Returns what stage 6 is made from; the account of tokens is of stage 5's facts."""
    stage = build.stages["tokens"]
    tokens, vocabulary = stage_facts(stage), stage_facts(build.stages["vocabulary"])
    sums = [
        [stem, {name: found for name, found in done.sums.items() if name != f"{stem}.json"}]
        for stem, done in done_parts(stage).items()
    ]
    return Origins(
        {
            "sequences": short_digest(sums),
            "quotas": short_digest(tokens["sources"]),
            "vocabulary": vocabulary["sha256"][:16],
            "sources": short_digest([ordered(build.recipe.sources), build.recipe.sequences.length]),
        }
    )

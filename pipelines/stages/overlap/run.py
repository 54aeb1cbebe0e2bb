"""Running stage 3, with the held-out sets readied first."""

from functools import partial
from typing import Any

from massivetext.config.sources import like_of
from massivetext.corpus.conservation import account, check_records
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts
from massivetext.pipelines.stages.overlap.compare import TITLE_SOURCE, OverlapWork, add_overlap
from massivetext.pipelines.stages.overlap.held_out_files import resolved_overlap
from massivetext.pipelines.stages.overlap.table import write_held_out
from massivetext.pipelines.stages.survivors import SplitRules


def run_overlap(build: Build) -> dict[str, Any]:
    """Runs stage 3; returns its manifest with what survives of each source."""
    stage, recipe = build.stages["overlap"], build.recipe
    chosen = recipe.sequences
    split = SplitRules(recipe.seed, chosen.validation_fraction, chosen.crop_bytes)
    titled = tuple(n for n, s in recipe.sources.items() if like_of(n, s) == TITLE_SOURCE)
    work = OverlapWork(stage, build.output, resolved_overlap(recipe), split, titled)
    summaries, facts = run_parts(
        stage,
        build.parts,
        partial(add_overlap, work=work),
        build.execution,
        ready=partial(write_held_out, stage, work.rules),
    )
    totals = account(summaries)
    check_records(stage.name, totals)
    return finish_parts(stage, build.parts, summaries, {"sources": totals, **facts})

"""Stage 2, duplicates: exact copies, near copies, adult hosts; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.config.recipe import Recipe
    from massivetext.pipelines.engine.build_plan import Build


_OF_HOSTS = ("sources", "host_min_pages", "host_max_rated")


def _reads(inputs: Inputs) -> dict[str, Any]:
    safety = inputs.values["filters"]["safety"]
    rules = dict(inputs.values["duplicates"])
    against = {"against": _digests(inputs.recipe)} if rules.pop("against") else {}
    return {
        "duplicates": rules,
        "filters": {"safety": {name: safety[name] for name in _OF_HOSTS}},
        **against,
    }


def _digests(recipe: "Recipe") -> list[str]:
    from massivetext.pipelines.stages.duplicates.old_builds import old_builds

    return [build.digest for build in old_builds(recipe)]


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.duplicates.origin import duplicates_origins

    return duplicates_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.duplicates.run import run_duplicates

    return run_duplicates(build)


STAGE = StageSpec(
    name="duplicates",
    help="exact, near, hosts",
    format=3,
    reads=_reads,
    origins=_origins,
    run=_run,
    names=FileNames(of_part=("{}.parquet",), others=(r"shuffled\.json",)),
    machine="n2-highmem-4",  # it holds a partition of keys in memory
)

"""Stage 2, duplicates: exact copies, near copies, adult hosts; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    safety = inputs.values["filters"]["safety"]
    return {
        "rules": inputs.values["duplicates"],
        "hosts": [safety[name] for name in ("sources", "host_min_pages", "host_max_rated")],
    }


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.duplicates.run import run_duplicates

    return run_duplicates(build)


STAGE = StageSpec(
    name="duplicates",
    help="exact, near, hosts",
    format=2,
    reads=_reads,
    run=_run,
    names=FileNames(of_part=("{}.parquet",), others=(r"shuffled\.json",)),
    machine="n2-highmem-4",  # it holds a partition of keys in memory
)

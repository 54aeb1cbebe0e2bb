"""Stage 4, vocabulary: SentencePiece on a sample; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    return {"settings": inputs.values["vocabulary"], "mixture": inputs.values["mixture"]}


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.vocabulary.run import run_vocabulary

    return run_vocabulary(build)


STAGE = StageSpec(
    name="vocabulary",
    help="SentencePiece",
    format=2,
    reads=_reads,
    run=_run,
    names=FileNames(
        of_part=("sample-{}.parquet",), others=(r"trained\.json", r"vocabulary\.model")
    ),
    machine="n2-highmem-8",  # it trains on the whole sample in memory
)

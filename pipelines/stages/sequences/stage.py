"""Stage 6, sequences: the mixture, dealt to shards; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    sequences = inputs.values["sequences"]
    return {"sequences": {name: sequences[name] for name in ("shards", "layout")}}


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.sequences.origin import sequence_origins

    return sequence_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.sequences.run import run_sequences

    return run_sequences(build)


STAGE = StageSpec(
    name="sequences",
    help="mixture, shards",
    format=2,
    reads=_reads,
    origins=_origins,
    run=_run,
    names=FileNames(
        others=(
            r"\w+-\d{5}\.json",  # of a shard: its summary, which names it
            r"\w+-\w+\.tfrecord-\d{5}-of-\d{5}",
            r"(dataset_info|features|metadata)\.json",
        )
    ),
    machine="n2-highmem-4",  # it holds a shard in memory
)

"""Stage 4, vocabulary: SentencePiece on a sample; what the build has to know of it."""

import hashlib
from typing import TYPE_CHECKING, Any

from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    settings = dict(inputs.values["vocabulary"])
    if settings.pop("path", ""):
        settings = {"given": _given_sha256(inputs), "sample_bytes": settings["sample_bytes"]}
    return {"settings": settings, "mixture": inputs.values["mixture"]}


def _given_sha256(inputs: Inputs) -> str:
    from massivetext.pipelines.stages.vocabulary_file import given_model

    return hashlib.sha256(given_model(inputs.recipe) or b"").hexdigest()


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
        of_part=("sample-{}.parquet",),
        others=(r"trained\.json", r"vocabulary\.model"),
        record="trained.json",
    ),
    machine="n2-highmem-8",  # it trains on the whole sample in memory
)

"""Stage 4, vocabulary: SentencePiece on a sample; what the build has to know of it."""

import hashlib
from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


_OF_SEQUENCES = ("validation_fraction", "crop_bytes")


def _reads(inputs: Inputs) -> dict[str, Any]:
    settings = dict(inputs.values["vocabulary"])
    if settings.pop("path", ""):
        settings = {"given": _given_sha256(inputs), "sample_bytes": settings["sample_bytes"]}
    sequences = {name: inputs.values["sequences"][name] for name in _OF_SEQUENCES}
    return {"vocabulary": settings, "mixture": inputs.values["mixture"], "sequences": sequences}


def _given_sha256(inputs: Inputs) -> str:
    from massivetext.pipelines.stages.vocabulary_file import given_model

    return hashlib.sha256(given_model(inputs.recipe) or b"").hexdigest()


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.vocabulary.origin import vocabulary_origins

    return vocabulary_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.vocabulary.run import run_vocabulary

    return run_vocabulary(build)


STAGE = StageSpec(
    name="vocabulary",
    help="SentencePiece",
    format=3,
    reads=_reads,
    origins=_origins,
    run=_run,
    names=FileNames(
        of_part=("sample-{}.parquet",),
        others=(r"trained\.json", r"vocabulary\.model"),
        record="trained.json",
    ),
    machine="n2-highmem-8",  # it trains on the whole sample in memory
)

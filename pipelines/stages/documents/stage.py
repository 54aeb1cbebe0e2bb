"""Stage 1, documents: reads, extracts and filters; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build

_OWN = ("own", "transform")  # paths; their files' digests count
_OF_DUPLICATES = ("host_min_pages", "host_max_rated")  # of `filters.safety`: stage 2 reads them
_OF_SHINGLES = ("shingle_words", "punctuation")  # of `duplicates`: signatures are made here


def _reads(inputs: Inputs) -> dict[str, Any]:
    from massivetext.pipelines.folder.models import domain_files
    from massivetext.pipelines.stages.documents.sources import own_values, source_values

    filters = {k: v for k, v in inputs.values["filters"].items() if k not in _OWN}
    safety = {k: v for k, v in filters["safety"].items() if k not in _OF_DUPLICATES}
    safety["classifier"] = inputs.models.safety_sha256 or "off"
    duplicates = inputs.values["duplicates"]
    return {
        "sources": {name: source_values(inputs.recipe, name) for name in inputs.recipe.sources},
        "own": own_values(inputs.recipe, inputs.models),
        "parts": inputs.values["parts"],
        "filters": filters | {"safety": safety},
        "duplicates": {name: duplicates[name] for name in _OF_SHINGLES},
        "language_model": {"sha256": inputs.models.language_sha256},
        "domain_lists": [[f.path, f.size, f.version] for f in domain_files(inputs.recipe)],
    }


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.documents.origin import documents_origins

    return documents_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.documents.run import run_documents

    return run_documents(build)


STAGE = StageSpec(
    name="documents",
    help="read, extract, filter",
    format=6,
    reads=_reads,
    origins=_origins,
    by_part=True,
    run=_run,
    names=FileNames(
        of_part=("{}.parquet", "dropped-{}.parquet"), of_some_parts=("errors-{}.jsonl",)
    ),
)

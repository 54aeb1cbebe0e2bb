"""Stage 3, overlap: leaves out what is in a held-out set; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.corpus.origins import Origins
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    from massivetext.pipelines.changes.versions import content_of_file
    from massivetext.pipelines.stages.overlap.held_out_files import overlap_files

    sequences = inputs.values["sequences"]
    return {
        "overlap": inputs.values["overlap"],
        "duplicates": {"punctuation": inputs.values["duplicates"]["punctuation"]},
        "held_out_files": [content_of_file(file) for file in overlap_files(inputs.recipe)],
        "sequences": {name: sequences[name] for name in ("validation_fraction", "crop_bytes")},
    }


def _of_matches(build: "Build") -> Origins:
    from massivetext.pipelines.stages.overlap.origin import match_origins

    return match_origins(build)


def _origins(build: "Build") -> Origins:
    from massivetext.pipelines.stages.overlap.origin import overlap_origins

    return overlap_origins(build)


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.overlap.run import run_overlap

    return run_overlap(build)


STAGE = StageSpec(
    name="overlap",
    help="test sets",
    format=5,
    reads=_reads,
    origins=_origins,
    halves=(("matches", _of_matches),),
    run=_run,
    names=FileNames(
        of_part=("{}.parquet", "contained-{}.parquet"),
        halves=(
            ("matches", FileNames(of_part=("{}.parquet",), others=(r"table-\w+\.(npy|json)",))),
        ),
    ),
)

"""Stage 3, overlap: leaves out what is in a held-out set; what the build has to know of it."""

from typing import TYPE_CHECKING, Any

from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.file_names import FileNames

if TYPE_CHECKING:
    from massivetext.pipelines.engine.build_plan import Build


def _reads(inputs: Inputs) -> dict[str, Any]:
    from massivetext.pipelines.stages.overlap.held_out_files import overlap_files

    sequences = inputs.values["sequences"]
    return {
        "rules": inputs.values["overlap"],
        "punctuation": inputs.values["duplicates"]["punctuation"],
        "files": [[f.path, f.size, f.version] for f in overlap_files(inputs.recipe)],
        "split": [sequences[name] for name in ("validation_fraction", "crop_bytes")],
    }


def _run(build: "Build") -> dict[str, Any]:
    from massivetext.pipelines.stages.overlap.run import run_overlap

    return run_overlap(build)


STAGE = StageSpec(
    name="overlap",
    help="test sets",
    format=3,
    reads=_reads,
    run=_run,
    names=FileNames(
        of_part=("{}.parquet", "contained-{}.parquet"),
        halves=(
            ("matches", FileNames(of_part=("{}.parquet",), others=(r"table-\w+\.(npy|json)",))),
        ),
    ),
)

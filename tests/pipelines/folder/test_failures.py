"""What a failed pipeline says: only a file of an earlier stage is told to be made again."""

from pathlib import Path

import pytest

from massivetext.errors import StageError
from massivetext.pipelines.folder.failures import explained
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stage_list import STAGES

NAMES = tuple(spec.name for spec in STAGES)


def gone(stage: Stage, path: str) -> str:
    try:
        Path(path).read_bytes()
    except OSError as error:
        found = explained(stage, RuntimeError(f"OSError: {error} [while running 'write']"))
        assert isinstance(found, StageError)
        return str(found)
    raise AssertionError(f"{path} is there")


def stage_of(number: int, output: Path) -> Stage:
    name = NAMES[number]
    return Stage(name, f"{output}/{name}", "k", earlier=NAMES[:number])


@pytest.mark.parametrize("number", range(1, len(NAMES)))
def test_a_file_of_any_earlier_stage_is_made_again(tmp_path: Path, number: int) -> None:
    stage = stage_of(number, tmp_path)
    for name in NAMES[:number]:
        path = f"{tmp_path}/{name}/part-00000.parquet"
        assert gone(stage, path) == (
            f"{stage.name}: {path} of an earlier stage is gone; delete the folder"
            f" {tmp_path}/{name}, and the same command rebuilds it"
        )


@pytest.mark.parametrize(
    "path",
    [
        "input/a.jsonl",  # an input that lies in the output
        "sequences/a.json",  # of a later stage
        "overlap/table-keys.npy",  # its own
        "elsewhere/documents/part-00000.parquet",  # another build's
        "documents/deeper/part-00000.parquet",
    ],
)
def test_no_other_folder_is_ever_told_to_be_deleted(tmp_path: Path, path: str) -> None:
    message = gone(stage_of(2, tmp_path), f"{tmp_path}/{path}")
    assert "delete" not in message
    assert message.startswith("overlap: No such file or directory")

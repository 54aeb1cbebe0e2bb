"""Each stage clears its own files in its folder, and no other stage's, nor a user's."""

import pytest

from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.stage_list import STAGES

GIVEN = {
    "documents": "part-00003.parquet dropped-part-00003.parquet errors-part-00003.jsonl",
    "duplicates": "part-00003.parquet shuffled.json",
    "overlap": "part-00003.parquet contained-part-00003.parquet",
    "vocabulary": "sample-part-00003.parquet trained.json vocabulary.model",
    "tokens": "part-00003.tokens validation-part-00003.tokens left-out-part-00003.parquet",
    "sequences": "train_web-00003.json massivetext-train.tfrecord-00003-of-00008 features.json"
    " dataset_info.json metadata.json",
}
BY_ALL = "part-00003.json manifest.json files.parquet"
NEVER = (
    "thesis.docx part-1.parquet part-000003.parquet notes-00000.txt a.tokens manifest.jsonl"
    " my-part-00003.parquet part-00003.parquet.bak table-.npy {}.parquet"
)


@pytest.mark.parametrize("spec", STAGES, ids=lambda spec: spec.name)
def test_a_stage_owns_the_names_that_it_gives(spec: StageSpec) -> None:
    everything = {name for names in (*GIVEN.values(), BY_ALL) for name in names.split()}
    given = set(GIVEN[spec.name].split()) | set(BY_ALL.split())
    assert {name for name in everything if spec.names.are_own(name)} == given
    assert all(spec.names.are_own(f"{name}.tmp-0af3") for name in given)
    assert not any(spec.names.are_own(name) for name in NEVER.split())


@pytest.mark.parametrize("spec", STAGES, ids=lambda spec: spec.name)
def test_a_part_is_whole_with_its_files(spec: StageSpec) -> None:
    needed, kept = spec.names.needed("part-00003"), spec.names.kept("part-00003")
    assert needed < kept
    assert kept <= set(GIVEN[spec.name].split()) | {"part-00003.json"}
    assert kept - needed <= {"part-00003.json", "errors-part-00003.jsonl"}

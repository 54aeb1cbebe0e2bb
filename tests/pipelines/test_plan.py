"""Stage keys: of what a stage reads of the recipe, its format and the seed.

What it reads of the stages before counts when they are done: tests/builds/test_runs.py.
"""

import dataclasses
from collections.abc import Sequence

import pytest

from massivetext.config.recipe import load_recipe, values
from massivetext.corpus.parts import InputFile
from massivetext.pipelines.engine.stage_spec import Inputs, StageSpec
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.plan import make_stages
from massivetext.pipelines.stage_list import STAGES

NAMES = [spec.name for spec in STAGES]
BY_PART = [spec.name for spec in STAGES if spec.by_part]


def inputs(*changes: str, sha256: str = "ab", size: int = 7) -> Inputs:
    plain = ("root=/nowhere", "filters.safety.domain_lists=[]", "overlap.titles=[]")
    recipe = load_recipe("sample.toml", (*plain, *changes))
    recipe = dataclasses.replace(recipe, overlap=dataclasses.replace(recipe.overlap, sets=()))
    files = [InputFile("web", "a.warc.gz", "/in/a.warc.gz", "warc", size, "1")]
    return Inputs(recipe, values(recipe), files, ModelPaths("lid.ftz", sha256, ()))


def changed(other: Inputs, output: str = "out", specs: Sequence[StageSpec] = STAGES) -> list[str]:
    """Returns the stages that read other values of other inputs; their keys must say so.

    A stage whose parts are each named by what they hold has a key of its format and seed alone.
    """
    before, after = make_stages(STAGES, "out", inputs()), make_stages(specs, output, other)
    found = [name for name in NAMES if before[name].reads != after[name].reads]
    keys = [name for name in NAMES if before[name].key != after[name].key]
    assert [name for name in found if name not in BY_PART] == [n for n in keys if n not in BY_PART]
    return found


@pytest.mark.parametrize(
    ("change", "readers"),
    [
        ("seed=1", " ".join(NAMES)),
        ("filters.quality.min_words=51", "documents"),
        ("parts.batch_bytes=1", "documents"),
        ("filters.safety.host_min_pages=7", "duplicates"),
        ("duplicates.max_jaccard=0.7", "duplicates"),
        ("overlap.max_jaccard=0.7", "overlap"),
        ("sequences.validation_fraction=0.3", "overlap vocabulary tokens"),
        ("vocabulary.size=500", "vocabulary"),
        ("sequences.length=64", "tokens"),
        ("sequences.shards=3", "sequences"),
        ("sequences.layout=by-source", "sequences"),
    ],
)
def test_a_value_of_the_recipe_changes_the_stages_that_read_it(change: str, readers: str) -> None:
    assert changed(inputs(change)) == readers.split()


def test_a_model_changes_its_reader_and_the_place_none() -> None:
    assert changed(inputs(sha256="cd")) == ["documents"]
    assert changed(inputs(), output="elsewhere") == []


def test_a_files_size_is_no_value_of_the_recipe() -> None:
    """It counts for the parts that are made from the file (`documents.origin`)."""
    assert changed(inputs(size=8)) == []


@pytest.mark.parametrize("number", range(len(STAGES)))
def test_a_format_changes_the_key_of_its_stage(number: int) -> None:
    raised = dataclasses.replace(STAGES[number], format=STAGES[number].format + 1)
    specs = [*STAGES[:number], raised, *STAGES[number + 1 :]]
    assert changed(inputs(), specs=specs) == [NAMES[number]]
    before, after = (make_stages(made, "out", inputs()) for made in (STAGES, specs))
    assert [n for n in NAMES if before[n].key != after[n].key] == [NAMES[number]]


def test_a_stage_knows_its_folder_and_the_stages_before_it() -> None:
    made = make_stages(STAGES, "gs://b/out", inputs())
    for number, (spec, stage) in enumerate(zip(STAGES, made.values(), strict=True)):
        assert stage.folder == f"gs://b/out/{spec.name}"
        assert stage.earlier == tuple(NAMES[:number])
        assert (stage.names, stage.machine) == (spec.names, spec.machine)

"""Stage keys: of what a stage reads, its format, the seed and the stage before."""

import dataclasses

import pytest

from massivetext.config.recipe import load_recipe, values
from massivetext.corpus.parts import InputFile
from massivetext.pipelines.engine.stage_spec import Inputs
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.plan import make_stages
from massivetext.pipelines.stage_list import STAGES

NAMES = [spec.name for spec in STAGES]


def inputs(*changes: str, sha256: str = "ab", size: int = 7) -> Inputs:
    plain = ("root=/nowhere", "filters.safety.domain_lists=[]", "overlap.titles=[]")
    recipe = load_recipe("sample.toml", (*plain, *changes))
    recipe = dataclasses.replace(recipe, overlap=dataclasses.replace(recipe.overlap, sets=()))
    files = [InputFile("web", "a.warc.gz", "/in/a.warc.gz", "warc", size, "1")]
    return Inputs(recipe, values(recipe), files, ModelPaths("lid.ftz", sha256, ()))


def changed(other: Inputs, output: str = "out") -> list[str]:
    """Returns the stages that run again for other inputs."""
    before, after = make_stages(STAGES, "out", inputs()), make_stages(STAGES, output, other)
    return [name for name in NAMES if before[name].key != after[name].key]


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("seed=1", "documents"),
        ("filters.quality.min_words=51", "documents"),
        ("parts.batch_bytes=1", "documents"),
        ("filters.safety.host_min_pages=7", "duplicates"),
        ("duplicates.max_jaccard=0.7", "duplicates"),
        ("overlap.max_jaccard=0.7", "overlap"),
        ("sequences.validation_fraction=0.3", "overlap"),
        ("vocabulary.size=500", "vocabulary"),
        ("sequences.length=64", "tokens"),
        ("sequences.shards=3", "sequences"),
        ("sequences.layout=by-source", "sequences"),
    ],
)
def test_a_value_of_the_recipe_changes_the_stages_from_its_reader_on(
    change: str, first: str
) -> None:
    assert changed(inputs(change)) == NAMES[NAMES.index(first) :]


def test_inputs_and_models_change_all_stages_and_the_place_none() -> None:
    assert changed(inputs(size=8)) == changed(inputs(sha256="cd")) == NAMES
    assert changed(inputs(), output="elsewhere") == []


@pytest.mark.parametrize("number", range(len(STAGES)))
def test_a_format_changes_its_stage_and_those_after(number: int) -> None:
    raised = dataclasses.replace(STAGES[number], format=STAGES[number].format + 1)
    specs = [*STAGES[:number], raised, *STAGES[number + 1 :]]
    before, after = (make_stages(made, "out", inputs()) for made in (STAGES, specs))
    assert [n for n in NAMES if before[n].key != after[n].key] == NAMES[number:]


def test_a_stage_knows_its_folder_and_the_stages_before_it() -> None:
    made = make_stages(STAGES, "gs://b/out", inputs())
    for number, (spec, stage) in enumerate(zip(STAGES, made.values(), strict=True)):
        assert stage.folder == f"gs://b/out/{spec.name}"
        assert stage.earlier == tuple(NAMES[:number])
        assert (stage.names, stage.machine) == (spec.names, spec.machine)

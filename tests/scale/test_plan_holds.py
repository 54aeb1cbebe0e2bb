"""`plan --measure` on a twentieth of other copies of the real files: what all of them will take."""

import os
import time
from pathlib import Path

import pytest

from benchmarks.copies import copy_file
from benchmarks.corpus import find_data
from massivetext.config.recipe import load_recipe
from massivetext.corpus.parts import InputFile
from massivetext.pipelines.build import build
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.estimate.measure import measure
from massivetext.pipelines.estimate.predict import predict
from massivetext.pipelines.estimate.sample import draw_files, sample_build
from massivetext.pipelines.folder.file_names import MANIFEST
from massivetext.pipelines.folder.inputs import input_files, plan
from massivetext.storage.files import list_sizes
from massivetext.storage.json_files import require_json

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3_600)]
COPIES = int(os.environ.get("MASSIVETEXT_PLAN_COPIES", "8"))
SAMPLE = float(os.environ.get("MASSIVETEXT_PLAN_SAMPLE", "0.05"))
BOUND = 0.3
DATA = find_data()
REAL = Path(__file__).parents[1] / "real.toml"
SMALL_CPU, SMALL_BYTES = 1.0, 1_000_000  # of less, start-up and headers are most


def inputs(folder: Path, numbers: range) -> list[str]:
    """Writes copies of all real files; returns the settings of a recipe that reads them."""
    recipe = load_recipe(str(REAL), (f'root="{DATA}"',))
    for file in input_files(recipe):
        if not Path(file.path).name.startswith("robustness"):
            for number in numbers:
                copy_file(Path(file.path), number, folder / file.source)
    return [f'sources.{name}.files=["{folder / name}/*"]' for name in recipe.sources]


def files_of(settings: list[str]) -> tuple[Build, list[InputFile]]:
    recipe = load_recipe(str(REAL), (f'root="{DATA}"', *settings))
    files = input_files(recipe)
    return sample_build(recipe, files, ""), files


@pytest.mark.skipif(DATA is None, reason="no real data")
def test_a_sample_predicts_the_whole(tmp_path: Path) -> None:
    other, files = files_of(inputs(tmp_path / "other", range(COPIES, 2 * COPIES)))
    drawn = draw_files(files, SAMPLE, 0)
    measured = measure(sample_build(other.recipe, drawn, str(tmp_path / "sample")))
    whole, files = files_of(inputs(tmp_path / "whole", range(COPIES)))
    foreseen = predict(whole.recipe, files, plan(whole.recipe, files), measured)
    full = sample_build(whole.recipe, files, str(tmp_path / "full"))
    lines, wrong = [], []
    for stage in foreseen.stages:
        began = time.process_time()
        build(full, only=stage.name)
        cpu = time.process_time() - began
        made = full.stages[stage.name]
        shuffled = require_json(made.path(MANIFEST)).get("shuffled_bytes", {"total": 0})["total"]
        written = sum(
            size for half in (made, *made.halves()) for size in list_sizes(half.folder).values()
        )
        pairs = (
            ("CPU", stage.cpu, cpu, SMALL_CPU),
            ("shuffled", stage.shuffled_bytes, shuffled, SMALL_BYTES),
            ("written", stage.output_bytes, written, SMALL_BYTES),
        )
        for what, said, found, small in pairs:
            off = said / found - 1 if found else 0.0
            lines.append(f"{stage.name:<11} {what:<9} {said:>16,.1f} {found:>16,.1f} {off:+.1%}")
            if found >= small and abs(off) > BOUND:
                wrong.append(lines[-1])
    print("\n".join(lines))
    assert not wrong

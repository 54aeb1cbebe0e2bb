"""Peak memory of every stage at 1, 4 and 16 times the real data: what is flat and what grows."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipelines.memory import DOCUMENT_BYTES, PROCESS_BYTES
from tests.scale.copies import kept_documents, write_copies
from tests.scale.peaks import Peaks, run_measured

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(7200)]

TIMES = (1, 4, 16)
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")
FLAT = ("documents", "overlap", "vocabulary", "tokens")
COMMAND = [sys.executable, "-m", "massivetext.cli"]
ROOT = Path(__file__).parents[2]

RECIPE = """
root = "{root}"
mixture = {mixture}
parts.batch_bytes = 4_000_000
vocabulary.size = 8_000
vocabulary.sample_bytes = 4_000_000
sequences.tokens = "max"
sequences.shards = 4
sequences.default_max_passes = 1
language_model.path = "{model}"
[sources]
{sources}
"""


class Scale(NamedTuple):
    """One corpus: documents kept, bytes of text, and each stage's peaks."""

    documents: int
    text: int
    stages: dict[str, Peaks]


@pytest.fixture(scope="module")
def scales(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Scale]:
    folder = tmp_path_factory.mktemp("scale")
    os.environ["MASSIVETEXT_REAL_DATA"] = str(real_data)
    words = ["documents", "tests/real.toml", "--output", str(folder / "real")]
    subprocess.run([*COMMAND, *words], check=True, cwd=ROOT, capture_output=True)
    rows = kept_documents(folder / "real")
    found = {times: measure(rows, times, folder / str(times)) for times in TIMES}
    print_table(found)
    return found


def measure(rows: list[dict[str, Any]], times: int, folder: Path) -> Scale:
    """Makes a corpus and runs each stage on it in a process of its own."""
    text = write_copies(rows, times, folder / "input")
    recipe = folder / "recipe.toml"
    recipe.write_text(make_recipe(rows, folder / "input"))
    stages = {
        stage: run_measured(
            [*COMMAND, stage, str(recipe), "--output", str(folder / "out"), "--workers", "2"]
        )
        for stage in STAGES
    }
    manifest = json.loads((folder / "out/documents/manifest.json").read_text())
    kept = sum(source["kept"] for source in manifest["sources"].values())
    return Scale(kept, text, stages)


def make_recipe(rows: list[dict[str, Any]], root: Path) -> str:
    """Returns a recipe whose mixture takes about all of every source."""
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["source"]] = sizes.get(row["source"], 0) + len(row["text"].encode())
    shares = {source: round(size / sum(sizes.values()), 4) for source, size in sizes.items()}
    shares["books"] = round(shares["books"] + 1 - sum(shares.values()), 4)
    mixture = ", ".join(f"{source} = {share}" for source, share in shares.items())
    sources = "\n".join(f'{source}.files = ["{source}/*"]' for source in sizes)
    model = ROOT / "models/lid.176.ftz"
    return RECIPE.format(root=root, mixture=f"{{{mixture}}}", sources=sources, model=model)


def print_table(scales: dict[int, Scale]) -> None:
    print("\nstage       " + "".join(f"{f'{t} x: parent':>15}{'worker':>9}" for t in scales))
    for stage in STAGES:
        cells = [scale.stages[stage] for scale in scales.values()]
        row = "".join(f"{p.parent >> 20:>11,} MiB{p.worker >> 20:>5,} MiB" for p in cells)
        print(f"{stage:<12}{row}")
    for times, scale in scales.items():
        print(f"{times} x: {scale.documents:,} documents, {scale.text / 1e6:,.1f} MB of text")
    print(f"duplicates: {per_document(scales):,.0f} bytes a document above the base")
    print(f"sequences: {per_text_byte(scales):.2f} bytes a byte of text above the base")


def growth(scales: dict[int, Scale], stage: str) -> int:
    """Returns by how much the parent's peak grows from 4 times the data to 16 times.

    With so much there are some candidates, and reading their text is part of the base.
    """
    return scales[16].stages[stage].parent - scales[4].stages[stage].parent


def per_document(scales: dict[int, Scale]) -> float:
    return growth(scales, "duplicates") / (scales[16].documents - scales[4].documents)


def per_text_byte(scales: dict[int, Scale]) -> float:
    return growth(scales, "sequences") / (scales[16].text - scales[4].text)


@pytest.mark.parametrize("stage", FLAT)
@pytest.mark.parametrize("times", TIMES[1:])
def test_file_stages_are_flat(scales: dict[int, Scale], stage: str, times: int) -> None:
    one, many = scales[1].stages[stage], scales[times].stages[stage]
    assert many.parent <= 1.3 * one.parent
    assert many.worker <= 1.3 * one.worker


def test_duplicates_grow_by_the_document(scales: dict[int, Scale]) -> None:
    assert per_document(scales) <= DOCUMENT_BYTES <= 1_500


def test_sequences_grow_by_the_text(scales: dict[int, Scale]) -> None:
    assert per_text_byte(scales) <= 3.5


def test_the_prediction_covers_what_was_measured(scales: dict[int, Scale]) -> None:
    for scale in scales.values():
        for name, peaks in scale.stages.items():
            grown = scale.documents * DOCUMENT_BYTES if name == "duplicates" else 0
            assert peaks.worker <= PROCESS_BYTES
            assert peaks.parent <= PROCESS_BYTES + grown


def test_nothing_deduplicates(scales: dict[int, Scale]) -> None:
    assert scales[16].documents >= 15.5 * scales[1].documents

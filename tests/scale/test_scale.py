"""Peak memory of every stage at 1, 4 and 16 times the real data: what is flat and what grows."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.copies import write_copies
from benchmarks.path import kept_bytes
from massivetext.pipelines.engine.memory import DOCUMENT_BYTES, PROCESS_BYTES, SAMPLE_BYTE_BYTES
from tests.scale.peaks import Peaks, run_measured

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(7200)]

TIMES = (1, 4, 16)
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")
FLAT = ("documents", "overlap", "tokens")
ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "tests/real.toml"


class Scale(NamedTuple):
    """One corpus: documents and bytes of their text, those that are copies, each stage's peaks."""

    documents: int
    text: int
    copies: int
    sample: int  # bytes of text that the vocabulary is trained on
    stages: dict[str, Peaks]


@pytest.fixture(scope="module")
def scales(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Scale]:
    """The real data as they are, then copies of them in the same formats."""
    os.environ["MASSIVETEXT_REAL_DATA"] = str(real_data)
    found = {1: measure([], tmp_path_factory.mktemp("real"))}
    for times in TIMES[1:]:
        folder = tmp_path_factory.mktemp("copies")
        settings, _ = write_copies(RECIPE, real_data, times, folder / "input")
        found[times] = measure(settings, folder)
    print_table(found)
    return found


def measure(settings: list[str], folder: Path) -> Scale:
    """Runs each stage on a corpus in a process of its own."""
    command = [sys.executable, "-m", "massivetext"]
    rest = [str(RECIPE), "--output", str(folder / "out"), "--workers", "2", *settings]
    stages = {stage: run_measured([*command, stage, *rest], ROOT) for stage in STAGES}
    duplicates, vocabulary = (manifest_of(folder / "out", n) for n in ("duplicates", "vocabulary"))
    counts = duplicates["sources"].values()
    documents, kept = (sum(source[name] for source in counts) for name in ("records", "kept"))
    sample = sum(vocabulary["sample_bytes"].values())
    text = kept_bytes(folder / "out/documents")
    return Scale(documents, text, documents - kept, sample, stages)


def manifest_of(output: Path, stage: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((output / stage / "manifest.json").read_text())
    return found


def print_table(scales: dict[int, Scale]) -> None:
    print("\nstage       " + "".join(f"{f'{t} x: parent':>15}{'worker':>9}" for t in scales))
    for stage in STAGES:
        cells = [scale.stages[stage] for scale in scales.values()]
        row = "".join(f"{p.parent >> 20:>11,} MiB{p.worker >> 20:>5,} MiB" for p in cells)
        print(f"{stage:<12}{row}")
    for times, scale in scales.items():
        megabytes = f"{scale.text / 1e6:,.1f} MB of text, {scale.sample / 1e6:,.1f} MB sampled"
        print(f"{times} x: {scale.documents:,} documents, {megabytes}")
    print(f"duplicates: {per_document(scales):,.0f} bytes a document above the base")
    print(f"sequences: {per_text_byte(scales):.2f} bytes a byte of text above the base")


def growth(scales: dict[int, Scale], stage: str) -> int:
    """Returns by how much the parent's peak grows from the real data to 16 times as much."""
    return scales[16].stages[stage].parent - scales[1].stages[stage].parent


def per_document(scales: dict[int, Scale]) -> float:
    return growth(scales, "duplicates") / (scales[16].documents - scales[1].documents)


def per_text_byte(scales: dict[int, Scale]) -> float:
    return growth(scales, "sequences") / (scales[16].text - scales[1].text)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("times", TIMES[1:])
def test_workers_are_flat(scales: dict[int, Scale], stage: str, times: int) -> None:
    one, many = scales[1].stages[stage], scales[times].stages[stage]
    assert many.worker <= 1.3 * one.worker


@pytest.mark.parametrize("stage", FLAT)
@pytest.mark.parametrize("times", TIMES[1:])
def test_parents_of_file_stages_are_flat(scales: dict[int, Scale], stage: str, times: int) -> None:
    one, many = scales[1].stages[stage], scales[times].stages[stage]
    assert many.parent <= 1.3 * one.parent


def test_duplicates_grow_by_the_document(scales: dict[int, Scale]) -> None:
    assert per_document(scales) <= DOCUMENT_BYTES <= 1_500


def test_sequences_grow_by_the_text(scales: dict[int, Scale]) -> None:
    assert per_text_byte(scales) <= 3.5


def test_the_prediction_covers_what_was_measured(scales: dict[int, Scale]) -> None:
    for scale in scales.values():
        grown = {"duplicates": scale.documents * DOCUMENT_BYTES}
        grown["vocabulary"] = scale.sample * SAMPLE_BYTE_BYTES
        for name, peaks in scale.stages.items():
            assert peaks.worker <= PROCESS_BYTES
            assert peaks.parent <= PROCESS_BYTES + grown.get(name, 0)


def test_nothing_deduplicates(scales: dict[int, Scale]) -> None:
    assert scales[16].documents >= 15.5 * scales[1].documents
    assert scales[16].copies <= 0.001 * scales[16].documents

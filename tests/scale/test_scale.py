"""Memory and CPU of every stage on the real data and on 2, 4 and 8 copies: what is flat."""

import itertools
import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from benchmarks.copies import write_copies
from benchmarks.path import kept_bytes
from massivetext.pipelines.engine.memory import PROCESS_BYTES, SAMPLE_BYTE_BYTES
from tests.scale.peaks import Peaks, run_measured

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(7200)]

TIMES = (1, 2, 4, 8)
BASE = 2  # the fewest copies: the real data have near copies and broken files, copies have not
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")
FLAT = tuple(stage for stage in STAGES if stage != "vocabulary")  # that grows with its sample
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
    folder = tmp_path_factory.mktemp("copies")
    settings, _ = write_copies(RECIPE, real_data, max(TIMES), folder)
    for times in TIMES[1:]:
        found[times] = measure(first_copies(settings, times), tmp_path_factory.mktemp("built"))
    print_table(found)
    return found


def first_copies(settings: list[str], times: int) -> list[str]:
    """Returns the settings that read so many of the copies, at most ten."""
    return [setting.replace('/*"', f'/copy-0[0-{times - 1}]-*"') for setting in settings]


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
    for stage in STAGES:
        cells = [f"{scale.stages[stage].seconds:>8.1f} s" for scale in scales.values()]
        print(f"{stage:<12}{''.join(cells)}")
    more = [f"{seconds_a_megabyte(scales, *pair):.2f}" for pair in itertools.pairwise(scales)]
    print(f"CPU seconds for each more MB of text, vocabulary apart: {', '.join(more)}")


def seconds_a_megabyte(scales: dict[int, Scale], few: int, many: int) -> float:
    """Returns the CPU seconds of all stages for each more megabyte of text; start-up apart."""
    few_seconds, many_seconds = (
        sum(peaks.seconds for name, peaks in scales[n].stages.items() if name != "vocabulary")
        for n in (few, many)
    )
    return (many_seconds - few_seconds) / (scales[many].text - scales[few].text) * 1e6


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("times", TIMES[2:])
def test_workers_are_flat(scales: dict[int, Scale], stage: str, times: int) -> None:
    few, many = scales[BASE].stages[stage], scales[times].stages[stage]
    assert many.worker <= 1.3 * few.worker


@pytest.mark.parametrize("stage", FLAT)
@pytest.mark.parametrize("times", TIMES[2:])
def test_parents_of_file_stages_are_flat(scales: dict[int, Scale], stage: str, times: int) -> None:
    few, many = scales[BASE].stages[stage], scales[times].stages[stage]
    assert many.parent <= 1.3 * few.parent


def test_the_prediction_covers_what_was_measured(scales: dict[int, Scale]) -> None:
    for scale in scales.values():
        grown = {"vocabulary": scale.sample * SAMPLE_BYTE_BYTES}
        for name, peaks in scale.stages.items():
            assert peaks.worker <= PROCESS_BYTES
            assert peaks.parent <= PROCESS_BYTES + grown.get(name, 0)


def test_nothing_deduplicates(scales: dict[int, Scale]) -> None:
    assert scales[8].documents >= 7.7 * scales[1].documents
    assert scales[8].copies <= 0.001 * scales[8].documents

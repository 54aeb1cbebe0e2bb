"""The same bytes, whatever the workers, the order of inputs, the path, the Python, the kills."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.building import (
    STAGES,
    build,
    command,
    digests,
    kill_in,
    leftovers,
    stage_manifest,
)

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def words(sample: Path) -> list[str]:
    return ["--set", f"root={sample}/input"]


@pytest.mark.parametrize("workers", [2, 3])
def test_workers(sample: Path, words: list[str], tmp_path: Path, workers: int) -> None:
    build("sample.toml", tmp_path, *words, "--workers", str(workers))
    assert digests(tmp_path) == digests(sample)


def test_inputs_in_another_order(sample: Path, words: list[str], tmp_path: Path) -> None:
    """The same files, copied and touched in reverse, named one by one in reverse."""
    copy = tmp_path / "input"
    for path in sorted((sample / "input").rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(sample / "input")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    orders: list[str] = []
    for source in ("wikipedia", "github", "news", "c4", "books", "web"):
        names = sorted((path.name for path in (copy / source).iterdir()), reverse=True)
        files = ",".join(f"'{source}/{name}'" for name in names)
        orders += ["--set", f"sources.{source}.files=[{files}]"]
    build("sample.toml", tmp_path / "out", "--set", f"root={copy}", *orders)
    assert digests(tmp_path / "out") == digests(sample)


@pytest.mark.parametrize("share", [0.3, 0.8])
@pytest.mark.parametrize("stage", STAGES)
def test_killed_and_resumed(
    sample: Path, words: list[str], tmp_path: Path, stage: str, share: float
) -> None:
    full = stage_manifest(sample, stage)
    output = killed(sample, words, tmp_path, stage, share)
    build("sample.toml", output, *words)
    assert digests(output) == digests(sample)
    assert leftovers(output) == []
    if stage == "documents" and share == 0.8:
        assert stage_manifest(output, stage)["redone_parts"] <= 0.3 * full["parts"]


def killed(sample: Path, words: list[str], folder: Path, stage: str, share: float) -> Path:
    """The output of a build killed in a stage; earlier where the stage was over too soon."""
    parts = str(stage_manifest(sample, "documents")["parts"])
    seconds = stage_manifest(sample, stage)["seconds"]
    for attempt in range(5):
        output = folder / str(attempt)
        output.mkdir()
        (output / "parts").write_text(parts)
        started = command("sample.toml", output, *words)
        if kill_in(stage, share, seconds * 0.7**attempt, started, output):
            return output
    raise AssertionError(f"{stage} was over before it could be killed")


def test_another_python(sample: Path, tmp_path: Path) -> None:
    other = Path(".venv-312/bin/python")
    if not other.exists():
        pytest.skip("no second Python: make test-faults OTHER_PYTHON=python3.12")
    root = tmp_path / "input"
    subprocess.run([other, "-m", "massivetext", "sample", root], check=True)
    started = command("sample.toml", tmp_path, "--set", f"root={root}")
    done = subprocess.run([str(other), *started[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert digests(tmp_path) == digests(sample)

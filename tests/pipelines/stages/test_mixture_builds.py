"""Quotas of whole builds: exact at every size, passes reported, refused beyond max_passes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.reference import largest_remainder, rules_of

pytestmark = pytest.mark.xdist_group("sample")
LENGTH = 256


def rebuild(sample: Path, output: Path, *settings: str) -> "subprocess.CompletedProcess[str]":
    """Builds the sample's tokens and sequences again; the stages before them are up to date."""
    if not output.exists():
        shutil.copytree(sample, output, ignore=shutil.ignore_patterns("tokens", "sequences"))
    words = [word for setting in settings for word in ("--set", setting)]
    command = [sys.executable, "-m", "massivetext", "build", "sample.toml"]
    where = ["--output", str(output), "--set", f"root={sample}/input", "--replace"]
    return subprocess.run([*command, *where, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("count", [200, 2_000, pytest.param(20_000, marks=pytest.mark.heavy)])
def test_quotas_are_exact(sample: Path, tmp_path: Path, count: int) -> None:
    output = tmp_path / "out"
    done = rebuild(
        sample,
        output,
        f"sequences.tokens={count * LENGTH}",
        f"sequences.length={LENGTH}",
        "sequences.default_max_passes=20",
    )
    assert done.returncode == 0, done.stderr
    stages: dict[str, Any] = json.loads((output / "manifest.json").read_text())["stages"]
    mixture = rules_of(output).mixture
    quotas = dict(zip(mixture, largest_remainder(count, list(mixture.values())), strict=True))
    assert stages["sequences"]["sequences"]["train"] == quotas
    for source, total in stages["tokens"]["sources"].items():
        assert total["quota"] == quotas[source]
        assert 0 < total["passes"] <= 20
        assert 0 < total["epochs"] <= total["passes"] * 1.01


def test_a_run_beyond_max_passes_is_refused_with_advice(sample: Path, tmp_path: Path) -> None:
    done = rebuild(sample, tmp_path / "out", "sequences.tokens=100_000_000")
    assert done.returncode == 1
    message = done.stderr.strip().splitlines()[-1]
    assert "web would take" in message
    assert "max_passes is 4" in message
    assert "raise sequences.max_passes.SOURCE" in message
    assert "Traceback" not in done.stderr


def test_max_takes_what_the_scarcest_source_allows(sample: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    done = rebuild(sample, output, "sequences.tokens=max", f"sequences.length={LENGTH}")
    assert done.returncode == 0, done.stderr
    stages = json.loads((output / "manifest.json").read_text())["stages"]
    passes = [total["passes"] for total in stages["tokens"]["sources"].values()]
    assert 3 < max(passes) <= 4

"""Fixtures of all rooms."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A slow or busy machine fails no test: hypothesis would time each example.
settings.register_profile("massivetext", deadline=None)
settings.load_profile("massivetext")

REAL_DATA = "MASSIVETEXT_REAL_DATA"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Returns the folder of real data; it is beside the project or named by a variable."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get(REAL_DATA, beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: set {REAL_DATA} to its folder")
    return folder


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a finished build of the embedded sample, with its input in ``input``."""
    output = tmp_path_factory.mktemp("sample")
    run = [sys.executable, "-m", "massivetext.cli"]
    subprocess.run([*run, "demo", output / "input"], check=True)
    words = ["build", "sample.toml", "--output", output, "--set", f"root={output}/input"]
    done = subprocess.run([*run, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return output

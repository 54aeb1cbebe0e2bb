"""Fixtures of all rooms."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from massivetext.filters.language.detect import LanguageModel
from tests.support.commands import model_path

# A slow or busy machine fails no test: hypothesis would time each example.
settings.register_profile("massivetext", deadline=None)
settings.load_profile("massivetext")

REAL_DATA = "MASSIVETEXT_REAL_DATA"


class _Scheduling(LoadScopeScheduling):
    """Files with a group mark run in one process, where they share a build; all else anywhere.

    It stands for `--dist loadgroup`, which loses its groups under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "group" if _has_group(file) else nodeid


@cache
def _has_group(file: str) -> bool:
    return "xdist_group" in (Path(__file__).parents[1] / file).read_text()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    """Returns how tests are dealt to processes."""
    return _Scheduling(config, log)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Returns the folder of real data; it is beside the project or named by a variable."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get(REAL_DATA, beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: set {REAL_DATA} to its folder")
    return folder


@pytest.fixture(scope="session")
def language_model() -> LanguageModel:
    """Returns the language model."""
    return LanguageModel(str(model_path()))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a finished build of the embedded sample, with its input in ``input``."""
    model_path()
    output = tmp_path_factory.mktemp("sample")
    run = [sys.executable, "-m", "massivetext"]
    subprocess.run([*run, "sample", output / "input"], check=True)
    words = ["build", "sample.toml", "--output", output, "--set", f"root={output}/input"]
    done = subprocess.run([*run, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    return output


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names cases of bytes by their size: gzip holds the time, and names must not change."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None

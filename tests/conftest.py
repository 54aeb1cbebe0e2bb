"""Fixtures of all rooms."""

import os
from pathlib import Path

import pytest

REAL_DATA = "MASSIVETEXT_REAL_DATA"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Returns the folder of real data; it is beside the project or named by a variable."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get(REAL_DATA, beside))
    if not folder.is_dir():
        pytest.skip(f"no real data: set {REAL_DATA} to its folder")
    return folder

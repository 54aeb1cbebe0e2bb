"""The rows of the whole path come out, and with and without kernels the same bytes are written."""

from pathlib import Path

import pytest

from benchmarks.path import measure_build, measure_path, measure_processes

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_200)]


def test_stages(tmp_path: Path) -> None:
    rows = list(measure_path(tmp_path, 2))
    assert [row.name.split()[0] for row in rows] == ["JSON", "documents"]
    assert all(row.equal and row.ours > row.reference for row in rows)


def test_builds(tmp_path: Path) -> None:
    assert measure_build(tmp_path / "build", 2).equal
    assert measure_processes(tmp_path / "processes", 2).equal

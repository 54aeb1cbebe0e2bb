"""The rows of the whole path come out, and with and without kernels the same bytes are written."""

from pathlib import Path

import pytest

from benchmarks.builds import measure_build, measure_processes, write_lines, write_real
from benchmarks.path import measure_path

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_200)]


def test_stages(tmp_path: Path) -> None:
    rows = list(measure_path(tmp_path, 2))
    assert [row.name.split()[0] for row in rows] == ["JSON", "documents"]
    assert all(row.equal and row.ours > row.reference for row in rows)


def test_builds(tmp_path: Path) -> None:
    assert measure_build(tmp_path, 2).equal


def test_processes(tmp_path: Path) -> None:
    assert measure_processes(tmp_path, write_lines(tmp_path, 2)).equal


def test_processes_on_real_files(tmp_path: Path, real_data: Path) -> None:
    assert measure_processes(tmp_path, write_real(tmp_path, real_data, 1)).equal

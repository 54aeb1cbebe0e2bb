"""A session cluster of this machine, and the sample with its local build."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flink.builds import words
from tests.flink.cluster import Cluster, build_equipment, has_tools, session
from tests.support.commands import run


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample's input, and its build on the local runner."""
    if not has_tools():
        pytest.skip("needs java, javac, jar and mvn")
    build_equipment()
    folder = tmp_path_factory.mktemp("flink")
    assert run("sample", folder / "input").code == 0
    finished = run(*words(folder, folder / "local"))
    assert finished.code == 0, finished.err
    return folder


@pytest.fixture(scope="module")
def cluster(local: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A session cluster of two TaskManagers."""
    with session(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster

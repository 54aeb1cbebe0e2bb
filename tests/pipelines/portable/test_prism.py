"""Builds on Prism, with workers as threads of this process and as a process of their own."""

from pathlib import Path

import pytest

from massivetext.pipelines.portable.options import find_prism
from tests.faults.building import digests
from tests.support.commands import run, small_corpus

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]
PROCESS = ("--environment_type=PROCESS", "--shared-filesystem")


@pytest.mark.parametrize("flags", [(), PROCESS], ids=["threads", "process"])
def test_prism_gives_the_same_bytes(tmp_path: Path, flags: tuple[str, ...]) -> None:
    if find_prism() is None:
        pytest.skip("no prism: make prism")
    recipe = small_corpus(tmp_path, 1, tokens=4_000, length=64)
    assert run("build", recipe, "--output", tmp_path / "here").code == 0
    finished = run("build", recipe, "--output", tmp_path / "there", "--runner=PrismRunner", *flags)
    assert finished.code == 0, finished.err
    assert digests(tmp_path / "there") == digests(tmp_path / "here")

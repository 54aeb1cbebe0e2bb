"""Every command line of README.md and docs/ runs on the sample, or it is said here why it does not.

A line that is new in a page is run as it stands: where that fails, it needs a file in
``workspace.py``, a place in ``NOT_RUN``, or another spelling.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivetext.pipelines.portable.options import find_prism
from tests.pages.commands import ALL, PAGES, ROOT, Line
from tests.pages.workspace import STANDS_FOR, an_id, furnish
from tests.support.commands import run, small_corpus

# Page and beginning of the line: what it needs that is not here, and what tests it instead.
NOT_RUN = {
    ("README.md", "massivetext models"): "the network; tests/massivetext/test_model_files.py",
    ("docs/ablation.md", "massivetext ablate"): "hours; tests/train/laboratory",
    ("docs/dataflow.md", "massivetext"): "a cloud; tests/pipelines/dataflow/test_page.py",
    (
        "docs/duplicates.md",
        "massivetext similar page.txt gs:",
    ): "a bucket; tests/massivetext/similar",
    ("docs/flink.md", "massivetext build sample.toml --output /shared"): "a cluster; tests/flink",
    ("docs/gpu.md", "massivetext train"): "a GPU; tests/train/gpu",
    ("docs/scale.md", "massivetext plan massivetext.toml"): (
        "lists of whole crawls; tests/pipelines/estimate/test_page.py"
    ),
    ("docs/tpu.md", "massivetext prove-tpu"): "libtpu; tests/train/run/test_prove_tpu.py",
    ("docs/tpu.md", "massivetext train"): "a TPU; tests/train/run",
    ("docs/tpu.md", ".venv/bin/massivetext train"): "a TPU and a bucket; tests/train/run",
    ("docs/tpu.md", "cd massivetext && .venv/bin/massivetext train"): "TPUs; tests/train/run",
    ("docs/training.md", "massivetext train 44m"): "hours; tests/train/run",
    ("docs/training.md", "massivetext train $size"): "hours; tests/train/run",
    ("docs/training.md", "massivetext evaluate out/model --suite"): (
        "lm-eval and the files of tasks; tests/train/evaluation/test_suite.py"
    ),
}
SHORTER = {"massivetext train ": " --steps 4"}  # the model need not be good
WRITES = ("-o", "--output", "--kept", "--dropped", "--verdicts", "--save")


def why_not(line: Line) -> str:
    """Returns what a line needs that is not here; "" if it can run."""
    for (page, begin), reason in NOT_RUN.items():
        if line.page == page and line.text.startswith(begin):
            return reason
    if "PrismRunner" in line.text and find_prism() is None:
        return "prism; make prism"
    return "zstd" if line.text.startswith("zstdcat") and not shutil.which("zstd") else ""


def test_the_table_is_of_lines_that_are_there() -> None:
    assert len(ALL) > 70
    for (page, begin), reason in NOT_RUN.items():
        assert any(line.page == page and line.text.startswith(begin) for line in ALL), begin
        assert (ROOT / reason.rpartition("; ")[2]).exists(), reason


@pytest.mark.parametrize("name", sorted({name for line in ALL for name, _ in line.calls()}))
def test_every_option_of_the_pages_is_known(name: str) -> None:
    """Also of the lines that do not run. What follows `--runner` is for Beam."""
    if name.startswith("-"):
        assert run(name).code == 0
        return
    given = [words for line in ALL for called, words in line.calls() if called == name]
    for words in given:
        kind = words[:1] if name == "safety" else []
        helped = run(name, *kind, "--help")
        assert helped.code == 0, (name, helped.err)
        known = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", helped.out.decode()))
        for word in words:
            if word.startswith("--runner"):
                break
            if re.match(r"--?[a-z]", word):
                assert word.partition("=")[0] in known, (name, word)


def written(line: Line) -> Iterator[str]:
    """Yields the paths that the options of a line say are written."""
    for _, words in line.calls():
        if "--explain" not in words:
            pairs = itertools.pairwise(words)  # `show --kept` takes no file
            yield from (p for o, p in pairs if o in WRITES and not p.startswith("--"))


def as_run(text: str) -> str:
    for begin, more in SHORTER.items():
        text += more if text.startswith(begin) else ""
    return text


@pytest.mark.heavy
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("page", [page.relative_to(ROOT).as_posix() for page in PAGES])
def test_the_commands_of_a_page_run_in_their_order(
    page: str, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [line for line in ALL if line.page == page and not why_not(line)]
    if not lines:
        return
    furnish(tmp_path, sample)
    monkeypatch.chdir(tmp_path)
    places = STANDS_FOR | {"6b8a259bc76010f7dde5a12c282e291a": an_id(tmp_path)}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if page == "docs/training.md":
        build_less(tmp_path)
        for size in ("micro", "mini"):  # which the page trains in a loop, for hours
            shell(as_run(f"massivetext train {size} --data out/sample --output out/{size}"), path)
    for line in lines:
        text = line.text
        for word, place in places.items():
            text = text.replace(word, place)
        shell(as_run(text), path)
        for name in written(Line(page, text)):
            assert name == "-" or Path(name).exists(), (line, name)


def build_less(folder: Path) -> None:
    """Puts a small build in the sample's place: three models are evaluated on all of it."""
    (folder / "small").mkdir()
    recipe = small_corpus(folder / "small", 3, length=2_048)
    shutil.rmtree(folder / "out" / "sample")
    done = run("build", recipe, "--output", folder / "out" / "sample")
    assert done.code == 0, done.err


def shell(text: str, path: str) -> None:
    """Runs a line as a reader's shell does."""
    done = subprocess.run(
        ["bash", "-c", f"set -eo pipefail; {text}"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, (text, done.stderr.decode()[-2_000:])

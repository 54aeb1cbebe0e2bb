"""docs/scale.md, followed to the letter: its commands run, and its tables are what they print."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.dataflow.service.commands import shell_blocks
from tests.support.commands import run

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"
STAGES = ("documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


def rows(text: str) -> dict[str, str]:
    """Returns what a table says of each stage, however its cells are set."""
    found = {}
    for line in text.splitlines():
        words = re.sub(r"[|\s]+|, one worker", " ", line).split()
        if words and words[0] in STAGES and len(words) > 5:
            found[words[0]] = " ".join(words)
    return found


def plan(folder: Path, command: str) -> str:
    """Returns what a command of the page prints in a folder."""
    environment = os.environ | {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
    words = ["bash", "-euc", command]
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.heavy
def test_the_samples_commands_run(tmp_path: Path) -> None:
    assert run("sample", tmp_path / "out/sample/input").code == 0
    shown = plan(tmp_path, shell_blocks(PAGE)[0])
    assert shown.count("training tokens encoded") == 3
    assert (tmp_path / "rates.json").stat().st_size > 1_000


@pytest.mark.heavy
def test_the_tables_are_what_is_printed(tmp_path: Path) -> None:
    (recipe,) = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "crawl.toml").write_text(recipe)
    with gzip.open(tmp_path / "warc.paths.gz", "wt") as file:
        file.writelines(f"crawl-data/CC-MAIN/{n:05}.warc.gz\n" for n in range(90_000))
    (tmp_path / "prices.toml").write_text("")
    _, *commands = shell_blocks(PAGE)
    _, *sections = PAGE.read_text().split("\n## ")
    for command, section in zip(commands, sections, strict=False):
        printed, told = rows(plan(tmp_path, command)), rows(section)
        assert printed == told

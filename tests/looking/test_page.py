"""docs/looking.md: every command of it, in order, on a small build."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import one_line, run

pytestmark = pytest.mark.xdist_group("looking")
ROOT = Path(__file__).parents[2]
COMMANDS = ("export-text", "show", "diff", "card")


def commands(page: str) -> list[list[str]]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^    massivetext (.+?)(?:  +#.*)?$", text, re.MULTILINE)
    return [shlex.split(line) for line in found]


def test_every_command_of_the_page_runs(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sample").symlink_to(small)
    (tmp_path / "sample.toml").symlink_to(small.parent / "small.toml")
    (small / "input").symlink_to(small.parent)
    try:
        found = commands("docs/looking.md")
        builds = [words for words in found if words[0] == "build"]
        others = [words for words in found if words[0] != "build"]
        assert {words[0] for words in others} == set(COMMANDS)
        for words in builds + others:
            if "--shards" in words or "--source" in words or "--sources" in words:
                words = [{"books": "c4"}.get(word, word) for word in words]
            done = run(*words)
            assert done.code == 0, (words, done.err)
            assert done.out or "-o" in words or "none: " in done.err, words
    finally:
        (small / "input").unlink()
    assert len(list((tmp_path / "out" / "parquet").glob("text-*.parquet"))) == 8
    assert (tmp_path / "out" / "card.md").read_text().startswith("# Data card\n")


def test_commands_of_the_readme_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where no sample is: the arguments are fine, the build is missing
    found = [words for words in commands("README.md") if words[0] in COMMANDS]
    assert {words[0] for words in found} == set(COMMANDS)
    for words in found:
        done = run(*words[:1], "--help")
        assert (done.code, b"example:\n  massivetext " in done.out) == (0, True)
        assert "no build in " in one_line(run(*words))


@pytest.mark.parametrize("command", COMMANDS)
def test_neither_beam_nor_jax_is_imported(small: Path, tmp_path: Path, command: str) -> None:
    words = {
        "export-text": ["-o", str(tmp_path / "text"), "--workers", "1"],
        "diff": [str(small)],
    }.get(command, [])
    code = (
        "import sys; from massivetext.cli.main import main;"
        f"code = main({[command, str(small), *words]!r});"
        "heavy = {'apache_beam', 'jax', 'google.cloud.storage', 'boto3'} & set(sys.modules);"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr

"""The real command line in this process, and small recipes and texts for it."""

import contextlib
import io
import json
import os
import random
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from massivetext.cli.main import main
from massivetext.errors import ConfigError
from massivetext.model_files import find_language_model

REQUIRE_MODEL = "MASSIVETEXT_REQUIRE_MODEL"  # set by make, which fetches the model
SOURCES = ("web", "books", "c4", "news", "github", "wikipedia")

_WORDS = """
house river morning letter garden window teacher market winter mountain engine kitchen doctor
village library station harbour forest question answer story paper picture journey bridge farmer
season mother brother island captain school evening weather machine
found opened carried watched repaired painted remembered crossed described left
slowly carefully yesterday together today quietly again often
"""
_NOUNS, _VERBS, _WAYS = (
    [word for line in _WORDS.strip().splitlines()[a:b] for word in line.split()]
    for a, b in ((0, 3), (3, 4), (4, 5))
)


class Finished(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: str

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def model_path() -> Path:
    """Returns the path of the language model; without it the test skips, or under make fails."""
    try:
        return Path(find_language_model())
    except ConfigError as error:
        if os.environ.get(REQUIRE_MODEL):
            pytest.fail(f"{REQUIRE_MODEL} is set, and {error}")
        pytest.skip(str(error))


_BUILDS = ("build", "documents", "duplicates", "overlap", "vocabulary", "tokens", "sequences")


def run(*words: object) -> Finished:
    """Runs one command as a shell would: argparse's own exits are exit codes too.

    A build that does not say how many workers is done in this process, so that what a test has
    replaced in it holds.
    """
    if words[:1] and words[0] in _BUILDS and {"--output", "--workers"} & {*words} == {"--output"}:
        words = (*words, "--workers", 1)
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
    out.flush()
    return Finished(code, out.buffer.getvalue(), err.getvalue())  # type: ignore[attr-defined]


def one_line(finished: Finished) -> str:
    """Returns the one line that a user's mistake costs."""
    lines = [line for line in finished.err.splitlines() if line.startswith("massivetext:")]
    assert len(lines) == 1, finished.err
    assert finished.err.splitlines()[-1] == lines[0]
    assert "Traceback" not in finished.err
    assert "while running" not in finished.err
    return lines[0]


def prose(number: int, sentences: int = 12) -> str:
    """Returns plain English that every filter keeps, different for each number."""
    draw = random.Random(number)
    made = [
        f"The {draw.choice(_NOUNS)} of the {draw.choice(_NOUNS)} was {draw.choice(_VERBS)}"
        f" {draw.choice(_WAYS)}, and {draw.choice(_NOUNS)} number {draw.randrange(10**6)} have"
        f" {draw.choice(_VERBS)} that {draw.choice(_NOUNS)} with the {draw.choice(_NOUNS)}."
        for _ in range(sentences)
    ]
    return "\n".join(made) + "\n"


def json_lines(*numbers: int) -> bytes:
    """Returns one good JSON line for each number."""
    return b"".join(json.dumps({"text": prose(n)}).encode() + b"\n" for n in numbers)


def write_recipe(path: Path, files: dict[str, str], **sequences: object) -> Path:
    """Writes a small recipe: files by source, below the recipe's folder, and equal weights."""
    weights = ", ".join(f"{source} = {1 / len(files)!r}" for source in files)
    table = {"tokens": '"max"', "length": 32, "shards": 2, "validation_fraction": 0.2}
    table |= {"default_max_passes": 100} | sequences
    lines = [
        f'root = "{path.parent}"',
        "max_bad_fraction = 1.0",
        f"mixture = {{{weights}}}",
        "[parts]\nbatch_bytes = 1  # a part for each file",
        *(f'[sources.{source}]\nfiles = ["{pattern}"]' for source, pattern in files.items()),
        f'[language_model]\npath = "{model_path()}"',
        "[vocabulary]\nsize = 420\nsample_bytes = 60_000",
        "[sequences]",
        *(f"{name} = {value}" for name, value in table.items()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def small_corpus(folder: Path, files: int, **sequences: object) -> Path:
    """Writes two sources of so many files of ten documents, and returns their recipe."""
    for source, first in (("c4", 0), ("news", 100)):
        (folder / source).mkdir()
        for part in range(files):
            lines = json_lines(*range(first + 10 * part, first + 10 * part + 10))
            (folder / source / f"{part}.jsonl").write_bytes(lines)
    return write_recipe(folder / "recipe.toml", {"c4": "c4/*", "news": "news/*"}, **sequences)


def stems(output: Path) -> list[str]:
    """Returns the names of the parts of a build, in order."""
    found: list[str] = pq.read_table(output / "documents" / "files.parquet")["part"].to_pylist()
    return found


def stage(output: Path, name: str) -> dict[str, Any]:
    """Returns the manifest of a stage."""
    found: dict[str, Any] = json.loads((output / name / "manifest.json").read_text())
    return found


def check_conserved(output: Path) -> None:
    """Checks every stage's account of records, and that each reads what the one before kept."""
    kept: dict[str, int] | None = None
    for name in ("documents", "duplicates", "overlap"):
        if not (output / name / "manifest.json").exists():
            return
        totals = stage(output, name)["sources"]
        for source, total in totals.items():
            out = total["kept"] + sum(total["dropped"].values()) + total.get("errors", 0)
            assert total["records"] == out, (name, source, total)
            assert kept is None or total["records"] == kept[source], (name, source)
        kept = {source: total["kept"] for source, total in totals.items()}

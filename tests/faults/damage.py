"""Damage to a finished build: bits flipped and files cut, at random but for a seed."""

import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.commands import Finished, json_lines, run, write_recipe

NOT_OURS = ("run.lock",)  # says who is at work, and holds no data


# What later stages read; a flip in anything else waits for `verify`.
READ = (
    "documents/part-N.parquet",
    "documents/part-N.json",
    "documents/manifest.json",
    "documents/files.parquet",
    "duplicates/part-N.parquet",
    "overlap/part-N.parquet",
    "overlap/manifest.json",
    "vocabulary/vocabulary.model",
    "vocabulary/manifest.json",
    "tokens/part-N.tokens",
    "tokens/validation-part-N.tokens",
    "tokens-held/part-N.parquet",
    "tokens-held/table-keys.npy",
    "tokens-found/table-found.npy",
    "tokens/part-N.json",
)

# Folders in the order in which a run makes them.
MADE = (
    *("documents", "duplicates", "overlap-matches", "overlap", "vocabulary"),
    *("tokens-held", "tokens-found", "tokens", "sequences"),
)


class Small(NamedTuple):
    """A small build that leaves every kind of file."""

    recipe: Path
    output: Path


def small_build(folder: Path) -> Small:
    """Builds two sources of two files each, with broken records and a held-out set."""
    for source, first in (("c4", 0), ("news", 100)):
        (folder / source).mkdir()
        for part in range(2):
            lines = json_lines(*range(first + 12 * part, first + 12 * part + 12))
            (folder / source / f"{part}.jsonl").write_bytes(lines + b"bad\n" * part)
    (folder / "held.jsonl").write_bytes(json_lines(3, 105))
    recipe = write_recipe(
        folder / "recipe.toml", {"c4": "c4/*", "news": "news/*"}, tokens=16_000, length=64
    )
    with recipe.open("a") as file:
        file.write(f'[overlap]\nsets = [{{name = "held", path = "{folder}/held.jsonl"}}]\n')
    finished = run("build", recipe, "--output", folder / "out")
    assert finished.code == 0, finished.err
    return Small(recipe, folder / "out")


def kinds(output: Path) -> dict[str, list[str]]:
    """Returns the files of a build that hold anything, below its folder, by kind of name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(path for path in output.rglob("*") if path.is_file()):
        name = path.relative_to(output).as_posix()
        if name not in NOT_OURS and path.stat().st_size:
            found[re.sub(r"[0-9a-f]{16}|\d+", "N", name)].append(name)
    return found


def flip(path: Path, draw: random.Random) -> None:
    """Flips one bit."""
    data = bytearray(path.read_bytes())
    place = draw.randrange(8 * len(data))
    data[place // 8] ^= 1 << place % 8
    path.write_bytes(data)


def cut(path: Path, draw: random.Random) -> None:
    """Cuts a file to any shorter length."""
    data = path.read_bytes()
    path.write_bytes(data[: draw.choice((0, len(data) // 2, len(data) - 1, -1)) or 0])


def content(output: Path) -> dict[str, bytes]:
    """Returns all files of a build but those that hold times."""
    timed = ("manifest.json", "index.html", *NOT_OURS)
    paths = (path for path in output.rglob("*") if path.is_file() and path.name not in timed)
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in paths}


def damaged_names(finished: Finished, output: Path) -> list[str]:
    """Returns the files, below the build's folder, that `massivetext verify` has named."""
    lines = finished.out.decode().splitlines()
    assert "Traceback" not in finished.err
    found = (re.fullmatch(rf"{re.escape(str(output))}/(\S+): .*", line) for line in lines)
    return [match[1] for match in found if match]


def verified(output: Path) -> list[str]:
    """Returns the files that `verify` names; its exit code says whether there are any."""
    finished = run("verify", output)
    names = damaged_names(finished, output)
    assert finished.code == bool(names), finished
    return names


def forget_after(output: Path, folder: str) -> None:
    """Deletes what is made after a folder, so that a run reads its files."""
    for later in MADE[MADE.index(folder) + 1 :]:
        shutil.rmtree(output / later)


def remarks(finished: Finished) -> Iterator[str]:
    """Yields the lines of a build that say what was damaged."""
    return (line for line in finished.err.splitlines() if "damaged (" in line)

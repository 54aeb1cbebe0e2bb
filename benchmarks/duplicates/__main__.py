"""Deduplication beside other tools: `python -m benchmarks.duplicates FILE… [--peers PYTHON]`.

Makes a corpus of 20,000 documents of the files' texts with planted copies, compares all pairs, and
prints what each tool finds of the pairs above 0.8, what it removes wrongly, and what that costs.
`--peers` names an interpreter that has rensa, datasketch and datatrove (with spacy); `--old` the
program of another version of massivetext. The tools take turns, and medians are printed, of peaks
the largest; modules are compiled before, as in an installed package.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.duplicates.corpus import Pairs, all_pairs, expected, read_corpus, write_corpus

TOOLS = Path(__file__).with_name("tools.py")


class Cost(NamedTuple):
    """What a command took."""

    seconds: float  # of CPU, its children's with it
    peak: float  # MiB


_WATCH = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def measured(command: list[str], folder: Path | None = None) -> Cost:
    """Runs a command to its end, from a small process: a child begins with its parent's peak."""
    watch = [sys.executable, "-S", "-c", _WATCH, *command]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(watch, capture_output=True, text=True, check=True, cwd=folder, env=env)
    code, seconds, peak = json.loads(done.stdout)
    if code:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Cost(seconds, peak)


def quality(removed: set[int], texts: list[str], pairs: Pairs) -> tuple[float, float]:
    """Returns recall of the pairs above 0.8, exact ones too, and precision of the removals."""
    near = {pair for pair, jaccard in pairs.items() if jaccard > 0.8}
    found = sum(bool({a, b} & removed) for a, b in near)
    partners = {number for pair in near for number in pair}
    right = sum(number in partners for number in removed)
    return found / len(near), right / max(1, len(removed))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--peers", default="")
    parser.add_argument("--old", default="")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        path = write_corpus(chosen.files, folder, chosen.count)
        commands = _commands(chosen, path, folder)
        for name, command in commands.items():  # modules are compiled, files read once
            if name.startswith("massivetext"):
                measured(command, folder)
        costs = [{n: measured(c, folder) for n, c in commands.items()} for _ in range(chosen.turns)]
        _print_table(path, folder, {name: [turn[name] for turn in costs] for name in commands})


def _commands(chosen: argparse.Namespace, path: Path, folder: Path) -> dict[str, list[str]]:
    dedup = ["dedup", str(path), "-o"]
    commands = {"massivetext": [sys.executable, "-m", "massivetext", *dedup]}
    commands |= {"massivetext, old": [chosen.old, *dedup]} if chosen.old else {}
    for name in ("rensa", "datasketch", "datatrove") if chosen.peers else ():
        commands[name] = [chosen.peers, str(TOOLS), name, str(path)]
    return {name: [*command, str(folder / f"{name}.out")] for name, command in commands.items()}


def _print_table(path: Path, folder: Path, costs: dict[str, list[Cost]]) -> None:
    ids, texts = read_corpus(path)
    numbers = {name: number for number, name in enumerate(ids)}
    pairs = all_pairs(texts)
    truth = expected(ids, texts, pairs)
    size = path.stat().st_size / 1e6
    print(f"{len(texts):,} documents, {size:.1f} MB, to drop by the rule {len(truth):,}")
    print("tool               removed  recall > 0.8  precision   CPU s  peak MiB  MB/CPU s")
    for name, turns in costs.items():
        lines = (folder / f"{name}.out").read_text().splitlines()
        own = name.startswith("massivetext")
        removed = {numbers[json.loads(line)["id"] if own else line] for line in lines}
        recall, precision = quality(removed, texts, pairs)
        seconds = statistics.median(cost.seconds for cost in turns)
        print(
            f"{name:<18}{len(removed):>8,}{recall:>14.2%}{precision:>11.2%}{seconds:>8.2f}"
            f"{max(cost.peak for cost in turns):>10.0f}{size / seconds:>10.1f}"
            + ("  as the rule" if removed == truth else "")
        )


main()

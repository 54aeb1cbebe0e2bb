"""Deduplication beside other tools: `python -m benchmarks.duplicates FILE… [--peers PYTHON]`.

Makes a corpus of 20,000 documents of the files' texts with planted copies, compares all pairs, and
prints what each tool finds of the pairs above 0.8, what it removes wrongly, and what that costs.
`--peers` names an interpreter that has rensa, datasketch and datatrove; `--old` that of another
version of massivetext.
"""

import argparse
import json
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
    done = subprocess.run(watch, capture_output=True, text=True, check=True, cwd=folder)
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
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        path = write_corpus(chosen.files, folder, chosen.count)
        ids, texts = read_corpus(path)
        numbers = {name: number for number, name in enumerate(ids)}
        pairs = all_pairs(texts)
        truth = expected(ids, texts, pairs)
        size = path.stat().st_size / 1e6
        print(f"{len(texts):,} documents, {size:.1f} MB, to drop by the rule {len(truth):,}")
        print("tool               removed  recall > 0.8  precision  CPU s  peak MiB  MB/CPU s")
        runs = {"massivetext": sys.executable}
        runs |= {"massivetext, old": chosen.old} if chosen.old else {}
        peers = ("rensa", "datasketch", "datatrove") if chosen.peers else ()
        for name, python in {**runs, **dict.fromkeys(peers, chosen.peers)}.items():
            out = folder / f"{name}.out"
            if name in peers:
                cost = measured([python, str(TOOLS), name, str(path), str(out)])
                removed = {numbers[line] for line in out.read_text().split()}
            else:
                command = [python, "-m", "massivetext", "dedup", str(path), "-o", str(out)]
                cost = measured(command, folder)
                lines = out.read_text().splitlines()
                removed = {_number(json.loads(line), numbers) for line in lines}
            recall, precision = quality(removed, texts, pairs)
            print(
                f"{name:<18}{len(removed):>8,}{recall:>14.2%}{precision:>11.2%}"
                f"{cost.seconds:>7.1f}{cost.peak:>10.0f}{size / cost.seconds:>10.1f}"
                + ("  as the rule" if removed == truth else "")
            )


def _number(drop: dict[str, str], numbers: dict[str, int]) -> int:
    return numbers[drop["id"]]


main()

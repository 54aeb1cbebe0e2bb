"""Speeds in one table, each as a ratio to what it replaces in the same run.

python -m benchmarks [--megabytes N] [--only kernels,language,encoding,path,build,processes]
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.builds import measure_build, measure_processes, write_real_or_lines
from benchmarks.corpus import english_texts, web_texts
from benchmarks.encoding import Speed, measure_encoding
from benchmarks.kernels import measure_kernels
from benchmarks.language import measure_languages
from benchmarks.path import measure_path

GROUPS = ("kernels", "language", "encoding", "path", "build", "processes")


def main() -> None:
    """Prints the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=20, help="of text for the last three")
    parser.add_argument("--only", default=",".join(GROUPS), help="groups of rows")
    chosen = parser.parse_args()
    print(f"{'MB of text a processor second':50}{'ours':>9}{'plain':>9}{'ratio':>9}  equal")
    for row in rows(chosen.only.split(","), chosen.megabytes):
        equal = "yes" if row.equal else "NO"
        print(
            f"{row.name:50}{row.ours:9.1f}{row.reference:9.2f}{row.ratio:7.2f} x  {equal}",
            flush=True,
        )


def rows(groups: list[str], megabytes: int) -> Iterator[Speed]:
    """Yields the rows of the groups.

    Plain are: the definitions in Python for kernels, fastText for language, SentencePiece for
    encoding, the same stages without kernels for the rest, and one process for two.
    """
    if "kernels" in groups:
        yield from measure_kernels(english_texts())
    if "language" in groups:
        yield measure_languages(web_texts())
    if "encoding" in groups:
        yield from measure_encoding(english_texts())
    with tempfile.TemporaryDirectory() as folder:
        if "path" in groups:
            yield from measure_path(Path(folder) / "path", megabytes)
        if "build" in groups:
            yield measure_build(Path(folder) / "build", megabytes)
        if "processes" in groups:
            output = Path(folder) / "processes"
            yield measure_processes(output, write_real_or_lines(output, megabytes))


if __name__ == "__main__":
    main()

"""How long a search for similar documents takes: `python -m benchmarks.duplicates.similar [COUNT]`.

The documents are those of `growth`, a million by default; the index is made first.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.duplicates.growth import texts, write
from massivetext.finished.build import BuiltPart, FinishedBuild
from massivetext.pipelines.folder.sums import summed_files
from massivetext.shards.parquet_files import write_parquet
from massivetext.similar.index import make_index
from massivetext.similar.search import find_similar
from massivetext.storage.json_files import require_json

SEARCHES = 200


def finished_build(folder: Path, count: int) -> FinishedBuild:
    """Writes documents and what a search reads of a finished build beside them."""
    parts = write(folder, 0, count)
    summaries = [require_json(str(folder / "documents" / f"{part.stem}.json")) for part in parts]
    sums = [[{"name": s.name, "crc32c": s.crc32c} for s in summed_files(f)] for f in summaries]
    files = pa.table({"checksums": sums})
    with (folder / "documents" / "files.parquet").open("wb") as file:
        write_parquet(files, file)
    for stage in ("duplicates", "overlap"):
        (folder / stage).mkdir()
        for part in parts:
            with (folder / stage / f"{part.stem}.parquet").open("wb") as file:
                write_parquet(pa.table({"row": pa.array([], pa.uint32())}), file)
    manifest = {"recipe": {"duplicates": {"shingle_words": 13, "punctuation": "space"}}}
    built = tuple(BuiltPart(part.stem, part.source, part.rows, 0) for part in parts)
    return FinishedBuild(str(folder), manifest, built)


def main(count: int) -> None:
    """Prints the time of making the index, and of searches."""
    with tempfile.TemporaryDirectory() as work:
        build = finished_build(Path(work) / "build", count)
        start = time.perf_counter()
        make_index(build)
        print(f"{count:,} documents indexed in {time.perf_counter() - start:.1f} s")
        step = max(1, count // SEARCHES)
        taken = []
        for number in range(step - 1, count, step):
            (text,) = texts(number, number + 1)
            start = time.perf_counter()
            make_index(build)  # as the command does: it looks whether the index is of these files
            found = find_similar(build, text)
            taken.append(time.perf_counter() - start)
            assert found[0].jaccard == 1, number
        print(
            f"{len(taken)} searches: median {statistics.median(taken):.3f} s,"
            f" slowest {max(taken):.3f} s"
        )


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)

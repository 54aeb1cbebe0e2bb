"""A folder in which the commands of the pages find the files that they name."""

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.commands import json_lines, prose, run

# What a page writes for something of the reader's.
STANDS_FOR = {
    "root=FOLDER": "root=out/sample/input/web",
    "/data/pages": "out/sample/input/web",
    "out/before": "out/sample",
    "out/after": "out/other",
    "out/crawl": "out/sample",
    "out/corpus": "out/sample",
}
_MINE = """
root = "out/sample/input"
[sources.web]
files = ["web/*"]
[mixture]
web = 1.0
"""
_CRAWL = """
[sources.web]
files = ["CC-MAIN-*.warc.gz"]
[mixture]
web = 1.0
"""


def furnish(folder: Path, sample: Path) -> None:
    """Writes the files of a reader: pages in many forms, a recipe, lists, a copy of the sample."""
    shutil.copytree(sample, folder / "out" / "sample")
    (folder / "out" / "other").symlink_to("sample")
    rows = json_lines(*range(30))
    html = "".join(f"<p>{line}</p>" for line in prose(1).splitlines())
    files = {
        "pages.jsonl": rows,
        "pages.jsonl.gz": gzip.compress(rows),
        "kept.jsonl": rows,
        "a.jsonl": rows,
        "b.jsonl": json_lines(*range(20, 40)),
        "my.jsonl": json_lines(1, 2),
        "page.txt": prose(1).encode(),
        "page.html": f"<html><body><main>{html}</main></body></html>".encode(),
        "mine.toml": _MINE.encode(),
        "crawl.toml": _CRAWL.encode(),
        "warc.paths.gz": gzip.compress(b"".join(b"CC-MAIN-%d.warc.gz\n" % n for n in range(90))),
        "labels.jsonl": _labels(),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    table = pa.Table.from_pylist([json.loads(line) for line in rows.splitlines()])
    pq.write_table(table, folder / "pages.parquet")
    if shutil.which("zstd"):
        subprocess.run(["zstd", "-q", "pages.jsonl"], cwd=folder, check=True)
    _take_from_the_sample(folder)


def _labels() -> bytes:
    """Returns labels to learn from, of several hosts; the words are not what is tested."""
    rows = [
        {"text": prose(n), "label": "explicit" if n % 2 else "safe", "host": f"h{n % 20}.example"}
        for n in range(200)
    ]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _take_from_the_sample(folder: Path) -> None:
    """Writes an archive, and lists of what stands in the sample."""
    sample = folder / "out" / "sample"
    archive = min(
        (sample / "input" / "web").glob("*.warc.gz"), key=lambda path: path.stat().st_size
    )
    shutil.copy(archive, folder / "crawl.warc.gz")
    files = sorted((sample / "documents").glob("part-*.parquet"))
    rows = [row for f in files for row in pq.read_table(f, columns=["url", "host"]).to_pylist()]
    named = [row for row in rows if row["url"] and row["host"]]
    (folder / "removed.txt").write_text(named[0]["url"] + "\n")
    (folder / "example.org.txt").write_text(named[-1]["host"] + "\n")


def an_id(folder: Path) -> str:
    """Returns the id of a page of the archive, as `filter` prints it."""
    lines = run("filter", folder / "crawl.warc.gz").lines()
    return str(next(line["id"] for line in lines if line["measures"]))

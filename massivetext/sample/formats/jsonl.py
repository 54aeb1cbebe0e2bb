"""JSON lines of the sample: plain, gzip and Zstandard, whole and broken ones."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import zstandard

from massivetext.document import Origin
from massivetext.limits import MAX_LINE_BYTES
from massivetext.sample.formats.warc import compress
from massivetext.sample.material.articles import Article
from massivetext.sample.material.deal import Deal
from massivetext.sample.material.truth import Placed, Plant, Written

_BROKEN = Plant("broken_line", "broken")


class Line(NamedTuple):
    """One line of a file, without its end."""

    data: bytes
    plant: Plant | None = None
    url: str = ""


def json_line(row: Mapping[str, object], plant: Plant | None = None) -> Line:
    """Returns a row as a line."""
    return Line(
        json.dumps(dict(row), ensure_ascii=False).encode(), plant, str(row.get("url") or "")
    )


def write_lines(path: Path, lines: Iterable[Line]) -> Written:
    """Writes the lines, compressed as the name says; a position is an offset in the plain bytes."""
    lines = list(lines)
    placed, offset = [], 0
    for line in lines:
        if line.plant:
            placed.append(Placed(line.plant, offset, line.url))
        offset += len(line.data) + 1
    data = b"".join(line.data + b"\n" for line in lines)
    path.write_bytes(_compress(data, path.suffix))
    broken = sum(line.plant is not None and line.plant.outcome == "broken" for line in lines)
    return Written(path.parent.name, path.name, len(lines), broken, tuple(placed))


def dealt_lines(origin: Origin, deal: Deal[Line]) -> Iterator[Line]:
    """Yields the lines of a file, each as its place in the file has it, until all are dealt."""
    offset = 0
    while deal:
        line = deal.take(origin.document_id(offset))
        offset += len(line.data) + 1
        yield line


def write_cut_lines(path: Path, lines: list[Line]) -> Written:
    """Writes gzip that ends in the middle of the last line, as an interrupted download does."""
    written = write_lines(path, lines)
    whole = len(compress(b"".join(line.data + b"\n" for line in lines[:-1])))
    data = path.read_bytes()
    path.write_bytes(data[: (whole + len(data)) // 2])
    placed = (*written.placed, Placed(Plant("cut_gzip", "broken"), None))
    return written._replace(broken=1, placed=placed)


def write_bomb(path: Path, line: Line) -> Written:
    """Writes Zstandard of a good line and then a line that expands without end."""
    zeros = b"0" * (1 << 20)
    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    parts = [compressor.compress(line.data + b"\n")]
    parts += [compressor.compress(zeros) for _ in range(2 * MAX_LINE_BYTES // len(zeros))]
    path.write_bytes(b"".join([*parts, compressor.flush()]))
    placed = [Placed(line.plant, 0, line.url)] if line.plant else []
    bomb = Placed(Plant("bomb", "broken"), None)
    return Written(path.parent.name, path.name, 2, 1, (*placed, bomb))


def broken_lines(article: Article) -> list[Line]:
    """Returns lines that are no documents, each a case, with a good line at the end."""
    text = article.text
    null = json.dumps({"text": "A note with a \0 in it. " + text, "url": "http://n.example/"})
    empty = Plant("empty_text", "dropped", ("empty",))
    half = Plant("half_pair", "dropped", ("language",))  # read, and too short to be English
    return [
        Line(b'{"text": "The end of this line is missing', _BROKEN),
        Line(b'{"text": "These bytes are not UTF-8: \xff\xfe\xe9"}', _BROKEN),
        Line(b'{"url": "http://no-text.example/"}', _BROKEN),
        Line(b'{"text": null}', empty),
        Line(b'{"text": 17}', _BROKEN),
        Line(b'["text", "in a list"]', _BROKEN),
        Line(b'{"text": "half a pair: \\ud800"}', half),
        Line(b'{"text": NaN}', empty),
        Line(b"[" * 100_000, _BROKEN),
        Line(b"<html>not JSON at all</html>", _BROKEN),
        Line(b'{"text": ""}', empty),
        Line(b'{"text": " \\n "}', empty),
        Line(null.encode(), Plant("nul_character")),
    ]


def long_line(last: Line) -> list[Line]:
    """Returns a line over the limit, and a good one behind it."""
    text = b'{"text": "' + b"0" * (MAX_LINE_BYTES + 1) + b'"}'
    return [Line(text, Plant("long_line", "broken")), last]


def _compress(data: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return compress(data)
    return zstandard.ZstdCompressor(level=3).compress(data) if suffix == ".zst" else data

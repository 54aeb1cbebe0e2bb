"""Bad input files, by source, each with the records that must come of it."""

import bz2
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.massivetext.readers.warc.warc_files import members, record, response
from tests.support.commands import json_lines, prose


class Bad(NamedTuple):
    """A bad file: what makes its bytes, and how many records of each kind it must give."""

    make: Callable[[], bytes]
    kept: int
    errors: int
    dropped: dict[str, int] = {}  # noqa: RUF012  (a default, never changed)


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def zst_bomb(size: int) -> bytes:
    """Returns a frame of a few kilobytes that expands to `size` zero bytes."""
    out = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(out, closefd=False) as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return out.getvalue()


def gzip_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def flipped(data: bytes, at: int) -> bytes:
    """Returns the data with 16 bytes at a place turned over."""
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 16]) + data[at + 16 :]


# ------------------------------------------------------------------------------ JSON lines: c4


def cut_gzip() -> bytes:
    """Two whole members of three lines, and a third that ends in its header."""
    whole = gzip.compress(json_lines(1, 2, 3)) + gzip.compress(json_lines(4, 5, 6))
    return whole + gzip.compress(json_lines(7))[:9]


def corrupt_gzip() -> bytes:
    """One whole member, then one whose first block is no deflate data."""
    return gzip.compress(json_lines(11, 12)) + gzip.compress(json_lines(13))[:10] + b"\xff" * 200


def bad_lines() -> bytes:
    """A good line, six of which no document can be made, two without text, two good lines."""
    bad = [
        b'{"text": "cut',
        b"[1, 2]",
        b"nonsense",
        b'{"txt": "another key"}',
        b'{"text": 5}',
        b'{"text": null}',
        b'{"text": NaN}',
        b"[" * 100_000,
        json.dumps({"text": prose(23) + " \ud800"}).encode(),
    ]
    return json_lines(21) + b"\n".join(bad) + b"\n" + json_lines(22)


def bad_utf8() -> bytes:
    return json_lines(31, 32) + b'{"text": "caf\xe9 and \xff"}\n' + json_lines(33)


def nul_bytes() -> bytes:
    """NUL in a text is removed, as an escape or as a byte; a hole of zeros is no JSON."""
    escaped = json.dumps({"text": prose(41).replace(" ", " \0", 3)}).encode() + b"\n"
    raw = json_lines(42).replace(b"The", b"T\0e", 1)
    return escaped + raw + json_lines(43) + bytes(4_096) + b"\n" + json_lines(44)


def long_line() -> bytes:
    """A line of 5 MB between two others."""
    text = prose(50, 48_000)
    assert len(text) > 5_000_000
    return json_lines(51) + json.dumps({"text": text}).encode() + b"\n" + json_lines(52)


C4 = {
    "cut.json.gz": Bad(cut_gzip, 6, 1),
    "corrupt.json.gz": Bad(corrupt_gzip, 2, 1),
    "not-gzip.json.gz": Bad(lambda: json_lines(61, 62), 2, 0),
    "cut.json.zst": Bad(lambda: zst(json_lines(63, 64)) + zst(json_lines(65))[:20], 2, 1),
    "cut.json.bz2": Bad(lambda: bz2.compress(json_lines(66)) + bz2.compress(b"x")[:12], 1, 1),
    "junk-behind.json.gz": Bad(lambda: gzip.compress(json_lines(67)) + b"<html>404</html>", 1, 1),
    "bad-lines.jsonl": Bad(bad_lines, 3, 6, {"empty": 2}),
    "bad-utf8.jsonl": Bad(bad_utf8, 3, 1),
    "nul.jsonl": Bad(nul_bytes, 4, 1),
    "long-line.jsonl": Bad(long_line, 3, 0),
    "no-newline.jsonl": Bad(lambda: json_lines(68, 69).rstrip(), 2, 0),
    "bomb.json.gz": Bad(lambda: gzip_bomb(100 << 20), 0, 1),
    "bomb-behind.json.gz": Bad(
        lambda: gzip.compress(json_lines(70)) + gzip_bomb(80 << 20) + gzip.compress(json_lines(71)),
        1, 1,
    ),
    "bomb.json.zst": Bad(lambda: zst_bomb(400 << 20), 0, 1),
    "empty.jsonl": Bad(bytes, 0, 0),
    "empty.json.gz": Bad(bytes, 0, 0),
    "blank.jsonl": Bad(lambda: b"\n  \n\r\n", 0, 0),
    "blank-texts.jsonl": Bad(lambda: b'{"text": ""}\n{"text": " \\n"}\n', 0, 0, {"empty": 2}),
    "good.jsonl": Bad(lambda: json_lines(*range(100, 112)), 12, 0),
}  # fmt: skip

# --------------------------------------------------------------- Parquet, plain text, EPUB: books


def parquet(texts: list[object], column: str = "text", kind: pa.DataType | None = None) -> bytes:
    out = io.BytesIO()
    table = pa.table({column: pa.array(texts, kind or pa.string())})
    pq.write_table(table, out, row_group_size=2, compression="NONE", use_dictionary=False)
    return out.getvalue()


def corrupt_parquet() -> bytes:
    """Three row groups of two rows; the page header of the second is damaged."""
    data = parquet([prose(n) for n in range(201, 207)])
    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1)
    return flipped(data, group.column(0).data_page_offset)


def bad_utf8_parquet() -> bytes:
    """Three rows of a string column; the second holds bytes that are no UTF-8."""
    texts = [prose(211).encode(), b"caf\xe9 \xff", prose(212).encode()]
    data = pa.array(texts, pa.binary())
    strings = pa.Array.from_buffers(pa.string(), len(data), data.buffers())
    out = io.BytesIO()
    pq.write_table(pa.table({"text": strings}), out)
    return out.getvalue()


def epub(
    files: dict[str, bytes] | None = None, package: str = "", compress: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Returns a book of one chapter, with other files beside it."""
    container = '<container><rootfiles><rootfile full-path="o.opf"/></rootfiles></container>'
    opf = package or (
        "<package><metadata><title>A book</title></metadata><manifest>"
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="c"/></spine></package>'
    )
    chapter = f"<html><body><p>{prose(221)}</p></body></html>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compress) as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("o.opf", opf)
        archive.writestr("c.xhtml", chapter)
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def large_epub() -> bytes:
    """An archive with a member of 1 GB, which is a few bytes here: only its directory says so."""
    data = epub({"big.xhtml": b"x"})
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + (1 << 30).to_bytes(4, "little") + data[at + 28 :]


LAUGHS = "<!DOCTYPE p [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
) + "]>"  # fmt: skip

BOOKS = {
    "cut.parquet": Bad(lambda: parquet([prose(231)])[:-20], 0, 1),
    "corrupt.parquet": Bad(corrupt_parquet, 4, 1),
    "bad-utf8.parquet": Bad(bad_utf8_parquet, 2, 1),
    "no-text.parquet": Bad(lambda: parquet([prose(232)], "body"), 0, 1),
    "numbers.parquet": Bad(lambda: parquet([1, 2, 3], kind=pa.int64()), 0, 1),
    "nulls.parquet": Bad(lambda: parquet([prose(233), None]), 1, 0, {"empty": 1}),
    "no-rows.parquet": Bad(lambda: parquet([]), 0, 0),
    "noise.parquet": Bad(lambda: b"PAR1" + b"\x7f" * 500 + b"PAR1", 0, 1),
    "empty.parquet": Bad(bytes, 0, 0),
    "latin.txt": Bad(lambda: prose(241).encode() + b"caf\xe9 \xa3 \xff\x81\n", 1, 0),
    "nul.txt": Bad(lambda: prose(242).encode().replace(b" ", b"\0 ", 5), 1, 0),
    "utf16-cut.txt": Bad(lambda: b"\xff\xfe" + prose(243).encode("utf-16-le")[:-1], 1, 0),
    "cut.txt.gz": Bad(lambda: gzip.compress(prose(244).encode())[:-30], 0, 1),
    "long-line.txt": Bad(lambda: prose(245, 48_000).replace("\n", " ").encode(), 1, 0),
    "blank.txt": Bad(lambda: b" \n\n ", 0, 0, {"empty": 1}),
    "empty.txt": Bad(bytes, 0, 0),
    "good.epub": Bad(epub, 1, 0),
    "parent.epub": Bad(lambda: epub({"../../etc/evil": b"x"}), 0, 1),
    "large.epub": Bad(large_epub, 0, 1),
    "laughs.epub": Bad(lambda: epub(package=LAUGHS + "<p>&a11;</p>"), 0, 1),
    "cut.epub": Bad(lambda: epub()[:-40], 0, 1),
    "noise.epub": Bad(lambda: b"PK\x03\x04" + b"\x55" * 300, 0, 1),
    "empty.epub": Bad(bytes, 0, 0),
    "good.jsonl": Bad(lambda: json_lines(*range(251, 259)), 8, 0),
}

# ------------------------------------------------------------------------------------ WARC: web


def page(number: int, before: bytes = b"", headers: tuple[str, ...] = ()) -> bytes:
    """Returns a record of one good page, with more before its paragraphs."""
    paragraphs = "".join(f"<p>{line}</p>" for line in prose(number).splitlines())
    body = b"<html><body>" + before + paragraphs.encode() + b"</body></html>"
    return response(body, f"http://{number}.example/", ("Content-Type: text/html", *headers))


def deep_page() -> bytes:
    """A page whose elements are nested 100,000 deep, and text behind them."""
    return page(301, b"<div>" * 100_000)


def content_bomb() -> bytes:
    headers = ("Content-Type: text/html", "Content-Encoding: gzip")
    return response(gzip_bomb(80 << 20), "http://bomb.example/", headers)


def wrong_length() -> bytes:
    return page(302).replace(b"Content-Length: ", b"Content-Length: 9", 1)


def damaged_warc() -> bytes:
    """Five pages, a member each; the third is damaged."""
    data = [gzip.compress(page(n)) for n in range(311, 316)]
    return data[0] + data[1] + flipped(data[2], len(data[2]) // 2) + data[3] + data[4]


WEB = {
    "cut.warc.gz": Bad(lambda: members([page(321), page(322), page(323)])[:-60], 2, 1),
    "damaged.warc.gz": Bad(damaged_warc, 4, 1),
    "wrong-length.warc.gz": Bad(
        lambda: members([page(324)]) + members([wrong_length()]) + members([page(325)]), 2, 1
    ),
    "deep.warc.gz": Bad(lambda: members([deep_page(), page(326)]), 2, 0),
    "content-bomb.warc.gz": Bad(
        lambda: members([page(327), content_bomb(), page(328)]), 2, 0, {"too_large": 1}
    ),
    "bomb.warc.gz": Bad(
        lambda: members([page(329)]) + gzip_bomb(100 << 20) + members([page(330)]), 2, 1
    ),
    "nul.warc.gz": Bad(lambda: members([page(331, b"<p>\0\0</p>" * 50)]), 1, 0),
    "bad-utf8.warc.gz": Bad(
        lambda: members([page(332, b"<meta charset=utf-8><p>caf\xe9 \xff\xfe\x80</p>")]), 1, 0
    ),
    "other.warc": Bad(
        lambda: record("request", b"GET / HTTP/1.1\r\n\r\n") + record("warcinfo", b"a: b"),
        0, 0, {"record_type": 2},
    ),
    "statuses.warc": Bad(
        lambda: response(status="HTTP/1.1 404 Not Found")
        + response(b"\x89PNG", headers=("Content-Type: image/png",)),
        0, 0, {"http_status": 1, "not_html": 1},
    ),
    "noise.warc.gz": Bad(lambda: b"\x1f\x8b" + b"\x99" * 400, 0, 1),
    "no-warc.warc": Bad(lambda: b"<html>404 not found</html>", 0, 1),
    "empty.warc.gz": Bad(bytes, 0, 0),
    "good.warc.gz": Bad(lambda: members([page(n) for n in range(341, 351)]), 10, 0),
}  # fmt: skip

# -------------------------------------------------------------------------- XML dump: wikipedia


def wiki_page(number: int, body: str = "") -> str:
    text = body or prose(number)
    return (
        f"<page><title>Page {number}</title><ns>0</ns><id>{number}</id><revision>"
        f"<text>{text}</text></revision></page>\n"
    )


def dump(*pages: str, doctype: str = "") -> bytes:
    return (doctype + "<mediawiki>\n" + "".join(pages) + "</mediawiki>\n").encode()


def damaged_dump() -> bytes:
    """Three streams of two pages, as multistream dumps are; the second is damaged."""
    streams = [bz2.compress("".join(wiki_page(n + k) for k in (0, 1)).encode()) for n in (1, 3, 5)]
    streams[1] = flipped(streams[1], len(streams[1]) // 2)
    return bz2.compress(b"<mediawiki>\n") + b"".join(streams) + bz2.compress(b"</mediawiki>\n")


WIKIPEDIA = {
    "cut.xml.bz2": Bad(
        lambda: bz2.compress(dump(wiki_page(401), wiki_page(402))[:-14])
        + bz2.compress(wiki_page(403).encode())[:60], 2, 1
    ),
    "damaged.xml.bz2": Bad(damaged_dump, 4, 1),
    "laughs.xml.bz2": Bad(
        lambda: bz2.compress(
            dump(wiki_page(411), wiki_page(412, "&a11;"), wiki_page(413), doctype=LAUGHS)
        ),
        2, 2,
    ),
    "outer-entity.xml": Bad(
        lambda: dump(
            wiki_page(414, "&x;"), doctype='<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        ),
        0, 2,
    ),
    "nul.xml": Bad(lambda: dump(wiki_page(415, "a \0 b"), wiki_page(416)), 1, 1),
    "bad-utf8.xml": Bad(
        lambda: dump(wiki_page(417, "caf@ and more"), wiki_page(418)).replace(b"@", b"\xe9\xff"),
        1, 1,
    ),
    "no-dump.xml": Bad(lambda: b"<html>404 not found</html>", 0, 1),
    "empty.xml.bz2": Bad(bytes, 0, 0),
    "redirect.xml": Bad(
        lambda: dump(wiki_page(419, "#REDIRECT [[Page 420]]")), 0, 0, {"redirect": 1}
    ),
    "good.xml": Bad(lambda: dump(*map(wiki_page, range(421, 429))), 8, 0),
}  # fmt: skip

# ------------------------------------------------------------- the BigQuery export: github; news


def code(number: int, **changes: object) -> bytes:
    row = {"repo_name": f"o/r{number}", "path": f"a{number}.py", "license": "mit", "size": "9"}
    row |= {"content": "\n".join(f"name_{number}_{n} = {n * number}" for n in range(60)) + "\n"}
    return json.dumps(row | changes).encode() + b"\n"


GITHUB = {
    "bad.json": Bad(
        lambda: code(501, content=5) + code(502, size="x") + b'{"content": "cut\n' + code(503)
        + code(504, content=None) + code(505, license="gpl-3.0") + code(506, content="a\0b"),
        1, 3, {"binary": 2, "licence": 1},
    ),
    "good.json.gz": Bad(lambda: gzip.compress(b"".join(map(code, range(511, 519)))), 8, 0),
}  # fmt: skip

NEWS = {
    "dates.jsonl": Bad(
        lambda: json.dumps({"text": prose(601), "date": 20200101}).encode() + b"\n"
        + json.dumps({"text": prose(602), "date": [1]}).encode() + b"\n",
        2, 0,
    ),
    "good.jsonl": Bad(lambda: json_lines(*range(611, 619)), 8, 0),
}  # fmt: skip

EVERY = {
    "web": WEB,
    "books": BOOKS,
    "c4": C4,
    "news": NEWS,
    "github": GITHUB,
    "wikipedia": WIKIPEDIA,
}

"""Pages of six public sets with what people marked as their main text."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecordType

from massivetext.readers.bytes.charset import decode_page

TEXT_SETS: Final = ("aeb", "fundus-news", "newspaper", "readability")
SEGMENT_SET: Final = "trafilatura"
TYPED_SET: Final = "wcxb"
SETS: Final = (*TEXT_SETS, SEGMENT_SET, TYPED_SET)
MIN_GOLD: Final = 120  # characters; shorter rows of the text sets are notes, not the page's text


class GoldPage(NamedTuple):
    """A page and what is known of its main text."""

    set: str
    url: str
    html: str
    kind: str  # the type that the typed set gives it, else ""
    text: str  # "" in the segment set
    wanted: list[str]  # segments that the text must hold
    unwanted: list[str]

    @property
    def half(self) -> str:
        """``tune`` or ``test``, by the first byte of SHA-1 of the URL, as in all our notes."""
        return "tune" if hashlib.sha1(self.url.encode()).digest()[0] % 2 else "test"


def read_pages(folder: Path) -> list[GoldPage]:
    """Returns the pages of all sets in a folder of ``NAME-dev.warc.gz`` and their gold rows."""
    return [page for name in SETS for page in _read_set(folder, name)]


def _read_set(folder: Path, name: str) -> Iterator[GoldPage]:
    pages = dict(_bodies(folder / f"{name}-dev.warc.gz"))
    with gzip.open(folder / f"{name}-dev.gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if name not in TEXT_SETS or len(row["text"]) >= MIN_GOLD:
                yield _gold_page(name, row, pages[row["url"]])


def _gold_page(name: str, row: dict[str, Any], html: str) -> GoldPage:
    text, kind = str(row.get("text", "")), str(row.get("page_type", ""))
    return GoldPage(name, row["url"], html, kind, text, row.get("with", []), row.get("without", []))


def _bodies(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response):
            kind = (record.http_headers or {}).get("Content-Type") or ""
            yield record.headers["WARC-Target-URI"], decode_page(record.reader.read(), kind)

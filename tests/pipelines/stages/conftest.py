"""Folders of stage 1, written without running it."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.dedup.signature import sign
from massivetext.document import Document, Origin
from massivetext.pipelines.stages.duplicates.read import DocumentPart
from massivetext.shards.document_files import DROPPED, KEPT, document_schema, document_values


class Page(NamedTuple):
    """A document to be: its text, host, title, and reasons if it is dropped."""

    text: str
    host: str = ""
    title: str = ""
    reasons: tuple[str, ...] = ()


class Documents:
    """A build's folder with documents of stage 1 in it."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.parts: list[DocumentPart] = []
        self.kept: dict[tuple[int, int], Document] = {}

    def add(self, source: str, pages: list[Page | str], group_rows: int = 7) -> DocumentPart:
        """Writes one part more."""
        number = len(self.parts)
        kept, dropped = [], []
        for row, page in enumerate(Page(p) if isinstance(p, str) else p for p in pages):
            identity = Origin(source, str(number)).document_id(row)
            document = Document(identity, source, page.text, title=page.title)
            names = document_schema(KEPT, ()).names
            columns = dict(zip(names, document_values(document, page.host), strict=False))
            if page.reasons:
                dropped.append(columns | {"reasons": list(page.reasons)})
                continue
            signature = sign(page.text)
            self.kept[number, len(kept)] = document
            hashes = {"content_hash": signature.content_hash, "signature": signature.minhash}
            kept.append(columns | hashes)
        folder = self.output / "documents"
        folder.mkdir(parents=True, exist_ok=True)
        names = folder / f"part-{number:05d}.parquet", folder / f"dropped-part-{number:05d}.parquet"
        for name, rows, schema in zip(
            names,
            (kept, dropped),
            (document_schema(KEPT, ()), document_schema(DROPPED, ())),
            strict=True,
        ):
            pq.write_table(pa.Table.from_pylist(rows, schema), name, row_group_size=group_rows)
        part = DocumentPart(number, source, *map(str, names), len(kept), stem=f"part-{number:05d}")
        self.parts.append(part)
        return part


@pytest.fixture(scope="session")
def make_documents() -> type[Documents]:
    """Returns the class of build's folders."""
    return Documents


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    """Returns an empty build's folder, to which parts are added."""
    return Documents(tmp_path / "out")


@pytest.fixture
def page() -> type[Page]:
    """Returns the class of documents to be."""
    return Page

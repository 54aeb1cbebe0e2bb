"""Masks and signals in stage 1: columns, the summary's counts, and the report's tables."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from massivetext.config.filter_rules import MaskRules, OptOutRules
from massivetext.config.recipe import Filters
from massivetext.corpus.conservation import account
from massivetext.corpus.parts import Part, Slice
from massivetext.corpus.report import masked, opt_outs
from massivetext.filters.judge import Models
from massivetext.filters.safety.explicit import DomainList
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stages.documents.write import DocumentsWork, write_documents

TEXTS = [
    "Write to joe@example.org or to ann@example.org.",
    "Call 415-555-2671, or ping 81.2.69.142.",
    "Nothing of the kind is in version 10.12.30.41.",
    "",
]
COLUMNS = ["masked_emails", "masked_ip_addresses", "masked_phones"]


def written(folder: Path, filters: Filters) -> tuple[dict, list[dict], list[dict]]:
    path = folder / "a.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    part = Part(
        0, "c4", "jsonl", (Slice("a", str(path), 0, None),), path.stat().st_size, "part-00000"
    )
    stage = Stage("documents", str(folder / "documents"), "k")
    work = DocumentsWork(stage, filters, ModelPaths("", "", ()), 0)
    summary = write_documents(part, work, Models(None, DomainList()))
    kept = pq.read_table(folder / "documents" / "part-00000.parquet").to_pylist()
    dropped = pq.read_table(folder / "documents" / "dropped-part-00000.parquet").to_pylist()
    return summary, kept, dropped


def no_language(**more: object) -> Filters:
    filters = Filters(**more)  # type: ignore[arg-type]
    return Filters(language=type(filters.language)(sources=()), mask=filters.mask)


def test_what_is_masked_is_counted(tmp_path: Path) -> None:
    summary, kept, dropped = written(tmp_path, no_language(mask=MaskRules(("c4",))))
    assert [row["text"] for row in kept] == [
        "Write to <email> or to <email>.",
        "Call <phone>, or ping <ip>.",
        TEXTS[2],
    ]
    assert [[row[name] for name in COLUMNS] for row in kept] == [[2, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert [row["text_bytes"] for row in kept] == [len(row["text"]) for row in kept]
    assert [row["masked_emails"] for row in dropped] == [None]  # the reader's own
    assert summary["masked"] == {"documents": 2, "emails": 2, "ip_addresses": 1, "phones": 1}
    stages = {"documents": {"sources": account([summary])}}
    assert masked(stages).rows == [
        ["documents", "2"], ["emails", "2"], ["ip addresses", "1"], ["phones", "1"],
    ]  # fmt: skip


def test_without_masking_there_is_nothing_to_count(tmp_path: Path) -> None:
    summary, kept, _ = written(tmp_path, no_language())
    assert [row["text"] for row in kept] == TEXTS[:3]
    assert [row[name] for row in kept for name in COLUMNS] == [None] * 9
    assert "masked" not in summary
    assert masked({"documents": {"sources": account([summary])}}).rows == []


def test_signals_are_counted_whatever_becomes_of_the_page(tmp_path: Path) -> None:
    pages = [
        ("X-Robots-Tag: noai, noindex\r\n", "Some text."),
        ("tdm-reservation: 0\r\n", "More."),
        ("X-Robots-Tag: gptbot: noai\r\n", "Text."),
        ("", "Text."),
        ("Content-Usage: train-ai=n\r\n", ""),
    ]
    data = b""
    for head, text in pages:
        body = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n<p>{text}</p>".encode()
        data += b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n" % (
            len(body), body,
        )  # fmt: skip
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    part = Part(0, "news", "warc", (Slice("a", str(path), 0, None),), len(data), "part-00000")
    stage = Stage("documents", str(tmp_path / "documents"), "k")
    filters = replace(no_language(), opt_outs=OptOutRules(("news",)))
    work = DocumentsWork(stage, filters, ModelPaths("", "", ()), 0)
    summary = write_documents(part, work, Models(None, DomainList()))
    assert summary["dropped"] == {"empty": 1, "opt_out": 1}
    assert summary["opt_outs"] == {"noai": 1, "noindex": 1, "pages": 4, "train-ai": 1}
    kept = pq.read_table(tmp_path / "documents" / "part-00000.parquet").to_pylist()
    columns = ["robots", "tdm_reservation", "tdm_policy", "content_usage"]
    assert [[row[name] for name in columns] for row in kept] == [
        [None, "0", None, None], [["gptbot: noai"], None, None, None], [None] * 4,
    ]  # fmt: skip
    stages = {"documents": {"sources": account([summary])}}
    assert ["noai", "1"] in opt_outs(stages).rows

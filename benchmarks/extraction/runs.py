"""Texts of all pages by one extractor, with the processor time they took; kept on disk."""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.extraction.pages import GoldPage
from benchmarks.extraction.peers import Extractor


class Run(NamedTuple):
    """What an extractor made of the pages, in their order."""

    texts: list[str]
    seconds: float  # of this process
    failed: int = 0  # pages on which the extractor raised an error: they have no text


def run(extract: Extractor, pages: Sequence[GoldPage]) -> Run:
    """Extracts each page; one that makes the extractor fail has no text, and is counted."""
    texts, failed, start = list[str](), 0, time.process_time()
    for page in pages:
        try:
            texts.append(extract(page.html, page.url))
        except Exception:  # noqa: BLE001 - whatever a tool raises; the table says how often
            texts.append("")
            failed += 1
    return Run(texts, time.process_time() - start, failed)


def cached_run(
    name: str, extract: Extractor, pages: Sequence[GoldPage], folder: Path | None
) -> Run:
    """Returns `run`, from the folder if it is there: another tool's texts do not change."""
    if folder is None:
        return run(extract, pages)
    digest = hashlib.sha1("\n".join(page.url for page in pages).encode()).hexdigest()[:12]
    path = folder / f"{name.replace(' ', '-')}-{digest}.json"
    if path.exists():
        content = json.loads(path.read_text(encoding="utf-8"))
        return Run(content["texts"], content["seconds"], content.get("failed", 0))
    done = run(extract, pages)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(done._asdict()), encoding="utf-8", errors="surrogatepass")
    return done

"""Other readings of how documents become sequences; none of them drops a document."""

import unicodedata
from collections.abc import Iterator

from benchmarks.choices.copies import Kept
from benchmarks.choices.texts import Row
from massivetext.paper import CROP_BYTES, SOURCES
from massivetext.tokenizer.crop import mean_crop_bytes


def compare_crops(documents: list[Kept]) -> Iterator[Row]:
    """Yields by source how often a document is cut, and which share of it a crop holds."""
    for source in SOURCES:
        sizes = [len(d.text.encode()) for d in documents if d.source == source]
        whole = sum(size <= CROP_BYTES // 4 for size in sizes)
        short = sum(size <= CROP_BYTES for size in sizes)
        ours = _mean([mean_crop_bytes(size, CROP_BYTES) / size for size in sizes])
        inside = _mean([min(1, CROP_BYTES / size) for size in sizes])
        shown = [f"{len(sizes):,}", f"{whole:,}", f"{short:,}", f"{ours:.3f}", f"{inside:.3f}"]
        yield Row(source, "", shown)


def _mean(shares: list[float]) -> float:
    return sum(shares) / len(shares) if shares else 0.0


def compare_normalization(documents: list[Kept]) -> Iterator[Row]:
    """Yields by source how many texts NFKC and the collapse of white space would change."""
    for source in SOURCES:
        texts = [document.text for document in documents if document.source == source]
        nfkc = sum(not unicodedata.is_normalized("NFKC", text) for text in texts)
        spaces = sum(" ".join(text.split()) != text for text in texts)
        yield Row(source, "", [f"{len(texts):,}", f"{nfkc:,}", f"{spaces:,}"])

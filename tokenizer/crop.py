"""Chooses which bytes of a document a training sequence sees (Rae et al. 2021, A.1.1)."""

from itertools import pairwise
from typing import NamedTuple


class Crop(NamedTuple):
    """Bytes [start, end) of a document's UTF-8 text, between whole characters."""

    start: int
    end: int
    first: bool  # BOS goes before it: it has the document's beginning, or is one of its `pieces`
    last: bool  # includes the document's end: EOS goes after it


def crop(text: bytes, draw: int, crop_bytes: int) -> Crop:
    """Returns the crop of a document that a uniform 64-bit `draw` chooses.

    The start is uniform in [-C/4, B - C/4) for B bytes and crops of C, so that beginnings are not
    rarer than middles; what lies outside the document is cut off, and so is a character that the
    crop would split. ASSUMED, see `paper.CROP_BYTES`.

    >>> crop(b"short", 0, 30_720)
    Crop(start=0, end=5, first=True, last=True)
    >>> crop(b"x" * 100_000, 1 << 63, 30_720)
    Crop(start=42320, end=73040, first=False, last=False)
    """
    start, end = byte_range(len(text), draw, crop_bytes)
    while start < len(text) and _inside_character(text[start]):
        start += 1
    while start < end < len(text) and _inside_character(text[end]):
        end -= 1
    end = max(start, end)
    return Crop(start, end, start == 0, end == len(text))


def byte_range(document_bytes: int, draw: int, crop_bytes: int) -> tuple[int, int]:
    """Returns the crop's first byte and the one after its last, before whole characters count.

    >>> byte_range(40_000, 0, 30_720)
    (0, 23040)
    """
    start = (draw * document_bytes >> 64) - crop_bytes // 4
    return max(0, start), min(document_bytes, start + crop_bytes)


def pieces(text: bytes, draw: int, crop_bytes: int) -> list[Crop]:
    """Returns crops of at most `crop_bytes` (about) that have each byte of a document once.

    A document that is no longer is one piece; others are cut into equal ones, and a 64-bit `draw`
    moves the cuts by less than a piece. Each has BOS before it: where a crop begins can be seen.

    >>> [piece[:2] for piece in pieces(b"x" * 70_000, 0, 30_720)]
    [(0, 23333), (23333, 46666), (46666, 70000)]
    >>> [piece[:2] for piece in pieces(b"x" * 70_000, 1 << 63, 30_720)]
    [(0, 11666), (11666, 35000), (35000, 58333), (58333, 70000)]
    """
    size, count = len(text), piece_count(len(text), crop_bytes)
    moved = draw if count > 1 else 0
    cuts = {((number << 64) + moved) * size // (count << 64) for number in range(count)}
    edges = sorted({0, size, *(_before_character(text, cut) for cut in cuts)})
    if size == 0:
        return [Crop(0, 0, True, True)]
    return [Crop(start, end, True, end == size) for start, end in pairwise(edges)]


def piece_count(document_bytes: int, crop_bytes: int) -> int:
    """Returns how many pieces a document is cut into.

    >>> piece_count(0, 10), piece_count(10, 10), piece_count(11, 10)
    (1, 1, 2)
    """
    return max(1, -(-document_bytes // crop_bytes))


def _before_character(text: bytes, place: int) -> int:
    while 0 < place < len(text) and _inside_character(text[place]):
        place -= 1
    return place


def _inside_character(byte: int) -> bool:
    return byte & 0xC0 == 0x80


def mean_crop_bytes(document_bytes: int, crop_bytes: int) -> int:
    """Returns the mean length of a document's crops in bytes, over all starts, rounded down.

    >>> mean_crop_bytes(100, 30_720), mean_crop_bytes(30_720, 30_720)
    (100, 21120)
    """
    if document_bytes == 0:
        return 0
    lead = crop_bytes // 4
    # Starts are k - lead for k in [0, B). Ends fall short of B while k < B - C + lead ...
    short = min(document_bytes, max(0, document_bytes - crop_bytes + lead))
    missing_ends = _falling_sum(document_bytes - crop_bytes + lead, short)
    # ... and starts lie beyond 0 once k > lead.
    beyond = max(0, document_bytes - lead)
    missing_starts = beyond * (beyond - 1) // 2
    return (document_bytes**2 - missing_ends - missing_starts) // document_bytes


def _falling_sum(top: int, count: int) -> int:
    """Returns top + (top - 1) + ... over `count` terms."""
    return count * top - count * (count - 1) // 2

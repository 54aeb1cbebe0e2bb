from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.paper import CROP_BYTES
from massivetext.tokenizer.crop import Crop, byte_range, crop, mean_crop_bytes, piece_count, pieces

DRAWS = st.integers(0, (1 << 64) - 1)
LAST = (1 << 64) - 1


def test_crops_have_the_papers_size() -> None:
    assert CROP_BYTES == 30_720


def draw_of(start: int, size: int, crop_bytes: int) -> int:
    """Returns the smallest draw whose crop begins at `start`, which may be negative."""
    return -(-((start + crop_bytes // 4) << 64) // size)


def test_a_start_before_the_document_shortens_the_crop() -> None:
    text = b"x" * 1_000
    assert crop(text, draw_of(-1, 1_000, 100), 100) == Crop(0, 99, True, False)
    assert crop(text, draw_of(0, 1_000, 100), 100) == Crop(0, 100, True, False)
    assert crop(text, draw_of(1, 1_000, 100), 100) == Crop(1, 101, False, False)


def test_the_end_of_the_document_is_marked_where_it_is_included() -> None:
    text = b"x" * 1_000
    assert crop(text, draw_of(899, 1_000, 100), 100) == Crop(899, 999, False, False)
    assert crop(text, draw_of(900, 1_000, 100), 100) == Crop(900, 1_000, False, True)
    assert crop(text, LAST, 100) == Crop(974, 1_000, False, True)


@pytest.mark.parametrize("size", [1, 2, CROP_BYTES // 4])
@pytest.mark.parametrize("draw", [0, 1 << 63, LAST])
def test_short_documents_are_taken_whole(size: int, draw: int) -> None:
    assert crop(b"x" * size, draw, CROP_BYTES) == Crop(0, size, True, True)


def test_a_document_of_three_quarters_of_a_crop_is_the_longest_never_cut_at_its_end() -> None:
    longest = CROP_BYTES - CROP_BYTES // 4
    assert crop(b"x" * longest, 0, CROP_BYTES).last
    assert not crop(b"x" * (longest + 1), 0, CROP_BYTES).last


def test_an_empty_document_has_an_empty_crop() -> None:
    assert crop(b"", 7, CROP_BYTES) == Crop(0, 0, True, True)


def test_both_ends_move_inward_to_whole_characters() -> None:
    text = "\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5\u672c".encode()  # 3 bytes a character
    assert crop(text, draw_of(4, 24, 8), 8) == Crop(6, 12, False, False)
    assert crop(text, draw_of(6, 24, 8), 8) == Crop(6, 12, False, False)
    assert crop(text, draw_of(7, 24, 8), 8) == Crop(9, 15, False, False)


def test_a_crop_inside_one_character_is_empty() -> None:
    assert crop("\U0001f600".encode() * 2, draw_of(1, 8, 2), 2) == Crop(4, 4, False, False)


@given(st.text(max_size=300), DRAWS, st.integers(1, 400))
def test_crops_are_whole_characters_of_bounded_size(text: str, draw: int, size: int) -> None:
    data = text.encode()
    found = crop(data, draw, size)
    piece = data[found.start : found.end].decode()
    assert piece in text
    assert 0 <= found.start <= found.end <= min(len(data), found.start + size)
    assert found.first == (found.start == 0)
    assert found.last == (found.end == len(data))


@given(st.integers(1, 200), st.integers(1, 300))
def test_the_mean_is_that_of_all_starts(size: int, crop_bytes: int) -> None:
    ranges = [
        byte_range(size, draw_of(start - crop_bytes // 4, size, crop_bytes), crop_bytes)
        for start in range(size)
    ]
    total = sum(end - start for start, end in ranges)
    assert mean_crop_bytes(size, crop_bytes) == Fraction(total, size).__floor__()


def test_every_start_is_as_likely() -> None:
    starts = [byte_range(8, draw << 59, 4)[0] for draw in range(32)]
    assert [starts.count(start) for start in range(7)] == [8, 4, 4, 4, 4, 4, 4]


@pytest.mark.parametrize(
    ("size", "ends"), [(0, [0]), (100, [100]), (101, [50, 101]), (300, [100, 200, 300])]
)
def test_long_documents_are_cut_into_equal_pieces(size: int, ends: list[int]) -> None:
    found = pieces(b"x" * size, 0, 100)
    assert [piece.end for piece in found] == ends
    assert [piece.start for piece in found] == [0, *ends[:-1]]
    assert len(found) == piece_count(size, 100)


@given(st.text(st.characters(codec="utf-8"), max_size=200), DRAWS, st.integers(4, 50))
def test_pieces_have_each_byte_once(text: str, draw: int, crop_bytes: int) -> None:
    data = text.encode()
    found = pieces(data, draw, crop_bytes)
    assert b"".join(data[piece.start : piece.end] for piece in found) == data
    assert "".join(data[piece.start : piece.end].decode() for piece in found) == text
    assert all(piece.end - piece.start <= crop_bytes + 3 for piece in found)
    assert [piece.last for piece in found] == [False] * (len(found) - 1) + [True]
    assert all(piece.first for piece in found)
    assert len(found) <= piece_count(len(data), crop_bytes) + 1


def test_a_draw_moves_the_cuts_of_long_documents_alone() -> None:
    assert pieces(b"x" * 100, LAST, 100) == pieces(b"x" * 100, 0, 100)
    assert pieces(b"x" * 101, 1 << 63, 100) != pieces(b"x" * 101, 0, 100)

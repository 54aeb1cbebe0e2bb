"""Encodings in the order of the HTML standard: mark, header, meta tag, UTF-8, detection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.bytes.charset import codec_name, decode_page, header_charset, meta_charset

RUSSIAN = "Хлеб делают из муки, воды, соли и дрожжей, и ему нужно больше времени, чем труда."


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (b"\xef\xbb\xbf" + "é".encode(), "text/html; charset=koi8-r"),
        ("\ufeffé".encode("utf-16-le"), "text/html; charset=utf-8"),
        ("\ufeffé".encode("utf-16-be"), ""),
        ("é".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("é".encode("cp1252"), 'text/html; Charset = "latin1" ; x=y'),
        ("é".encode(), "text/html; charset=no-such-thing"),
        ("é".encode(), ""),
    ],
)
def test_marks_win_over_headers_over_content(body: bytes, header: str) -> None:
    assert decode_page(body, header) == "é"


@pytest.mark.parametrize(
    "tag",
    [
        '<meta charset="windows-1251">',
        "<META CHARSET=windows-1251 >",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        "<?xml version='1.0' encoding='windows-1251'?>",
        "<!-- <meta charset=utf-8> --><meta charset='cp1251'/>",
    ],
)
def test_meta_tags_name_the_encoding(tag: str) -> None:
    assert decode_page((tag + RUSSIAN).encode("cp1251")) == tag + RUSSIAN
    assert decode_page((tag + RUSSIAN).encode(), "text/html; charset=utf-8") == tag + RUSSIAN


def test_the_prescan_ends_at_1024_bytes() -> None:
    tag = b'<meta charset="koi8-r">'
    assert meta_charset(b" " * (1024 - len(tag)) + tag) == "koi8-r"
    assert meta_charset(b" " * 1025 + tag) == ""


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_what_no_one_names_is_detected(encoding: str) -> None:
    assert decode_page((RUSSIAN * 20).encode(encoding)) == RUSSIAN * 20


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("euc-kr", "cp949"),
        ("iso-8859-9", "cp1254"),
        (" UTF8 ", "utf-8"),
        ("x-user-defined", "cp1252"),
        ("utf-7", ""),
        ("", ""),
        ("rot13", ""),
        ("zlib", ""),
    ],
)
def test_labels_are_those_of_the_standard(label: str, codec: str) -> None:
    assert codec_name(label) == codec


def test_utf_16_in_a_meta_tag_means_utf_8() -> None:
    assert meta_charset(b"<meta charset=utf-16le>") == "utf-8"
    assert header_charset("text/html; charset=utf-16le") == "utf-16-le"


@given(st.binary(max_size=2000), st.text(max_size=60))
def test_any_bytes_and_any_header_give_text(body: bytes, header: str) -> None:
    assert isinstance(decode_page(body, f"text/html; charset={header}"), str)


@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    assert decode_page(text.encode(), "text/html; charset=utf-8") == text

"""Encodings in the order of the HTML standard: mark, header, meta tag, UTF-8, detection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.bytes.charset import (
    codec_name,
    decode_page,
    header_charset,
    is_utf_8,
    meta_charset,
)

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


POLISH = "Zażółć gęślą jaźń"
CONTRADICTED = [  # header, tag, bytes
    ("iso-8859-2", "utf-8", "utf-8"), ("iso-8859-1", "utf-8", "utf-8"), ("koi8-r", "UTF8", "utf-8"),
    ("windows-1251", "utf-8", "utf-8"), ("us-ascii", "utf-8", "utf-8"), ("gbk", "utf-8", "utf-8"),
    ("utf-8", "iso-8859-2", "iso8859-2"), ("utf-8", "windows-1250", "cp1250"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "tag", "codec"), CONTRADICTED)
@pytest.mark.parametrize(
    "form", ['<meta charset="{}">', '<meta http-equiv=content-type content="text/html;charset={}">']
)
def test_the_tag_wins_over_the_header_where_the_bytes_bear_it_out(form, header, tag, codec):
    page = form.format(tag) + POLISH
    assert decode_page(page.encode(codec), f"text/html; charset={header}") == page


UNDISPUTED = [  # header, tag, bytes, how they are read
    ("iso-8859-2", "utf-8", "iso8859-2", "iso8859-2"),  # the bytes are no UTF-8
    ("iso-8859-2", "windows-1251", "iso8859-2", "iso8859-2"),
    ("iso-8859-2", "", "utf-8", "iso8859-2"),  # bytes alone are one witness
    ("iso-8859-2", "iso-8859-2", "utf-8", "iso8859-2"),
    ("utf-8", "iso-8859-2", "utf-8", "utf-8"),
    ("utf-8", "", "iso8859-2", "utf-8"),
]


@pytest.mark.parametrize(("header", "tag", "codec", "read"), UNDISPUTED)
def test_else_the_header_wins(header, tag, codec, read):
    data = (f"<meta charset={tag}>" + POLISH).encode(codec)
    assert decode_page(data, f"text/html; charset={header}") == data.decode(read, "replace")


def test_stray_bytes_do_not_make_utf_8_another_character_set():
    data = b"<meta charset=iso-8859-2>" + POLISH.encode() + b"\xe9"
    assert decode_page(data, "text/html; charset=utf-8").endswith(POLISH + "\ufffd")
    assert decode_page(data + b"\xe9" * 20, "text/html; charset=utf-8").endswith("éé")


@pytest.mark.parametrize(
    ("data", "declared", "expected"),
    [
        ("é".encode(), "cp1252", True),
        (b"e", "cp1252", False),
        (b"\xe9", "cp1252", False),
        ("é".encode() + b"\xe9", "cp1252", False),
        ("é".encode() * 6, "gb18030", False),
        ("é".encode() * 7, "gb18030", True),
        ("é".encode() * 6, "cp874", False),
        (b"", "cp1252", False),
    ],
)
def test_utf_8_by_its_bytes(data, declared, expected):
    assert is_utf_8(data, declared) is expected


@given(st.binary(max_size=2000), st.text(max_size=60))
def test_any_bytes_and_any_header_give_text(body: bytes, header: str) -> None:
    assert isinstance(decode_page(body, f"text/html; charset={header}"), str)


@given(st.text().filter(lambda text: not text.startswith("\ufeff")))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    assert decode_page(text.encode(), "text/html; charset=utf-8") == text

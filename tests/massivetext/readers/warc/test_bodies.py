"""Bodies of pages whose coding or character set nobody names, and those that are no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.bytes.charset import decode_page
from massivetext.readers.warc.http import decode_body, is_html


@pytest.mark.parametrize(("controls", "is_text"), [(16, True), (17, False)])
def test_a_body_of_many_control_characters_is_no_page(controls: int, is_text: bool) -> None:
    body = b"<p>" + b"\x01" * controls + b"First words.</p>"
    assert is_html("text/html", body) is is_text
    assert is_html("text/html", b" " * (512 - 3 - controls) + body) is is_text
    assert is_html("text/html", b" " * 512 + body)  # only the head is looked at
    assert is_html("text/html", b"\xff\xfe" + body)  # UTF-16, where half a character may be any


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=utf-8", ""])
def test_a_page_in_utf_16_without_a_mark(codec: str, content_type: str) -> None:
    body = "<html><p>Zażółć 永和九年</p>".encode(codec)
    assert is_html(content_type, body)
    assert decode_page(body, content_type) == "<html><p>Zażółć 永和九年</p>"


@given(st.binary(min_size=600, max_size=4000))
def test_bytes_that_are_no_brotli_stay_as_they_are(data: bytes) -> None:
    body = decode_body(b"\x02" * 20 + data, {})
    assert body == b"\x02" * 20 + data or body.lstrip().startswith(b"<")

"""Bytes of a page to characters, with the encoding found in the order of the HTML standard."""

import codecs
import re

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

# A byte order mark wins over everything (WHATWG Encoding, "BOM sniff"); so does a first tag in
# UTF-16, which can be nothing else.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    *((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")),
    *((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")),
)
_OTHER_VALUE = re.compile(r"(?<!charset=)\"[^\"]*+\"", re.I)  # quoted, of another parameter
_HEADER_CHARSET = re.compile(r"(?:^|[;,\s])charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.I)
_PRESCAN_BYTES = 1024
_LATE_BYTES = 1 << 20  # of a page in which a later meta tag is looked for
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.S)
_META = re.compile(rb"<meta[\s/]([^>]{0,2000})", re.I)
_ATTRIBUTE = re.compile(
    rb"([^\s/>=\"']{1,100})\s{0,9}=\s{0,9}(\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s\"'>]*+)"
)
_XML = re.compile(rb"^\s*<\?xml\s[^>]*?\bencoding\s*=\s*[\"']([^\"'>]{1,40})", re.I)
_CONTENT_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([^\s\"';]{1,40})", re.I)
_NOT_ASCII = re.compile("[^\\x00-\\x7f]+")
_FEW = 6  # characters
_BY_CHANCE = frozenset(
    ("gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "cp874", "iso8859-11", "cp866")
)
_DETECT_BYTES = 1 << 17
# Where the standard's encodings are wider than the codecs that Python has under the same name.
_WIDER = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-8-i": "iso8859-8",
}


def decode_page(body: bytes, content_type: str = "") -> str:
    r"""Returns a page's characters as browsers decode them; bytes that do not fit become U+FFFD.

    The order is that of the HTML standard: byte order mark, charset of the Content-Type header,
    meta tag in the first 1,024 bytes, then UTF-8 if it fits, a later meta tag, else what the bytes
    look like. Where the meta tag contradicts the header and the bytes bear it out, the tag wins.

    >>> decode_page(b"caf\xe9", "text/html; charset=ISO-8859-1")
    'café'
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    encoding = header_charset(content_type) or meta_charset(body)
    if encoding.startswith("utf-16") and b"\0" not in body[:_PRESCAN_BYTES]:
        encoding = meta_charset(body)  # in UTF-16 every tag has zeros
    if encoding:
        text = body.decode(encoding, "replace")
        return (
            text if encoding == "utf-8" and "\ufffd" not in text else _by_tag(body, text, encoding)
        )
    try:
        return body.decode()
    except UnicodeDecodeError:
        if encoding := meta_charset(body, _LATE_BYTES):
            return body.decode(encoding, "replace")
        guess = detect_encoding(body, _DETECT_BYTES)
        return body.decode(codec_name(guess or "") or "cp1252", "replace")


def _by_tag(body: bytes, text: str, header: str) -> str:
    """Returns a page's characters by its meta tag where the header's codec cannot be right.

    It cannot where the bytes are UTF-8 as the tag says, or where the header says UTF-8, most of
    what is beyond ASCII is not, and all bytes fit the tag's.
    """
    tag = meta_charset(body)
    if tag in ("", header) or body.isascii():
        return text
    if header == "utf-8":
        lost = text.count("\ufffd")
        if lost <= len(text) - len(_NOT_ASCII.sub("", text)) - lost:
            return text
    elif tag != "utf-8":
        return text
    try:
        return body.decode(tag)
    except UnicodeDecodeError:
        return text


def is_utf_8(data: bytes, declared: str) -> bool:
    """Returns whether bytes are UTF-8 though they are declared to be in another codec.

    Text of one byte a letter hardly ever is by chance. In codecs where letters are pairs, or follow
    each other in the upper half alone, a few characters may be.

    >>> is_utf_8("café".encode(), "cp1252"), is_utf_8(b"caf", "cp1252")
    (True, False)
    """
    if data.isascii():
        return False
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    few = declared in _BY_CHANCE and len(text) - len(_NOT_ASCII.sub("", text)) <= _FEW
    return not few


def header_charset(content_type: str) -> str:
    """Returns the last codec that a Content-Type names, "" if none is known.

    >>> header_charset("text/html; charset=latin1, text/html; charset=none")
    'cp1252'
    """
    labels = _HEADER_CHARSET.findall(_OTHER_VALUE.sub("", content_type))
    return next(filter(None, map(codec_name, reversed(labels))), "")


def meta_charset(body: bytes, size: int = _PRESCAN_BYTES) -> str:
    """Returns the codec that an early meta tag or XML declaration names, "" if none is known.

    UTF-16 cannot be: the tag could not be read. The standard takes such pages as UTF-8.
    """
    head = _COMMENT.sub(b"", body[:size])
    labels = [found[1]] if (found := _XML.match(head)) else []
    for tag in _META.finditer(head):
        label = _declared(tag[1])
        labels += [label] if label else []
    names = (codec_name(label.decode("ascii", "replace")) for label in labels)
    name = next(filter(None, names), "")
    return "utf-8" if name.startswith("utf-16") else name


def _declared(attributes: bytes) -> bytes:
    """Returns the charset of a meta tag: its attribute of that name, or of http-equiv's content."""
    found = {
        name.lower(): value.strip(b"\"' \t\r\n")
        for name, value in reversed(_ATTRIBUTE.findall(attributes))
    }
    if label := found.get(b"charset"):
        return bytes(label)
    if found.get(b"http-equiv", b"").lower() != b"content-type":
        return b""
    content = _CONTENT_CHARSET.search(found.get(b"content", b""))
    return bytes(content[1]) if content else b""


def codec_name(label: str) -> str:
    """Returns Python's codec for a label of the WHATWG Encoding standard, "" if there is none.

    >>> codec_name("GB2312"), codec_name("no-such")
    ('gb18030', '')
    """
    label = label.strip().lower()
    if label == "x-user-defined":
        return "cp1252"
    name = str(map_encoding_to_html5(label, fallback_utf8=False) or "")
    name = _WIDER.get(name.lower(), name)
    try:
        return codecs.lookup(name).name if name else ""
    except LookupError:
        return ""

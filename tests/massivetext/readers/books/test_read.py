import gzip
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.readers.books import read as module
from massivetext.readers.books.read import decode_book, named_codec, read_book
from massivetext.reasons import Reason

ORIGIN = Origin("books", "a/1.txt")


def read(data: bytes, *bounds):
    return list(read_book(io.BytesIO(data), ORIGIN, *bounds))


def test_a_file_is_one_document_at_position_0():
    data = b"Title: A\r\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\r\n\r\nOnce\r\nupon.\r\n"
    document = Document(ORIGIN.document_id(0), "books", "Once\nupon.", title="A")
    assert read(data) == read(gzip.compress(data)) == [document]
    assert read(data, 1) == read(data, 5, 9) == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("“é”\n".encode(), "“é”\n"),
        ("\ufeffé".encode(), "é"),
        ("\ufeffé".encode("utf-16-le"), "é"),
        ("\ufeffé".encode("utf-16-be"), "é"),
        (b"\x93caf\xe9\x94", "“café”"),
        (b"caf\xe9 \x81", "café \x81"),
        (b"a\r\nb\rc\nd\r\r\ne", "a\nb\nc\nd\ne"),
        (b"a\0b", "ab"),
        ("“é”".encode() + b" it\x92s \x96", "“é” it’s –"),  # stray bytes among UTF-8
        ("“é”".encode()[:-1], "“éâ\u20ac"),  # cut inside a character
        (b"\xef\xbb\xbfit\x92s", "it’s"),
        ("é".encode() + b" caf\xe9", "é café"),
        ("é".encode() + b" caf\xe9 na\xefve", "Ã© café naïve"),  # more strays than characters
        (b"\xff\xfe\x00\xd8" + ("é" * 2_000).encode("utf-16-le"), "\ufffd" + "é" * 2_000),
    ],
)
def test_character_sets_and_newlines(data, text):
    assert decode_book(data) == text


RUSSIAN, POLISH, GREEK = "Порт и хлеб", "Zażółć gęślą jaźń", "Το ψωμί"
HEADERS = [
    ("ISO-8859-2", "iso8859-2", POLISH), ("KOI8-R", "koi8-r", RUSSIAN),
    ("CP437", "cp437", "élève ½"),
    ("WINDOWS-1251", "cp1251", RUSSIAN), ("windows-1250", "cp1250", POLISH),
    ("MacRoman", "mac_roman", "élève “oui”"), ("Mac Roman", "mac_roman", "élève “oui”"),
    ("Codepage 850 (DOS)", "cp850", "élève"), ("IBM850", "cp850", "élève"),
    ("cp737", "cp737", GREEK),
    ("ISO 8859-7", "iso8859-7", GREEK), ("ISO Latin-2", "iso8859-2", POLISH),
    ("Code page 866", "cp866", RUSSIAN), ("Mac Cyrillic", "mac_cyrillic", RUSSIAN),
    ("KOI8-U", "koi8-u", "Хліб і вода"), ("Big5", "big5", "麵包是用麵粉做的"),
    ("GB2312", "gb18030", "面包是用面粉做的镕"), ("Shift_JIS", "shift_jis", "パンは小麦粉"),
    ("EUC-KR", "euc_kr", "빵은 밀가루로"), ("ISO-8859-5 (Cyrillic)", "iso8859-5", RUSSIAN),
]  # fmt: skip


@pytest.mark.parametrize(("label", "codec", "words"), HEADERS)
def test_the_header_names_the_character_set(label, codec, words):
    head = f"Title: A\r\nCharacter set encoding: {label}\r\n\r\n"
    data = head.encode() + f"{words}\n".encode(codec)
    assert decode_book(data).endswith(f"\n\n{words}\n")
    other = data.replace(b"Character set encoding: ", b"CHARACTER SET ENCODING :\t")
    assert decode_book(other).endswith(f"\n\n{words}\n")


@pytest.mark.parametrize("label", ["ISO-8859-2", "KOI8-R", "ISO-8859-1", "x"])
def test_utf_8_is_utf_8_whatever_the_header_says(label):
    text = f"Character set encoding: {label}\n\n{POLISH} “é”\n"
    assert decode_book(text.encode()) == text
    assert decode_book(text.encode() + b"\x92") == text + "’"  # one stray byte


@pytest.mark.parametrize(
    "label",
    ["ISO-8859-1", "ASCII", "US-ASCII", "UTF-8", "UTF-16", "utf-7", "TeX", "rot13", "base64",
     "idna", "punycode", "unicode_escape", "ISO-Latin-1", "", "no such", "8" * 60],
)  # fmt: skip
def test_other_names_leave_it_to_the_bytes(label):
    head = f"Character set encoding: {label}\n\n".encode()
    assert decode_book(head + b"\x93caf\xe9\x94").endswith("\n\n“café”")


def test_a_name_that_the_bytes_do_not_fit_or_that_stands_too_late_or_inside_a_line():
    head = b"Character set encoding: ISO-8859-7\n\n"
    assert decode_book(head + b"caf\xe9 \xd2").endswith("café Ò")  # ISO-8859-7 has no 0xD2
    late = b" " * module.HEADER_BYTES + b"\nCharacter set encoding: KOI8-R\n"
    assert decode_book(late + b"caf\xe9").endswith("café")
    assert decode_book(b"A Character set encoding: KOI8-R\ncaf\xe9").endswith("café")


@given(st.text(max_size=30))
def test_any_name_gives_a_codec_of_text_or_none(label):
    codec = named_codec(label)
    assert not codec or isinstance(b"a".decode(codec), str)


def test_what_is_no_book():
    assert read(b"") == []
    for blank in (b" \n", b"\0", b"\xef\xbb\xbf"):
        (record,) = read(blank)
        assert isinstance(record, Dropped)
        assert record.reasons == (Reason.EMPTY,)
    (record,) = read(b"\xff\xfea")
    assert record == Broken(ORIGIN.path, 0, "invalid utf-16-le: more than one character in 1000")
    (record,) = read(gzip.compress(os.urandom(100_000))[:50_000])
    assert record == Broken(ORIGIN.path, 0, "gzip stream is cut short at byte 50000")


@pytest.mark.parametrize("size", [100, 101])
def test_a_book_at_the_bound_is_read_and_one_beyond_is_dropped(monkeypatch, size):
    monkeypatch.setattr(module, "MAX_DOCUMENT_BYTES", 100)
    (record,) = read(b"a" * size)
    if size == 100:
        assert record.text == "a" * 100
    else:
        assert record == Dropped(Document(ORIGIN.document_id(0), "books", ""), (Reason.TOO_LARGE,))


# Read by eye: characters left, the first and the last words of each book, and of its title.
REAL = {
    "11-0.txt": (144435, "ALICE’S ADVENTURES IN", "THE END", "Alice’s Adventures in Wonderland"),
    "14263.txt": (346859, '[Illustration: "I HAVE', "THE END", "Katrine"),
    "14881.txt": (253718, "THE LOG SCHOOL-HOUSE", "event.", "The Log School-House on the Columbia"),
    "16215.txt": (895010, "Transcribers Note:", "THE END.", "Jack Sheppard A Romance"),
    "16595.txt": (222772, " " * 25 + "[Ill", 'to "Caddy"', "Charles Dickens and Music"),
    "1661.txt": (562330, "THE ADVENTURES OF", "success.", "The Adventures of Sherlock Holmes"),
    "17997.txt": (63684, "Transcriber's note:", "[Illustration]", "Contribution to Passama"),
    "21849.txt": (213306, "  [Transcriber's Note:", "invisible_", "The 'Mind the Paint' Gir"),
    "21937.txt": (204842, "Transcriber's note:", "unchanged_", "Modern Icelandic Plays Ey"),
    "24675-8.txt": (319120, "ELK DEEL IS", "book.", "Ontboezemingen"),
    "2701-0.txt": (1218918, "MOBY-DICK;", "orphan.", "Moby Dick; or The Whale"),
    "3261.txt": (422829, "NEWS FROM NOWHERE", "meant.", "News from Nowhere or An"),
    "345.txt": (847584, " " * 32 + "DRACULA", "{pg 313}", "Dracula"),
    "35-0.txt": (179681, "The Time Machine", "heart of man.", "The Time Machine"),
    "6527.txt": (385221, " " * 15 + "Debian GNU", "Ossama Othman", "Debian GNU/Linux: Guide"),
}


@pytest.mark.parametrize("name", REAL)
def test_real_books(real_data, name):
    length, first, last, title = REAL[name]
    with (real_data / "books" / name).open("rb") as file:
        (book,) = read_book(file, Origin("books", name))
    assert isinstance(book, Document)
    assert len(book.text) == length
    assert book.title.startswith(title)
    assert book.text.startswith(first)
    assert book.text.endswith(last)
    assert "\r" not in book.text
    assert "PROJECT GUTENBERG" not in book.text


def test_the_real_books_are_all_read(real_data):
    assert {path.name for path in (real_data / "books").iterdir()} == set(REAL)


def test_a_mark_of_byte_order_is_no_text_wherever_files_were_joined():
    mark = "\ufeff"
    assert decode_book(f"{mark}{mark}One.\n{mark}Two.".encode()) == "One.\nTwo."
    assert decode_book(f"{mark}One.{mark}".encode("utf-16-le")) == "One."

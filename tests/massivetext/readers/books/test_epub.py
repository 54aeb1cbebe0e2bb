import io
import re
import unicodedata
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.readers.books import epub as module
from massivetext.readers.books import epub_archive
from massivetext.readers.books.epub import read_epub
from massivetext.reasons import Reason

ORIGIN = Origin("books", "a.epub")
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)
XHTML = 'media-type="application/xhtml+xml"'
MANIFEST = f"""
<item id="nav" href="nav.xhtml" {XHTML} properties="nav"/>
<item id="one" href="text/one%20a.xhtml" {XHTML}/>
<item id="two" href="../two.xhtml" {XHTML}/>
<item id="pic" href="pic.svg" media-type="image/svg+xml"/>"""
SPINE = "".join(f'<itemref idref="{i}"/>' for i in ("nav", "two", "pic", "one", "none"))
OPF = f"""<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title> A
 Tale</dc:title></metadata><manifest>{MANIFEST}</manifest><spine>{SPINE}</spine></package>"""
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/content.opf": OPF,
    "OEBPS/nav.xhtml": "<p>Contents</p>",
    "OEBPS/text/one a.xhtml": "<html><head><title/></head><body><p>And then.</p></body></html>",
    "two.xhtml": "<p>Once &eacute;</p><p>upon</p>",
    "OEBPS/pic.svg": "<svg/>",
}


def epub(**changes) -> bytes:
    """The book with other members; None leaves one out."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (BOOK | changes).items():
            if content is not None:
                archive.writestr(name, content)
    return file.getvalue()


def read(data: bytes, *bounds):
    return list(read_epub(io.BytesIO(data), ORIGIN, *bounds))


def message(data: bytes) -> str:
    (record,) = read(data)
    assert isinstance(record, Broken)
    assert record[:2] == (ORIGIN.path, 0)
    return record.message


def test_the_chapters_come_in_the_order_of_the_spine():
    document = Document(ORIGIN.document_id(0), "books", "Once é\n\nupon\n\nAnd then.")
    assert read(epub()) == [document._replace(title="A Tale")]
    assert read(epub(), 1) == []


def test_an_empty_file_has_no_record_and_an_empty_book_is_dropped():
    assert read(b"") == []
    empty = {"two.xhtml": "", "OEBPS/text/one a.xhtml": "<p> </p>"}
    (record,) = read(epub(**empty))
    assert isinstance(record, Dropped)
    assert record.reasons == (Reason.EMPTY,)


def test_what_gutenberg_puts_around_a_book_goes():
    text = (
        "<p>*** START OF THE PROJECT GUTENBERG EBOOK A ***</p><p>Once</p>"
        "<p>*** END OF THE PROJECT GUTENBERG EBOOK A ***</p><p>licence</p>"
    )
    (record,) = read(epub(**{"two.xhtml": text}))
    assert record.text == "Once"


def test_without_a_container_the_only_package_file_is_taken():
    (record,) = read(epub(**{"META-INF/container.xml": None}))
    assert (record.title, record.text) == ("A Tale", "Once é\n\nupon\n\nAnd then.")
    two = epub(**{"META-INF/container.xml": None, "other.OPF": "<package/>"})
    assert message(two) == "no member 'META-INF/container.xml'"


TITLES = {
    "Tom & Jerry": "Tom & Jerry",
    "A&nbsp;B &amp; C&#233;": "A B & Cé",
    "&eacute;t&eacute; &unknown; &": "été &unknown; &",
    "&NotEqualTilde;": "\u2242\u0338",
}


@pytest.mark.parametrize("title", TITLES)
def test_ampersands_that_are_no_xml_cost_no_book(title):
    with zipfile.ZipFile(io.BytesIO(epub())) as archive:
        package = archive.read("OEBPS/content.opf").decode()
    (record,) = read(epub(**{"OEBPS/content.opf": re.sub("A\\s+Tale", lambda _: title, package)}))
    assert record.title == TITLES[title]


BAD = {
    "no readable archive": b"PK\x03\x04" + bytes(100),
    "no member 'META-INF/container.xml'": epub(
        **{"META-INF/container.xml": None, "OEBPS/content.opf": None}
    ),
    "no package file named": epub(**{"META-INF/container.xml": "<container/>"}),
    "no member 'OEBPS/content.opf'": epub(**{"OEBPS/content.opf": None}),
    "package file names no chapters": epub(**{"OEBPS/content.opf": "<package/>"}),
    "no member 'two.xhtml', nor any other chapter": epub(
        **{"two.xhtml": None, "OEBPS/text/one a.xhtml": None, "OEBPS/pic.svg": None}
    ),
    "member '../x' leads out of the archive": epub(**{"../x": ""}),
    "member '/etc/x' leads out of the archive": epub(**{"/etc/x": ""}),
    "member 'a/../../x' leads out of the archive": epub(**{"a/../../x": ""}),
    r"member '..\\x' leads out": epub(**{"..\\x": ""}),
    "member 'C:/x' leads out": epub(**{"C:/x": ""}),
    "invalid XML in 'OEBPS/content.opf': EntitiesForbidden": epub(
        **{"OEBPS/content.opf": '<!DOCTYPE p [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + OPF[21:]}
    ),
    "invalid XML in 'META-INF/container.xml'": epub(**{"META-INF/container.xml": "<container>"}),
    "member 'two.xhtml' is encrypted": epub(
        **{
            "META-INF/encryption.xml": '<e xmlns:x="u"><x:CipherReference URI="two.xhtml"/></e>',
        }
    ),
}


@pytest.mark.parametrize("expected", BAD)
def test_bad_archives_are_broken(expected):
    assert message(BAD[expected]).startswith(expected)


NAMES = [
    ("two.xhtml", "Two.xhtml"),
    ("two.xhtml", "TWO.XHTML"),
    ("OEBPS/text/one a.xhtml", "OEBPS/text/one%20a.xhtml"),
    ("OEBPS/text/one a.xhtml", "oebps\\text\\One a.xhtml"),
    ("OEBPS/text/one a.xhtml", "./OEBPS/text/one a.xhtml"),
    ("META-INF/container.xml", "meta-inf/Container.xml"),
    ("OEBPS/content.opf", "OEBPS/Content.OPF"),
]


@pytest.mark.parametrize(("name", "other"), NAMES)
def test_names_in_other_spellings_are_found(name, other):
    assert read(epub(**{name: None, other: BOOK[name]})) == read(epub())


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_in_other_unicode_forms_are_found(form):
    opf = OPF.replace("../two.xhtml", "../Übung.xhtml")
    name = unicodedata.normalize(form, "Übung.xhtml")
    assert read(epub(**{"OEBPS/content.opf": opf, name: BOOK["two.xhtml"]})) == read(epub())


@pytest.mark.parametrize("present", ["two.xhtml", "OEBPS/text/one a.xhtml"])
def test_a_chapter_that_is_missing_costs_itself_alone(present):
    (whole,) = read(epub())
    missing = ({"two.xhtml", "OEBPS/text/one a.xhtml"} - {present}).pop()
    record, gone = read(epub(**{missing: None}))
    assert record.text
    assert record.text in whole.text
    assert gone == Broken(ORIGIN.path, 1, f"1 chapters missing: {missing!r}")


@pytest.mark.parametrize(
    "types",
    [
        "Application/XHTML+XML", "application/xhtml+xml; charset=utf-8", "text/html", "TEXT/HTML ",
        "text/x-oeb1-document", "", "text/xml", "application/octet-stream",
    ],
)  # fmt: skip
def test_media_types_however_they_are_written(types):
    opf = OPF.replace(XHTML, f'media-type="{types}"')
    assert read(epub(**{"OEBPS/content.opf": opf})) == read(epub())


def test_fallbacks_are_followed_and_pictures_read_for_their_labels():
    one = f'<item id="one" href="text/one%20a.xhtml" {XHTML}/>'
    other = '<item id="one" href="one.pdf" media-type="application/pdf" fallback="b"/>'
    chain = (
        other
        + '<item id="b" href="b.dtbook" media-type="x/y" fallback="c"/>'
        + (f'<item id="c" href="text/one%20a.xhtml" fallback="one" {XHTML}/>')
    )
    opf = OPF.replace(one, chain)
    assert read(epub(**{"OEBPS/content.opf": opf})) == read(epub())
    looped = OPF.replace(one, other.replace('fallback="b"', 'fallback="one"'))
    assert read(epub(**{"OEBPS/content.opf": looped}))[0].text == "Once é\n\nupon"
    picture = "<svg><title>no</title><text x='1'>A <tspan>label</tspan></text><text>B</text></svg>"
    (record,) = read(epub(**{"OEBPS/pic.svg": picture}))
    assert record.text == "Once é\n\nupon\n\nA label\nB\n\nAnd then."


def test_a_book_of_pictures_is_empty_and_one_without_a_spine_is_read_in_its_lists_order():
    pictures = OPF.replace(SPINE, '<itemref idref="pic"/>')
    (record,) = read(epub(**{"OEBPS/content.opf": pictures}))
    assert record.reasons == (Reason.EMPTY,)
    (record,) = read(epub(**{"OEBPS/content.opf": OPF.replace(SPINE, "")}))
    assert record.text == "And then.\n\nOnce é\n\nupon"


DECLARED = [
    ("iso-8859-2", "Zażółć gęślą"), ("windows-1251", "Привет, мир"), ("utf-16", "Zażółć é"),
    ("shift_jis", "こんにちは"), ("ISO-8859-1", "café “x”"), ("utf-8", "Zażółć"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "words"), DECLARED)
@pytest.mark.parametrize(
    "head", ['<?xml version="1.0" encoding="{}"?>', '<html><head><meta charset="{}"/></head>']
)
def test_chapters_are_in_the_character_set_that_they_declare(head, encoding, words):
    codec = "cp1252" if encoding == "ISO-8859-1" else encoding
    data = f"{head.format(encoding)}\n<p>{words}</p>".encode(codec)
    (record,) = read(epub(**{"two.xhtml": data}))
    assert record.text == f"{words}\n\nAnd then."


def test_encrypted_fonts_do_not_matter():
    fonts = '<e xmlns:x="u"><x:CipherReference URI="OEBPS/font.otf"/></e>'
    assert isinstance(read(epub(**{"META-INF/encryption.xml": fonts}))[0], Document)


def test_an_encrypted_member_is_broken():
    data = bytearray(epub())
    entry = data.rindex(b"two.xhtml") - 46
    data[entry + 8] |= 1
    assert message(bytes(data)).startswith("member 'two.xhtml' is encrypted")


def test_a_cut_or_damaged_archive_is_broken():
    data = epub(**{"two.xhtml": "<p>" + "".join(map(str, range(9_999))) + "</p>"})
    assert message(data[: len(data) // 2]).startswith("no readable archive")
    at = data.index(b"two.xhtml") + 100
    damaged = data[:at] + bytes(50) + data[at + 50 :]
    assert message(damaged).startswith("damaged member 'two.xhtml'")


def test_a_bomb_is_refused_before_it_expands():
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("big.xhtml", "w") as member,
    ):
        for _ in range(64):
            member.write(bytes(16 << 20))
    assert message(file.getvalue()).startswith("archive expands to 1073741824 bytes")


def test_a_member_that_lies_about_its_size_is_broken():
    data = bytearray(epub(**{"two.xhtml": "<p>" + "a" * 100_000 + "</p>"}))
    entry = data.rindex(b"two.xhtml") - 46
    data[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    assert message(bytes(data)).startswith("damaged member 'two.xhtml'")


def test_chapters_at_the_bound_are_read_and_longer_ones_are_broken(monkeypatch):
    size = len(BOOK["OEBPS/text/one a.xhtml"])
    monkeypatch.setattr(module, "MAX_HTML_BYTES", size)
    assert isinstance(read(epub())[0], Document)
    monkeypatch.setattr(module, "MAX_HTML_BYTES", size - 1)
    assert message(epub()).endswith(f"{size} bytes, more than {size - 1}")


def test_the_bounds_of_archives(monkeypatch):
    size, expanded = len(epub()), sum(len(text.encode()) for text in BOOK.values())
    monkeypatch.setattr(epub_archive, "MAX_ARCHIVE_MEMBERS", len(BOOK))
    monkeypatch.setattr(epub_archive, "MAX_ARCHIVE_BYTES", expanded)
    monkeypatch.setattr(module, "MAX_ARCHIVE_BYTES", size)
    assert isinstance(read(epub())[0], Document)
    monkeypatch.setattr(epub_archive, "MAX_ARCHIVE_MEMBERS", len(BOOK) - 1)
    assert message(epub()).startswith("archive of more than 6 members")
    monkeypatch.setattr(epub_archive, "MAX_ARCHIVE_MEMBERS", len(BOOK))
    monkeypatch.setattr(epub_archive, "MAX_ARCHIVE_BYTES", expanded - 1)
    assert message(epub()).startswith(f"archive expands to {expanded} bytes")
    monkeypatch.setattr(module, "MAX_ARCHIVE_BYTES", size - 1)
    assert read(epub())[0].reasons == (Reason.TOO_LARGE,)


def test_a_chapter_named_often_is_read_once():
    spine = SPINE.replace('<itemref idref="two"/>', '<itemref idref="two"/>' * 1_000)
    (record,) = read(epub(**{"OEBPS/content.opf": OPF.replace(SPINE, spine)}))
    assert record.text.count("Once") == 1


def test_a_package_nested_deeply_does_no_harm():
    deep = "<a>" * 200_000 + "</a>" * 200_000
    opf = OPF.replace("</metadata>", f"{deep}</metadata>")
    assert read(epub(**{"OEBPS/content.opf": opf}))[0].title == "A Tale"


@pytest.mark.parametrize(("wrapped", "title"), [(253, "A Tale"), (254, "")])  # in two others
def test_elements_at_the_bound_of_nesting_are_read_and_deeper_ones_left_out(wrapped, title):
    around = "<a>" * wrapped, "</a>" * wrapped
    opf = OPF.replace("<dc:title>", f"{around[0]}<dc:title>")
    opf = opf.replace("</dc:title>", f"</dc:title>{around[1]}")
    assert read(epub(**{"OEBPS/content.opf": opf}))[0].title == title


REPAIRS = {
    "stray byte in the metadata": OPF.encode().replace(b"A\n Tale", b"A Tale<!-- \x92\xe9 -->"),
    "NULs behind it": OPF.encode() + bytes(40),
    "NULs in it": OPF.encode().replace(b"<manifest>", b"<manifest>\0"),
    "mark and blank before it": b"\xef\xbb\xbf \n" + OPF.encode(),
    "two marks": b"\xef\xbb\xbf" * 2 + OPF.encode(),
    "words before it": b"junk " + OPF.encode(),
    "words behind it": OPF.encode() + b"\n junk",
    "control character": OPF.encode().replace(b"<manifest>", b"\x0b\x1a<manifest>"),
    "unknown character set": OPF.replace('"1.0"', '"1.0" encoding="x-none"').encode(),
    "character set that expat has not": OPF.replace('"1.0"', '"1.0" encoding="gb2312"').encode(),
    "UTF-8 that claims UTF-16": OPF.replace('"1.0"', '"1.0" encoding="utf-16"').encode(),
    "prefix that is not declared": OPF.replace(
        "<metadata>", '<metadata><dc:creator opf:role="aut" opf:file-as="x">X</dc:creator>'
    ).encode(),
    "UTF-16": OPF.encode("utf-16"),
    "bare ampersands": OPF.replace("<metadata>", "<metadata><a>x & y &nbsp;</a>").encode(),
}


@pytest.mark.parametrize("fault", REPAIRS)
def test_a_package_that_is_nearly_xml(fault):
    assert read(epub(**{"OEBPS/content.opf": REPAIRS[fault]})) == read(epub())


LYING = ["iso-8859-1", "us-ascii", "windows-1252", "iso-8859-2", "macintosh", "koi8-r", "gb2312"]


@pytest.mark.parametrize("encoding", LYING)
@pytest.mark.parametrize(
    "head", ['<?xml version="1.0" encoding="{}"?>', '<html><head><meta charset="{}"/></head>']
)
def test_utf_8_is_utf_8_whatever_is_declared(head, encoding):
    words = "Café – “Zażółć” ÄÖÜ"
    data = f"{head.format(encoding)}\n<p>{words}</p>".encode()
    (record,) = read(epub(**{"two.xhtml": data}))
    assert record.text == f"{words}\n\nAnd then."


def test_a_title_and_names_in_utf_8_that_is_declared_as_latin():
    opf = OPF.replace('"1.0"', '"1.0" encoding="iso-8859-1"').replace("A\n Tale", "Ä Tale")
    opf = opf.replace("../two.xhtml", "../Übung.xhtml")
    (record,) = read(epub(**{"OEBPS/content.opf": opf, "Übung.xhtml": "<p>Once</p>"}))
    assert (record.title, record.text) == ("Ä Tale", "Once\n\nAnd then.")


def test_missing_chapters_are_counted_and_some_named():
    items = "".join(f'<item id="m{i}" href="m{i}.xhtml" {XHTML}/>' for i in range(9))
    spine = "".join(f'<itemref idref="m{i}"/>' for i in range(9))
    opf = OPF.replace("</manifest>", items + "</manifest>").replace(SPINE, SPINE + spine)
    book, gone = read(epub(**{"OEBPS/content.opf": opf}))
    assert [book] == read(epub())
    names = "'OEBPS/m0.xhtml', 'OEBPS/m1.xhtml', 'OEBPS/m2.xhtml'"
    assert gone == Broken(ORIGIN.path, 1, f"9 chapters missing: {names}")


@settings(max_examples=60)
@given(st.data())
def test_no_damage_raises(draw):
    data = bytearray(epub())
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    records = read(bytes(data[: draw.draw(st.integers(1, len(data)))]))
    assert isinstance(records[0], Document | Dropped | Broken)
    assert len(records) == 1 or isinstance(records[1], Broken)

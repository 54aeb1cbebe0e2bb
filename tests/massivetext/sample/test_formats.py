import bz2
import gzip
import io
import json
import zipfile
from xml.etree import ElementTree

import pytest
import zstandard

from massivetext.sample.formats.books import Book, write_epub, write_text
from massivetext.sample.formats.jsonl import broken_lines, json_line, write_cut_lines, write_lines
from massivetext.sample.formats.warc import Manner, write_warc
from massivetext.sample.formats.wikipedia import WikiPage, is_plain, write_cut_dump, write_dump
from massivetext.sample.material.articles import Article
from massivetext.sample.material.pages import Page, web_page
from massivetext.sample.material.truth import Plant
from massivetext.sample.planted.foreign import LANGUAGES, foreign_article

ARTICLE = Article("A lamp & a stair", ("The lamp stands on the stair.", "- One\n- Two <b>"))
PLANT = Plant("test")


def expand(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompress(data) if path.suffix == ".zst" else data


@pytest.mark.parametrize("name", ["a.jsonl", "a.json.gz", "a.json.zst"])
def test_a_lines_position_is_its_offset_in_the_plain_bytes(tmp_path, name):
    lines = [
        json_line({"text": "é" * n, "url": f"u{n}"}, PLANT if n % 2 else None) for n in range(9)
    ]
    written = write_lines(tmp_path / name, lines)
    data = expand(tmp_path / name)
    assert (written.records, written.broken) == (9, 0)
    for placed in written.placed:
        row = json.loads(data[placed.position :].split(b"\n")[0])
        assert row["url"] == placed.url
    assert [placed.url for placed in written.placed] == ["u1", "u3", "u5", "u7"]


def test_broken_lines_are_counted(tmp_path):
    written = write_lines(tmp_path / "b.jsonl", broken_lines(ARTICLE))
    outcomes = [placed.plant.outcome for placed in written.placed]
    assert written.broken == outcomes.count("broken") == 7
    assert (outcomes.count("dropped"), outcomes.count("kept")) == (5, 1)


def test_a_cut_file_ends_in_its_last_line(tmp_path):
    lines = [json_line({"text": f"{n} " * 50}) for n in range(200, 203)]
    write_cut_lines(tmp_path / "c.json.gz", lines)
    with pytest.raises(EOFError):
        gzip.decompress((tmp_path / "c.json.gz").read_bytes())


@pytest.mark.parametrize("manner", [Manner(), Manner("WARC/0.17", brackets=True)])
def test_a_pages_position_is_its_records_number(tmp_path, manner):
    pages = [Page(f"http://h.example/{n}", b"x" * n, PLANT if n == 3 else None) for n in range(5)]
    written = write_warc(tmp_path / "w.warc.gz", pages, manner)
    records = gzip.decompress((tmp_path / "w.warc.gz").read_bytes()).split(manner.version.encode())[
        1:
    ]
    assert written.records == len(records) == 11
    (placed,) = written.placed
    assert b"WARC-Type: response" in records[placed.position]
    assert b"http://h.example/3" in records[placed.position]


def test_one_member_holds_the_same_records(tmp_path):
    pages = [web_page(ARTICLE, "http://h.example/", 0)]
    write_warc(tmp_path / "a.warc.gz", pages)
    write_warc(tmp_path / "b.warc.gz", pages, Manner(one_member=True))
    data = [gzip.decompress((tmp_path / f"{name}.warc.gz").read_bytes()) for name in "ab"]
    assert data[0] == data[1]
    assert data[0].count(b"\r\n\r\nWARC/1.0\r\n") == 2


@pytest.mark.parametrize("number", range(4))
def test_every_layout_has_the_prose_and_boilerplate(number):
    html = web_page(ARTICLE, "http://h.example/", number).body.decode()
    assert "<p>The lamp stands on the stair.</p>" in html
    assert "<li>Two &lt;b&gt;</li>" in html
    assert "<h1>A lamp &amp; a stair</h1>" in html
    assert "<a href=" in html


def in_turn(pages):
    left = iter(pages)
    return lambda position: next(left, None)


def test_a_wiki_pages_position_is_its_stream_and_number(tmp_path):
    pages = [WikiPage(f"Page {n}", "text", plant=PLANT) for n in range(90)]
    written = write_dump(tmp_path / "w.xml.bz2", in_turn(pages))
    data = (tmp_path / "w.xml.bz2").read_bytes()
    for placed in written.placed:
        xml = bz2.BZ2Decompressor().decompress(data[placed.position >> 24 :]).decode()
        stream = ElementTree.fromstring(f"<pages>{xml}</pages>")
        assert stream[placed.position & 0xFFFFFF].find("title").text == placed.url
    assert len({placed.position >> 24 for placed in written.placed}) == 3
    assert ElementTree.fromstring(bz2.decompress(data)) is not None


def test_a_cut_dump_holds_its_first_stream(tmp_path):
    written = write_cut_dump(tmp_path / "w.xml.bz2", [WikiPage(str(n), "t") for n in range(6)])
    data = (tmp_path / "w.xml.bz2").read_bytes()
    first = bz2.BZ2Decompressor()
    assert first.decompress(data).count(b"<page>") == 3
    assert not (rest := bz2.BZ2Decompressor()).decompress(first.unused_data) or not rest.eof
    assert (written.records, written.broken) == (4, 1)


def test_plain_text_has_no_markup():
    assert is_plain("A lamp, a stair (and a door).")
    assert not any(map(is_plain, ["[[a]]", "{{b}}", "<c>", "a|b", "''d''", " indented", "x* y"]))


def test_a_text_book_has_its_frame(tmp_path):
    write_text(tmp_path / "1-0.txt", Book("The stair", (ARTICLE,)))
    text = (tmp_path / "1-0.txt").read_text("utf-8")
    assert "*** START OF THE PROJECT GUTENBERG EBOOK THE STAIR ***" in text
    assert text.index("*** START") < text.index("The lamp stands") < text.index("*** END")


def test_an_epub_has_all_chapters_and_names_of_any_kind(tmp_path):
    write_epub(tmp_path / "b.epub", Book("The stair", (ARTICLE, ARTICLE)), [("../out", b"x")])
    with zipfile.ZipFile(io.BytesIO((tmp_path / "b.epub").read_bytes())) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        package = ElementTree.fromstring(archive.read("book/content.opf"))
    assert names[0] == "mimetype"
    assert {"book/chapter-000.xhtml", "book/chapter-001.xhtml", "../out"} <= set(names)
    assert len(package.findall(".//{http://www.idpf.org/2007/opf}itemref")) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_foreign_articles_differ_by_number(language):
    texts = {foreign_article(language, number).text for number in range(8)}
    assert len(texts) == 8

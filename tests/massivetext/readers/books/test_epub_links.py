"""Links in an EPUB: to chapters and to the package, however they are written."""

import pytest

from massivetext.readers.books.epub_archive import resolve
from tests.massivetext.readers.books.test_epub import BOOK, CONTAINER, OPF, epub, read


@pytest.mark.parametrize(
    ("folder", "href", "name"),
    [("", "a", "a"), ("b", "../a#c", "a"), ("b", "./c/%61.x", "b/c/a.x"), ("b/", "a//c", "b/a/c")],
)
def test_links(folder, href, name):
    assert resolve(folder, href) == name


@pytest.mark.parametrize(
    ("href", "name"),
    [("../a", "a"), ("/a", "a"), ("//a", "a"), ("b/../../a", "a"), ("..", ""), ("%2e%2e/a", "a"),
     ("/../etc/a", "etc/a"), (" a\n", "a"), ("a\tb", "ab"), ("../" * 999 + "a", "a")],
)  # fmt: skip
def test_links_never_lead_out_of_the_archive(href, name):
    assert resolve("", href) == name
    assert resolve("c/d", "../../" + href.strip()) == name


HREFS = [
    "../two.xhtml", " ../two.xhtml&#10;", "../two.xhtml?x=1", "../two.xhtml?x=1#y", "two.xhtml",
    "/two.xhtml", "../../two.xhtml", "../../../two.xhtml", "..\\two.xhtml", "./../two.xhtml",
    "../two&#9;.xhtml", "../TWO.xhtml ?a", "/OEBPS/../two.xhtml",
]  # fmt: skip


@pytest.mark.parametrize("href", HREFS)
def test_links_of_the_list_however_they_are_written(href):
    assert read(epub(**{"OEBPS/content.opf": OPF.replace("../two.xhtml", href)})) == read(epub())


def test_links_from_the_root_to_a_chapter_below_it():
    opf = OPF.replace("text/one%20a.xhtml", "OEBPS/text/one%20a.xhtml?v=2")
    assert read(epub(**{"OEBPS/content.opf": opf})) == read(epub())


def test_a_question_mark_in_the_name_of_a_member():
    opf = OPF.replace("../two.xhtml", "../who?.xhtml")
    whole = epub(**{"OEBPS/content.opf": opf, "who?.xhtml": BOOK["two.xhtml"], "two.xhtml": None})
    assert read(whole) == read(epub())


PATHS = [
    "/OEBPS/content.opf", "./OEBPS/content.opf", " OEBPS/content.opf ", "../OEBPS/content.opf",
    "OEBPS\\content.opf", "OEBPS/content.opf#x", "oebps/Content.opf", "wrong/content.opf",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_the_package_however_it_is_named(path):
    container = CONTAINER.replace("OEBPS/content.opf", path)
    assert read(epub(**{"META-INF/container.xml": container})) == read(epub())

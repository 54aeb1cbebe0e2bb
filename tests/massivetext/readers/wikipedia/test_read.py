import bz2
import gzip
import io
import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.readers.bytes import decompress
from massivetext.readers.wikipedia import pages as wiki_pages
from massivetext.readers.wikipedia import read as wiki_read
from massivetext.readers.wikipedia.read import read_wikipedia
from massivetext.reasons import Reason

ORIGIN = Origin("wikipedia", "enwiki-20240101-pages-articles.xml.bz2")
HEAD = b'<mediawiki xml:lang="en">\n  <siteinfo><sitename>W</sitename></siteinfo>\n'
TAIL = b"</mediawiki>\n"


def page(title: str, text: str = "Some text.", ns: str = "<ns>0</ns>", more: str = "") -> bytes:
    return (
        f"  <page>\n    <title>{title}</title>\n    {ns}\n    <id>1</id>\n    {more}\n"
        "    <revision>\n      <id>2</id>\n      <timestamp>2024-01-01T00:00:00Z</timestamp>\n"
        f'      <text bytes="1" xml:space="preserve">{text}</text>\n    </revision>\n  </page>\n'
    ).encode()


def read(data: bytes, *bounds):
    return list(read_wikipedia(io.BytesIO(data), ORIGIN, *bounds))


def sliced(data: bytes, cuts):
    bounds = itertools.pairwise([0, *sorted(cuts), None])
    return [record for b in bounds for record in read(data, *b)]


def summary(records):
    return [
        r.message
        if isinstance(r, Broken)
        else r.reasons[0].value
        if isinstance(r, Dropped)
        else r.title
        for r in records
    ]


def test_a_page_is_a_document():
    text = "'''Ada''' &amp; ''B''.&lt;ref&gt;x&lt;/ref&gt;\n== Work ==\n* [[Engine|engines]]"
    assert read(HEAD + page("Ada &amp; B", text) + TAIL) == [
        Document(
            ORIGIN.document_id(0),
            "wikipedia",
            "Ada & B\n\nAda & B.\n\nWork\n\n- engines",
            "https://en.wikipedia.org/wiki/Ada_%26_B",
            "2024-01-01T00:00:00Z",
            "Ada & B",
        )
    ]


def test_pages_that_are_no_article():
    data = b"".join((
        HEAD,
        page("Talk:A", ns="<ns>1</ns>"),
        page("B", "#REDIRECT [[A]]", more='<redirect title="A" />'),
        page("C", "# redirect [[A]]"),
        page("D", "{{Infobox}}"),
        page("E", ""),
        page("Template:F", ns=""),
        page("G: a life", ns=""),
        TAIL,
    ))  # fmt: skip
    reasons = ["namespace", "redirect", "redirect", "empty", "empty", "namespace"]
    assert summary(read(data)) == [*reasons, "G: a life"]
    assert read(data)[1].document.title == "B"


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("a/dewiki-latest.xml", "https://de.wikipedia.org/wiki/A"),
        ("zh_yuewiki-1.xml", "https://zh-yue.wikipedia.org/wiki/A"),
        ("dump.xml", "https://en.wikipedia.org/wiki/A"),
    ],
)
def test_the_name_of_a_dump_has_its_language(path, url):
    file = io.BytesIO(page("A"))
    assert [r.url for r in read_wikipedia(file, Origin("wikipedia", path))] == [url]


def test_the_last_revision_counts():
    old = "<revision><timestamp>2001</timestamp><text>old</text></revision>"
    (record,) = read(page("A", "new", more=old))
    assert (record.text, record.timestamp) == ("A\n\nnew", "2024-01-01T00:00:00Z")


LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE mediawiki [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
"""


def test_entities_are_refused():
    records = read(LAUGHS + HEAD + page("A", "&b;") + page("B") + page("C", "&nbsp;") + TAIL)
    assert [type(r) for r in records] == [Broken, Broken, Document, Broken]
    assert records[0].message == "XML with a document type or entities is refused"
    assert records[1].message.startswith("invalid XML: undefined entity")
    (inside,) = read(page("A").replace(b"<page>", b"<page><!DOCTYPE a>"))
    assert inside.message.startswith("invalid XML")


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (page("A", "\x00"), "invalid XML: not well-formed"),
        (page("A", "&#xD800;"), "invalid XML: reference to invalid character"),
        (page("A").replace(b"Some", b"\xff"), "invalid XML: not well-formed"),
        (page("A", "<b>"), "invalid XML: mismatched tag"),
        (page("A", "<a>" * 100_000), "XML nested deeper than 16"),
        (page(" "), "page without a title"),
        (b"<page></page>", "page without a title"),
    ],
)
def test_a_bad_page_is_broken_and_the_next_is_read(xml, message):
    before, broken, after = read(HEAD + page("B") + xml + page("C") + TAIL)
    assert (before.title, after.title) == ("B", "C")
    assert broken.position == 1
    assert broken.message.startswith(message)


def test_pages_without_an_end():
    start = page("A")[:100]
    assert summary(read(HEAD + start + page("B") + TAIL)) == ["page without an end", "B"]
    assert summary(read(HEAD + page("B") + start)) == ["B", "page without an end"]


def test_a_page_at_the_bound_is_read_and_one_beyond_is_broken(monkeypatch):
    size = len(page("A").strip())
    monkeypatch.setattr(wiki_pages, "MAX_XML_PAGE_BYTES", size)
    data = page("A") + page("A", "Some text!!") + page("B")
    message = f"page of {size + 1} bytes, more than {size}"
    assert summary(read(data)) == ["A", message, "B"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (HEAD + TAIL, []),
        (b"<html>no</html>", ["no MediaWiki export"]),
        (b"\n\n", []),
    ],
)
def test_files_without_pages(data, expected):
    for file in (data, gzip.compress(data), bz2.compress(data)):
        assert summary(read(file)) == expected


def multistream(*groups: bytes) -> bytes:
    return b"".join(bz2.compress(group) for group in (HEAD, *groups, TAIL))


def test_positions_are_stream_and_number():
    first = page("A") + page("B")
    data = multistream(first, page("C"))
    streams = [len(bz2.compress(HEAD)), len(bz2.compress(HEAD)) + len(bz2.compress(first))]
    positions = [streams[0] << 24, (streams[0] << 24) + 1, streams[1] << 24]
    assert [record.id for record in read(data)] == list(map(ORIGIN.document_id, positions))
    assert summary(read(data, 1, streams[1])) == ["A", "B"]
    assert summary(read(data, streams[0] + 1, streams[1] + 1)) == ["C"]
    assert summary(read(data, streams[1] + 1, None)) == []


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_other_files_are_read_whole_by_the_first_slice(compress):
    data = compress(HEAD + page("A") + page("B") + TAIL)
    assert summary(read(data, 0, 1)) == ["A", "B"]
    assert read(data, 1, None) == []


def test_a_corrupt_stream_loses_its_pages_only():
    groups = [page(f"{name}{i}") for i, name in enumerate("ABC")]
    data = bytearray(multistream(*groups))
    at = len(bz2.compress(HEAD)) + len(bz2.compress(groups[0]))
    data[at + 60 : at + 70] = bytes(10)
    records = read(bytes(data))
    assert [r.title if isinstance(r, Document) else "" for r in records] == ["A0", "", "C2"]
    assert records[1].position == at << 24
    assert records[1].message.startswith("corrupt bzip2 stream")
    assert sliced(bytes(data), range(0, len(data), 50)) == records


def test_a_dump_cut_short_gives_its_pages_and_one_broken():
    pages = b"".join(page(f"P{i}", f"text {i * i} " * 500) for i in range(300))
    data = bz2.compress(HEAD + pages + TAIL, 1)
    *documents, broken = read(data[: len(data) // 2])
    assert 50 < len(documents) < 250
    assert broken == Broken(
        ORIGIN.path, len(documents), f"bzip2 stream is cut short at byte {len(data) // 2}"
    )


def test_bytes_between_streams():
    one, two = bz2.compress(HEAD + page("A")), bz2.compress(page("B") + TAIL)
    assert summary(read(one + bytes(99) + two)) == ["A", "B"]
    message = f"bytes that are no bzip2 stream at byte {len(one)}"
    assert summary(read(one + b"junk" + two)) == ["A", message, "B"]
    assert summary(read(one + bz2.compress(b"") + two)) == ["A", "B"]


def test_a_bomb_in_a_stream_is_broken_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(decompress, "FREE_EXPANSION_BYTES", 1 << 20)
    bomb = bz2.compress(b"<page>" + bytes(20 << 20))
    data = bz2.compress(HEAD) + bomb + bz2.compress(page("A"))
    broken, after = read(data)
    assert broken.message.startswith("expands more than")
    assert after.title == "A"


def test_short_reads_change_nothing():
    class Remote(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 777) if size >= 0 else 777)

    data = multistream(page("A"), page("B", "text " * 5_000), page("C"))
    assert list(read_wikipedia(Remote(data), ORIGIN)) == read(data)


@settings(max_examples=60)
@given(st.data())
def test_any_cutting_gives_the_same_records_as_the_whole(draw):
    """The streams of a parallel bzip2 cut pages, and even tags, anywhere; some are damaged."""
    names = draw.draw(st.lists(st.sampled_from("ABCDEFG"), max_size=12))
    plain = HEAD + b"".join(map(page, names)) + TAIL
    bounds = [0, *sorted(draw.draw(st.lists(st.integers(0, len(plain)), max_size=8))), len(plain)]
    data = bytearray(b"".join(bz2.compress(plain[a:b]) for a, b in itertools.pairwise(bounds)))
    whole = read(bytes(data))
    assert summary(whole) == names
    for at in draw.draw(st.lists(st.integers(0, len(data) - 1), max_size=2)):
        data[at] ^= 0x55
    if data[:2] == b"BZ":
        cuts = draw.draw(st.lists(st.integers(0, len(data))))
        assert sliced(bytes(data), cuts) == read(bytes(data))


def test_real_dump(real_data):
    (path,) = (real_data / "wikipedia").iterdir()
    data = path.read_bytes()
    records = list(read_wikipedia(io.BytesIO(data), Origin("wikipedia", path.name)))
    kinds = Counter(r.reasons[0] if isinstance(r, Dropped) else type(r).__name__ for r in records)
    assert kinds == {"Document": 40, Reason.REDIRECT: 42, Reason.NAMESPACE: 1}
    documents = [record for record in records if isinstance(record, Document)]
    assert all(d.text.startswith(f"{d.title}\n\n") for d in documents)
    assert all(d.timestamp and d.url.startswith("https://en.wikipedia.org/") for d in documents)
    plain = bz2.decompress(data)
    parallel = b"".join(bz2.compress(plain[i : i + 99_991]) for i in range(0, len(plain), 99_991))
    for file in (plain, parallel):
        again = sliced(file, [100_000, 300_000])
        texts = [record.text for record in again if isinstance(record, Document)]
        assert texts == [document.text for document in documents]
        assert len(again) == 83


@pytest.mark.heavy
def test_a_large_dump_takes_little_memory():
    import tracemalloc

    text = "Some words of an article. " * 1_000
    chunk = b"".join(page(f"P{i}", text) for i in range(100))
    stream = bz2.compress(chunk)
    data = bz2.compress(HEAD) + stream * 40  # 100 MB expanded
    tracemalloc.start()
    count = sum(1 for _ in read_wikipedia(io.BytesIO(data), ORIGIN))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 4_000
    assert peak < 12 << 20


@pytest.mark.parametrize(
    "tag", ["<page >", '<page a="1">', "<page\n a='1'  b='2' >", f'<page a="{"x" * 200}">']
)
def test_a_page_element_may_have_attributes(tag):
    data = HEAD + (page("A") + page("B")).replace(b"<page>", tag.encode()) + TAIL
    assert summary(read(data)) == ["A", "B"]
    assert summary(read(data.replace(b"</page>", b"</page >"))) == ["A", "B"]
    assert summary(read(data.replace(HEAD, b""))) == ["A", "B"]
    cut = [data[:400], data[400:403], data[403:]]
    assert sliced(b"".join(map(bz2.compress, cut)), [10, 200]) == read(
        b"".join(map(bz2.compress, cut))
    )


@pytest.mark.parametrize(
    "text",
    [
        '<text bytes="0" sha1="x" />', '<text bytes="9" deleted="deleted"/>', "<text></text>",
        '<text xml:space="preserve" />', "<text/>", "<comment>c</comment>",
    ],
)  # fmt: skip
def test_a_page_without_text_is_empty_and_the_next_is_read(text):
    whole = page("A")
    start, end = whole.index(b"<text"), whole.index(b"</text>") + len(b"</text>")
    empty = whole[:start] + text.encode() + whole[end:]
    assert summary(read(HEAD + empty + page("B") + TAIL)) == ["empty", "B"]


GERMAN = (
    b'<mediawiki xml:lang="de"><siteinfo><namespaces><namespace key="6" case="first-letter">Datei'
    b'</namespace><namespace key="14" case="first-letter">Kategorie</namespace>'
    b'<namespace key="100" case="x">Portal Diskussion</namespace></namespaces></siteinfo>'
)


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("wikitext", None), ("", None), ("json", Reason.NAMESPACE), ("css", Reason.NAMESPACE),
        ("javascript", Reason.NAMESPACE), ("Scribunto", Reason.NAMESPACE),
        ("wikibase-item", Reason.NAMESPACE),
    ],
)  # fmt: skip
def test_only_pages_in_wiki_markup_are_articles(model, reasons):
    data = page("Ada").replace(b"<text", f"<model>{model}</model><text".encode())
    (record,) = read(b"<mediawiki>" + data + b"</mediawiki>")
    assert (record.reasons if isinstance(record, Dropped) else None) == (
        (reasons,) if reasons else None
    )


def test_the_dump_names_its_namespaces_and_redirects_in_every_slice():
    text = "[[Datei:F.jpg|mini|Bild]]Der Fluss.[[Kategorie:F]]"
    groups = [
        page("Fluss", text) + page("Alt", "#WEITERLEITUNG [[Fluss]]"),
        page("Portal Diskussion:F", ns="") + page("Strom", text),
    ]
    data = b"".join(bz2.compress(group) for group in (GERMAN, *groups, TAIL))
    records = read(data)
    assert summary(records) == ["Fluss", "redirect", "namespace", "Strom"]
    assert [r.text for r in records if isinstance(r, Document)] == [
        "Fluss\n\nDer Fluss.",
        "Strom\n\nDer Fluss.",
    ]
    assert sliced(data, range(0, len(data), 100)) == records
    (record,) = read_wikipedia(io.BytesIO(GERMAN + page("A b")), Origin("wikipedia", "x.xml"))
    assert record.url == "https://de.wikipedia.org/wiki/A_b"


@pytest.mark.parametrize("letter", ["a", "é", "\U0001f600"])
def test_a_source_at_the_bound_is_read_and_one_beyond_is_too_large(monkeypatch, letter):
    monkeypatch.setattr(wiki_read, "MAX_WIKI_BYTES", 400)
    count = 400 // len(letter.encode())
    texts = [letter * count, letter * (count + 1)]
    assert summary(read(b"".join(page("A", text) for text in texts))) == ["A", "too_large"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("&amp;#" + "9" * 5_000 + ";", "&#" + "9" * 5_000 + ";"),
        ("&amp;#x" + "f" * 5_000 + ";", "&#x" + "f" * 5_000 + ";"),
        ("a &amp;#1114112; b", "a \ufffd b"),
        ("a&amp;copy b&amp;notit;c &amp;copy;", "a&copy b&notit;c ©"),
    ],
)
def test_entities_of_any_size_end_no_run(text, shown):
    (record,) = read(page("A", text))
    assert record.text == f"A\n\n{shown}"


def test_the_page_name_stands_for_its_magic_word():
    (record,) = read(page("A b", "{{PAGENAME}} is in {{ FULLPAGENAME }}."))
    assert record.text == "A b\n\nA b is in A b."

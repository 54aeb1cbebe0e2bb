"""Signals on a page's use: every spelling, near misses, and what a recipe obeys."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.config.filter_rules import OptOutRules
from massivetext.config.recipe import load_recipe
from massivetext.document import Document, Dropped, Origin, Signals
from massivetext.errors import ConfigError
from massivetext.filters.judge import Models, judge
from massivetext.filters.safety.explicit import DomainList
from massivetext.filters.safety.opt_outs import find_opt_outs, judge_opt_outs
from massivetext.readers.html.opt_outs import MAX_DIRECTIVES, read_content_usage, read_directives
from massivetext.readers.warc.read import read_warc
from massivetext.reasons import Reason


def signals(head: str = "", metas: str = "") -> Signals:
    """Returns the signals that the reader finds of an archived page."""
    body = f"<html><head>{metas}</head><body><p>Some text of a page.</p></body></html>"
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n{body}".encode()
    length = f"Content-Length: {len(block)}".encode()
    data = b"WARC/1.0\r\nWARC-Type: response\r\n" + length + b"\r\n\r\n" + block + b"\r\n\r\n"
    (record,) = read_warc(io.BytesIO(data), Origin("web", "a"))
    document = record.document if isinstance(record, Dropped) else record
    assert isinstance(document, Document)
    return document.signals


HEADS = [
    ("X-Robots-Tag: noai", ["noai"]),
    ("x-robots-tag: NOAI, NoImageAI", ["noai", "noimageai"]),
    ("X-ROBOTS-TAG:noindex,nofollow", ["noindex", "nofollow"]),
    ("X-Robots-Tag: none", ["none"]),
    ("X-Robots-Tag: all, follow, index, nosnippet, max-snippet: -1, noai", ["noai"]),
    ("X-Robots-Tag: noindex\r\nX-Robots-Tag: noai", ["noindex", "noai"]),
    ("X-Robots-Tag: noindex;noai nofollow", ["noindex", "noai", "nofollow"]),
    ("X-Robots-Tag: *: noai", ["noai"]),
    ("X-Robots-Tag: unavailable_after: 25 Jun 2030 15:00:00 PST, noai", ["noai"]),
    ("X-Robots-Tag: unavailable_after: Wednesday, 03-Sep-25 00:00:00 PST", []),
    ("X-Robots-Tag: max-image-preview:none", []),
    ("X-Robots-Tag: noindex,\r\n noai", ["noindex", "noai"]),
    ('X-Robots-Tag: "noai"', ["noai"]),
    ("X-Robots-Tag: noarchive, nocache, noml", ["noarchive", "nocache", "noml"]),
    ("X-Robots-Tag: GPTBot: noai, nofollow", []),
    ("X-Robots-Tag: noindex, GPTBot: noai", ["noindex"]),
    ("X-Robots-Tag: GPTBot: noindex\r\nX-Robots-Tag: noai", ["noai"]),
    ("X-Robots-Tag: CCBot: noai", ["noai"]),
    ("X-Robots-Tag: otherbot: noindex, ccbot: noai", ["noai"]),
    ("TDM-Reservation: 1", ["tdm-reservation"]),
    ("tdm-reservation:1\r\ntdm-policy: https://a.example/p.json", ["tdm-reservation"]),
    ("tdm-reservation: 0", []),
    ("tdm-reservation: 0\r\ntdm-reservation: 1", ["tdm-reservation"]),
    ("Content-Usage: train-ai=n", ["train-ai"]),
    ("content-usage: search=y, train-ai=n;exception=x", ["train-ai"]),
    ("Content-Usage: search=y\r\nContent-Usage: train-ai=n", ["train-ai"]),
    ("Content-Usage: train-ai=y, train-ai=n", ["train-ai"]),
    ("Content-Usage: train-genai=n", ["train-ai"]),
    ("Content-Usage: bots=n", ["train-ai"]),
]
METAS = [
    ('<meta name="robots" content="noai, noimageai">', ["noai", "noimageai"]),
    ("<META NAME=ROBOTS CONTENT=NOAI>", ["noai"]),
    ('<meta http-equiv="X-Robots-Tag" content="noai">', ["noai"]),
    ('<meta http-equiv="robots" content="none">', ["none"]),
    ('<meta content="noai" name=" robots ">', ["noai"]),
    (
        '<meta name="robots" content="noindex"><meta name="robots" content="noai">',
        ["noindex", "noai"],
    ),
    ('<meta name="CCBot" content="noai">', ["noai"]),
    ('<meta name="googlebot" content="noai">', []),
    ('<meta name="tdm-reservation" content="1">', ["tdm-reservation"]),
    ('<meta name="TDM-Reservation" content=" 1 ">', ["tdm-reservation"]),
    ('<meta name="tdm-reservation" content="0">', []),
]
NEAR = [
    ("X-Robots: noai", ""),
    ("X-Robots-Tag: no-ai, no ai, noaix, xnoai, noimageindex", ""),
    ("X-Robots-Tag: nosnippet, notranslate", ""),
    ("X-Robots-Tag:", ""),
    ("Robots: noai", ""),
    ("tdm-reservation: true", ""),
    ("tdm-reservation: 10", ""),
    ("tdm-reservation: yes", ""),
    ("tdm-policy: https://a.example/p.json", ""),
    ("Content-Usage: train-ai=y", ""),
    ("Content-Usage: Train-AI=n", ""),
    ("Content-Usage: train-ai=N", ""),
    ('Content-Usage: train-ai="n"', ""),
    ("Content-Usage: train-ai", ""),
    ("Content-Usage: train-ai=n,", ""),
    ("Content-Usage: train-ai n", ""),
    ("Content-Usage: train-ai=n, train-ai=y", ""),
    ("Content-Usage: search=n, ai-use=n", ""),
    ("Content-Usage: bots=n, train-ai=y", ""),
    ("Content-Usage: train-ai=n, =", ""),
    ("", '<meta name="description" content="noai">'),
    ("", '<meta property="robots" content="noai">'),
    ("", '<meta name="robots" value="noai">'),
    ("", "<p>noai</p>"),
    ("", '<meta name="tdm-reservation" content="">'),
    ("", '<meta name="content-usage" content="train-ai=n">'),
]


@pytest.mark.parametrize(("head", "names"), HEADS)
def test_header_fields(head: str, names: list[str]) -> None:
    assert find_opt_outs(signals(head + "\r\n"), ("ccbot",)) == names


@pytest.mark.parametrize(("metas", "names"), METAS)
def test_metas(metas: str, names: list[str]) -> None:
    assert find_opt_outs(signals(metas=metas), ("ccbot",)) == names


@pytest.mark.parametrize(("head", "metas"), NEAR)
def test_near_misses(head: str, metas: str) -> None:
    found = signals(head + "\r\n" if head else "", metas)
    assert find_opt_outs(found, ("ccbot",)) == []


def test_what_is_stored() -> None:
    head = "X-Robots-Tag: googlebot: noindex, nofollow\r\ntdm-reservation: 0\r\n"
    head += "tdm-policy: https://a.example/1\r\nContent-Usage: search=y, x=1, train-ai=n\r\n"
    metas = '<meta name="robots" content="noai"><meta name="tdm-reservation" content="1">'
    found = signals(head, metas + '<meta name="tdm-policy" content="https://a.example/2">')
    assert found.robots == ("googlebot: noindex", "googlebot: nofollow", "noai")
    assert (found.tdm_reservation, found.tdm_policy) == ("1", "https://a.example/2")
    assert found.content_usage == ("search=y", "train-ai=n")


def test_a_page_that_says_nothing() -> None:
    assert signals() == Signals(status=200)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("", ()),
        ("train-ai=n", ("train-ai=n",)),
        ("  train-ai=n , search=y ", ("train-ai=n", "search=y")),
        (
            'a=1, b=1.5, c="x, \\"y", d=:YQ==:, e=?1, f, g=(1 2;p), h=@5, train-ai=n',
            ("train-ai=n",),
        ),
        ('train-ai;has;parameters="?"', ()),
        ("train-ai;allow=n, train-ai=y", ("train-ai=y",)),
        ('train-ai=y, train-ai, search=n, search="n"', ()),
        ("train-ai=n search=y", ()),
        ("train-ai=n,,search=y", ()),
        ('a="open, train-ai=n', ()),
        ("*=n, train-ai=n", ("train-ai=n",)),
        ("\u00e9=1, train-ai=n", ()),
        ("train-ai =n", ()),
        ("train-ai= n", ()),
    ],
)
def test_dictionaries_of_rfc_9651(field: str, expected: tuple[str, ...]) -> None:
    assert read_content_usage(field) == expected


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert len(list(read_directives(text))) >= 0
    assert all(item.partition("=")[2] in ("y", "n") for item in read_content_usage(text))


def test_work_is_bounded() -> None:
    found = signals("X-Robots-Tag: " + ", ".join(f"bot{n}: noai" for n in range(500)) + "\r\n")
    assert len(found.robots) == MAX_DIRECTIVES
    assert read_content_usage("train-ai=n, " * 100_000 + "search=y") == ("train-ai=n", "search=y")
    for part in ("a;", "a=(", "a=(1 ", 'a="\\', "a=:", "a;b=", "a=1;b=(", "((", ";;"):
        assert read_content_usage(part * 50_000) == ()


@pytest.mark.parametrize(
    ("said", "obey", "drops"),
    [
        (("noai",), ("noai",), True),
        (("noimageai",), ("noai",), False),
        (("none",), ("noai",), False),
        (("none",), ("none",), True),
        (("none",), ("noindex",), True),
        (("none",), ("nofollow",), True),
        (("noindex",), ("none",), False),
        (("gptbot: noai",), ("noai",), False),
        (("ccbot: noai",), ("noai",), True),
        (("noindex", "nofollow"), ("noai", "tdm-reservation", "train-ai"), False),
        ((), ("noai",), False),
    ],
)
def test_what_a_recipe_obeys(said: tuple[str, ...], obey: tuple[str, ...], drops: bool) -> None:
    found = judge_opt_outs(Signals(robots=said), OptOutRules(("web",), obey))
    assert found == ((Reason.OPT_OUT,) if drops else ())


def test_off_by_default_and_on_in_the_respectful_recipe() -> None:
    models = Models(None, DomainList())
    page = Document("1", "web", "Some text.", signals=Signals(tdm_reservation="1"))
    off = load_recipe("minimal.toml", ("filters.language.sources=[]",)).filters
    on = load_recipe("respectful.toml", ("filters.language.sources=[]",)).filters
    assert Reason.OPT_OUT not in judge(page, off, models).reasons
    assert judge(page, on, models).reasons == (Reason.OPT_OUT,)
    assert judge(page._replace(source="news"), on, models).reasons == ()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ('filters.opt_outs.obey=["noia"]', "no signal 'noia'; did you mean 'noai'"),
        ('filters.opt_outs.obey=["xyz"]', "no signal 'xyz'; known: noai, "),
        ('filters.opt_outs.robots=["CCBot"]', "'CCBot' is no name in lower case"),
        ('filters.opt_outs.sources=["wbe"]', "filters.opt_outs.sources: 'wbe' is not one of"),
    ],
)
def test_mistakes_cost_one_line(assignment: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_recipe("minimal.toml", (assignment,))
    assert message in str(caught.value)


def test_front_pages_of_the_press_say_what_their_bytes_hold(real_data: Path) -> None:
    path = real_data / "web" / "warcdb-frontpages-2022.warc.gz"
    data = gzip.decompress(path.read_bytes()).lower()
    with path.open("rb") as file:
        records = list(read_warc(file, Origin("web", "w")))
    said = [r.signals for r in records if isinstance(r, Document)]
    assert said
    assert sum("noai" in s.robots for s in said) <= data.count(b"noai")
    assert sum("noindex" in s.robots for s in said) <= data.count(b"noindex")
    assert sum(s.tdm_reservation == "1" for s in said) <= data.count(b"tdm-reservation")

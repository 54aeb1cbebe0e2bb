"""Titles, languages and ratings that pages declare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.signals import MAX_TITLE, MAX_VALUE, PageSignals, read_signals

RTA = "RTA-5042-1996-1400-1577-RTA"


def signals(html: str, **fields: str) -> PageSignals:
    return read_signals(parse_html(html), {key.replace("_", "-"): fields[key] for key in fields})


@pytest.mark.parametrize(
    ("html", "rating"),
    [
        ('<meta name="rating" content="adult">', "adult"),
        ('<META NAME="RATING" CONTENT=" Mature ">', "Mature"),
        (f"<meta content='{RTA}' name=Rating>", RTA),
        (f"<meta name=rating content=general><meta name=rating content={RTA}>", f"general, {RTA}"),
        ("<meta http-equiv=rating content=restricted>", "restricted"),
        ("<p>late</p><meta name=rating content=adult>", "adult"),
        ("<meta name=ratings content=adult>", ""),
        ("<meta name=rating>", ""),
        ("<!-- <meta name=rating content=adult> -->", ""),
    ],
)
def test_ratings_of_meta_tags(html: str, rating: str) -> None:
    assert signals(html).rating == rating


def test_ratings_of_headers_are_added() -> None:
    assert signals("<p>", rating="adult").rating == "adult"
    assert signals("<meta name=rating content=adult>", rating="adult").rating == "adult"
    assert signals("<meta name=rating content=safe>", rating="Mature").rating == "safe, Mature"


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<html lang=en-GB><p>", "en-GB"),
        ('<html xmlns="x" xml:lang="fr"><p>', "fr"),
        ("<html lang=''><meta http-equiv=Content-Language content=it>", "it"),
        ("<p lang=de>", "sv"),
    ],
)
def test_languages(html: str, language: str) -> None:
    assert signals(html, content_language="sv").language == language


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> One\n two &amp; three</title>", "One two & three"),
        ("<title>a\0b&#xd800;</title>", "a\ufffdb\ufffd"),
        ("<p>none", ""),
        ("<title></title>", ""),
        (f"<title>{'x' * MAX_TITLE}</title>", "x" * MAX_TITLE),
        (f"<title>{'x' * (MAX_TITLE + 1)}</title>", "x" * MAX_TITLE),
    ],
)
def test_titles(html: str, title: str) -> None:
    assert signals(html).title == title


def test_values_are_bounded() -> None:
    found = signals(f"<html lang={'x' * 999}><meta name=rating content={'y' * 999}>")
    assert (len(found.language), len(found.rating)) == (MAX_VALUE, MAX_VALUE)


@given(st.text())
def test_any_page_gives_text_that_utf_8_can_hold(html: str) -> None:
    found = signals(f"<html lang='{html}'><title>{html}</title>{html}", rating=html)
    assert "\ufffd".join((*found[:3], *map(str, found.opt_outs))).encode()

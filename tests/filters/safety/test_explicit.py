"""Ratings, domains and URLs that speak of explicit pages."""

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from massivetext.config.recipe import SafetyRules
from massivetext.document import Document, Signals
from massivetext.filters.safety.explicit import (
    DomainList,
    judge_domain,
    judge_rating,
    judge_safety,
    judge_url,
    load_domains,
)
from massivetext.reasons import Reason

RTA = "RTA-5042-1996-1400-1577-RTA"


@pytest.mark.parametrize(
    "rating",
    ["adult", "ADULT", " Mature ", "restricted", RTA, RTA.lower(), f"label {RTA}!",
     "general, adult", f"general; {RTA}"],
)  # fmt: skip
def test_ratings_for_adults(rating: str) -> None:
    assert judge_rating(rating) is Reason.RATING


@pytest.mark.parametrize(
    "rating",
    ["", "general", "Safe For Kids", "adults", "not adult", "14 years", "immature",
     "RTA-5042-1996-1400-1577", "unrestricted"],
)  # fmt: skip
def test_other_ratings(rating: str) -> None:
    assert judge_rating(rating) is None


def test_listed_domains() -> None:
    domains = DomainList()
    load_domains(domains, io.BytesIO(b"bad.example\n"))
    assert judge_domain("http://www.bad.example/", domains) is Reason.DOMAIN
    assert judge_domain("http://good.example/", domains) is None


@pytest.mark.parametrize(
    ("url", "explicit"),
    [
        ("http://a.example/porn/1", True),  # one hard word
        ("http://a.example/PORN-1", True),
        ("http://a.example/p%6Frn", True),
        ("http://a.example/popcorn-pornichet", False),  # part of a word
        ("http://a.example/naked-babes", True),  # two soft words
        ("http://a.example/naked-mole-rat", False),  # one
        ("http://a.example/sex/sex/sex", False),  # one, three times
        ("http://bestfreepornhere.example/", True),  # strict, inside a word
        ("http://a.example/free-corn", False),
        ("http://a.example/lgbt-teens-gay-lesbian-breast-cancer-sex-education", False),
        ("", False),
    ],
)
def test_words_of_urls(url: str, explicit: bool) -> None:
    assert judge_url(url) is (Reason.URL if explicit else None)


def test_all_reasons_in_order_and_url_words_only_if_asked_for() -> None:
    domains = DomainList()
    load_domains(domains, io.BytesIO(b"bad.example\n"))
    page = Document("0", "web", "", "http://bad.example/porn", signals=Signals(rating="adult"))
    assert judge_safety(page, SafetyRules(), domains) == (Reason.RATING, Reason.DOMAIN)
    asked = SafetyRules(url_words=True)
    assert judge_safety(page, asked, domains) == (Reason.RATING, Reason.DOMAIN, Reason.URL)
    fine = Document("0", "web", "porn", "http://good.example/")  # the body is not looked at
    assert judge_safety(fine, asked, domains) == ()


def test_url_words_on_rated_sites(real_data: Path) -> None:
    """Of sites that people rated from G to X: a fifth of X, and almost nothing else."""
    rows: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    with (real_data / "safety" / "adultcontent2-gold.dev.tsv").open(encoding="utf-8") as file:
        for url, rating in csv.reader(file, delimiter="\t"):
            rows[rating] += 1
            hits[rating] += judge_url(url) is not None
    assert rows == {"G": 343, "X": 231, "P": 84, "R": 70}
    assert hits == {"X": 44, "G": 2, "R": 2, "P": 1}


def test_url_words_spare_ordinary_pages(real_data: Path) -> None:
    with gzip.open(real_data / "c4" / "c4-train.sample-dev.json.gz", "rt") as lines:
        assert [row["url"] for row in map(json.loads, lines) if judge_url(row["url"])] == []

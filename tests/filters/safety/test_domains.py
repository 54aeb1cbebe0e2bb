"""Hosts and registered domains of URLs, and lists in UT1's format."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivetext.errors import ConfigError
from massivetext.filters.safety.explicit import (
    DomainList,
    host,
    load_domains,
    parse_host,
)


def listed(*entries: str) -> DomainList:
    domains = DomainList()
    load_domains(domains, io.BytesIO("\n".join(entries).encode()))
    return domains


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://Example.COM/a", "example.com"),
        ("https://user:pw@www.example.com:8080/?q#f", "www.example.com"),
        ("http://example.com./", "example.com"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://" + "ü" * 80 + ".example/", "ü" * 80 + ".example"),  # too long for a label
        ("http://[broken/", ""),
        ("dns:example.com", ""),
        ("example.com/no/scheme", ""),
        ("", ""),
    ],
)
def test_hosts(url: str, name: str) -> None:
    assert host(url) == name


URL_PARTS = st.sampled_from(
    ["http", "https", "HTTP", "://", "//", "a.example", "B.Example.", ".", ":", "80", "x@", "[::1]",
     "[", "/", "?", "#", "\\", " ", "\n", "\t", "\0", "%2e", "ü", "_", "-"]
)  # fmt: skip


@given(st.lists(URL_PARTS, max_size=8).map("".join))
@example("http://a.example\n")
def test_the_short_way_to_a_host_is_the_parsers(url: str) -> None:
    assert host(url) == parse_host(url)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://bad.example/", True),
        ("http://BAD.example:80/x?y", True),
        ("https://www.bad.example/", True),
        ("http://a.b.c.bad.example/", True),
        ("http://notbad.example/", False),
        ("http://bad.example.org/", False),
        ("http://example/", False),
        ("http://good.example/bad.example", False),
    ],
)
def test_a_domain_covers_itself_and_what_is_under_it(url: str, found: bool) -> None:
    assert listed("# comment", "", "Bad.Example ").lists(url) is found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://site.example/adult", True),
        ("http://www.site.example/Adult/", True),
        ("http://site.example/adult/page.html", True),
        ("http://site.example/adult?page=2", True),
        ("http://site.example/adult#top", True),
        ("http://site.example/adults", False),
        ("http://site.example/", False),
        ("http://site.example", False),
        ("http://other.site.example/adult", False),
    ],
)
def test_a_url_covers_what_lies_below_it(url: str, found: bool) -> None:
    assert listed("site.example/adult/").lists(url) is found


@pytest.mark.parametrize("entry", ["http://bad.example", "*.bad.example", ".bad.example.",
                                   "www.bad.example", "bad.example/", "BAD.EXAMPLE\r"])  # fmt: skip
def test_manners_of_writing_an_entry(entry: str) -> None:
    assert listed(entry).lists("http://www.bad.example/x")


def test_single_labels_and_empty_lists_cover_nothing() -> None:
    assert not listed("com", "example").lists("http://a.example.com/")
    assert not listed().lists("http://a.example/")
    assert listed("192.0.2.1").lists("http://192.0.2.1/x")
    assert not listed("2.0.192.1").lists("http://192.0.2.1/x")


def test_lists_add_up_and_may_be_compressed() -> None:
    domains = listed("a.example", "b.example")
    load_domains(domains, io.BytesIO(gzip.compress(b"b.example\nc.example\n")))
    assert len(domains) == 3
    assert all(domains.lists(f"http://{name}.example/") for name in "abc")


def test_a_broken_list_is_an_error() -> None:
    with pytest.raises(ConfigError, match="domain list"):
        load_domains(DomainList(), io.BytesIO(gzip.compress(b"a.example\n" * 1000)[:-12]))


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_is_looked_up_without_an_error(url: str, entry: str) -> None:
    domains = listed(entry.encode("utf-8", "replace").decode(), "bad.example")
    assert isinstance(domains.lists(url), bool)
    assert isinstance(domains.lists(f"http://{url}/{entry}"), bool)
    assert isinstance(host(f"http://{url}/"), str)


@pytest.mark.parametrize(
    "name",
    ["adult.urls.dev.txt", "mixed_adult.domains.dev.txt", "mixed_adult.urls.dev.txt",
     "combined-blocklist-sample.dev.txt.gz"],
)  # fmt: skip
def test_every_entry_of_real_lists_is_found(real_data: Path, name: str) -> None:
    data = (real_data / "safety" / "ut1" / name).read_bytes()
    domains = DomainList()
    load_domains(domains, io.BytesIO(data))
    text = gzip.decompress(data) if name.endswith(".gz") else data
    entries = text.decode().split()
    assert [entry for entry in entries if not domains.lists(f"http://{entry}")] == []


def test_lists_of_one_kind_do_not_cover_another(real_data: Path) -> None:
    domains = DomainList()
    for name in ("adult.urls.dev.txt", "mixed_adult.domains.dev.txt", "mixed_adult.urls.dev.txt"):
        with (real_data / "safety" / "ut1" / name).open("rb") as file:
            load_domains(domains, file)
    for name in ("sexual_education.domains.dev.txt", "sexual_education.urls.dev.txt"):
        entries = (real_data / "safety" / "ut1" / name).read_text().split()
        assert [entry for entry in entries if domains.lists(f"http://{entry}")] == []

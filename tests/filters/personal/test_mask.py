"""Personal data: the forms that are found, what looks like them and is not, and the rest kept."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivetext.config.filter_rules import Filters, MaskRules
from massivetext.document import Document
from massivetext.filters.judge import Models, judge
from massivetext.filters.personal.mask import WORDS, Masked, find_personal, mask
from massivetext.filters.safety.explicit import DomainList
from tests.growth.fragments import pumps

RULES = MaskRules()

EMAILS = [
    "joe@a.example", "joe.bloggs+lists@mail.example.co.uk", "JOE_99@EXAMPLE.COM", "j@x.io",
    "o'brien@example.ie", "joe@163.com", "joe@bücher.example", "joé@example.fr",
    "joe@xn--bcher-kva.example", "joe (at) example.org", "joe[at]example[dot]org",
    "joe {at} example {dot} org", "joe＠example.org", "joe%dept@example.org",
    "info@example.museum", "joe@sub.sub.sub.example.org", "joe@example.dev",
]  # fmt: skip
IPS = [
    "81.2.69.142", "8.8.4.40", "223.1.2.30", "172.15.0.9", "172.32.0.1", "192.169.1.1",
    "100.63.1.20", "2001:4860:4860::8888", "2a00:1450:4001:81b:0:0:0:200e", "2A02:26F0:6C::17D2",
    "3fff:1234:5678:9abc:def0:1234:5678:9abc",
]  # fmt: skip
PHONES = [
    "+1 415 555 2671", "+1 (415) 555-2671", "+14155552671", "(+44) 20 7946 0958",
    "+44 (0)20 7946 0958", "+49 30 901820", "+49 (0)9546-9223-20", "+39 06.36712846",
    "+33 1 42 68 53 00", "+971 4 4508438", "+86-10-6552-9988", "+966 (1) 8011119",
    "(415) 555-2671", "(415)555-2671", "(415) 555 2671", "415-555-2671", "415.555.2671",
    "415 555-2671", "1-800-555-0199", "1 (800) 555-0199", "1.800.555.0199", "415-555-2671 ext. 12",
    "020 7946 0958", "07700 900123", "0161 496 0000", "(0161) 496 0000", "0800 123 4567",
    "030/12345678", "021-54098575", "415‑555‑2671", "415–555–2671",
]  # fmt: skip
NAMED = [
    ("Tel: ", "555-2671"), ("tel.: ", "20 7946 0958"), ("Phone ", "1 602 827 2456"),
    ("FAX ", "030 123 45"), ("Telefon: ", "0911 123 45"), ("Mobile: ", "612 345 678"),
    ("call us at ", "1300 123 456"), ("phone number is ", "5552671"), ("WhatsApp ", "677 904 624"),
    ("Téléphone : ", "01 42 68 53 00"), ("Tel:", "4155552671"), ("call ", "415 555 2671"),
]  # fmt: skip
NEAR = [
    # e-mails
    "foo@bar", "@joe", "joe@", "a@b.c", "joe@@example.org", "image@2x.png", "lodash@4.17.21",
    "pkg@1.2.3.tgz", "theirmodule@v1.2.3", "@media.screen", "@warnings.deprecated", "3 @ 4.50",
    "git@github.com:user/repo.git", "java.lang.Object@1b2c3d", "https://medium.com/@joe",
    "x @ y.org", "meet (at) noon", "look [at] it", "joe..bloggs@example.org", "user@localhost",
    # IP addresses and what has dots or colons
    "127.0.0.1", "10.1.2.3", "192.168.0.17", "172.16.0.1", "169.254.9.9", "0.0.0.0", "100.64.0.1",
    "255.255.255.0", "224.0.0.251", "192.0.2.17", "198.51.100.32", "203.0.113.5", "198.18.0.1",
    "1.2.3.4", "v10.12.30.41", "version 10.12.30.41", "Chrome/120.0.10.20", "build 10.0.19.41",
    "Section 11.2.30.4", "256.1.2.3", "11.22.33.444", "11.22.33", "11.22.33.44.55", "a11.22.33.44",
    "OID 1.3.6.1.4.1", "Driver 14.0.1.10", "::1", "fe80::1", "fd00::1234:5678", "2001:db8::1",
    "12:30:45", "00:1A:2B:3C:4D:5E", "std::vector", "2001::", "2010:11:12", "2fab::c", "ab::cd::ef",
    "1:2:3:4:5:6:7:8",
    # numbers that are no phones
    "ISBN 978-0-306-40615-7", "0-306-40615-2", "ISBN 0306406152", "ISSN 0378-5955",
    "3.14159265", "+3.14159265", "1,234,567,890", "$415-555-2671", "€1.234.567", "2019-04-29",
    "29.04.2019", "11/22/2025", "2018-2019", "1939–1945", "2005-04-07T22:13:13", "12:30-13:45",
    "4111 1111 1111 1111", "123-45-6789", "#364619635335", "1679090539",
    "doi:10.1017/S0025100306002830", "arXiv:2603.04873", "550e8400-e29b-41d4-a716-446655440000",
    "d41d8cd98f00b204e9800998ecf8427e", "0x0000000000000064", "600/800/1000", "256 512 1024",
    "200 300 4000", "400 500-600", "1954–1962", "+05:30", "GMT+0100", "10-12-415-555-2671",
    "A415-555-2671", "415-555-2671B", "415-555-26712", "-84.261234567", "75–8421.534.544.0",
    "iPhone 12 2019 2020", "phone 2018-2019", "call 2018-2019", "Tel 1.25",
    "48°51'24\"N 2°21'03\"E", "51.50735,-0.12776", "ISO 100-51200", "5 555 555",
    "0.13114754098360", "100 101 103 106 110 115", "+1000000", "x+12345678901", "1:23.456-7890",
    "007", "01 02 2003", "05 12 23 34 45", "2,415-555-2671",
]  # fmt: skip


def masked(text: str) -> str:
    return mask(text, RULES)[0]


@pytest.mark.parametrize("form", [form.strip() for form in EMAILS])
def test_emails(form: str) -> None:
    assert mask(f"Write to {form}, or not.", RULES) == (
        "Write to <email>, or not.",
        Masked(emails=1),
    )
    assert masked(f"<{form}>") == "<<email>>"
    assert masked(f"{form}.\n") == "<email>.\n"
    assert masked(f"mailto:{form} x") == "mailto:<email> x"


@pytest.mark.parametrize("form", IPS)
def test_ip_addresses(form: str) -> None:
    assert mask(f"from {form} at noon", RULES) == ("from <ip> at noon", Masked(ip_addresses=1))
    assert masked(f"[{form}], ({form}).") == "[<ip>], (<ip>)."
    assert masked(form) == "<ip>"


def test_ports_and_networks_stay() -> None:
    assert masked("81.2.69.142:8080 and 81.2.69.0/24") == "<ip>:8080 and <ip>/24"


@pytest.mark.parametrize("form", PHONES)
def test_phones(form: str) -> None:
    assert mask(f"You reach me: {form}.", RULES) == ("You reach me: <phone>.", Masked(phones=1))
    assert masked(f"{form}\n{form}") == "<phone>\n<phone>"
    assert masked(f"({form})") == "(<phone>)"


@pytest.mark.parametrize(("name", "form"), NAMED)
def test_phones_behind_a_word(name: str, form: str) -> None:
    assert masked(f"{name}{form}, daily") == f"{name}<phone>, daily"


@pytest.mark.parametrize("form", NEAR)
def test_what_looks_like_it_stays(form: str) -> None:
    for text in (form, f"It is {form}, then", f"({form})", f"{form}\n{form}"):
        assert mask(text, RULES) == (text, Masked())


def test_glued_neighbours_are_told_apart() -> None:
    assert masked("SC(803) 323-2211Fax: (803) 593-6526") == "SC<phone>Fax: <phone>"
    assert masked("see show@example.com.Sarah said") == "see <email>.Sarah said"
    assert masked("a@b.example,c@d.example;e@f.example") == "<email>,<email>;<email>"
    assert masked("from=joe@example.org&to=ann@example.org") == "from=<email>&to=<email>"


@pytest.mark.parametrize("kind", Masked._fields)
def test_each_kind_can_be_off(kind: str) -> None:
    text = "joe@example.org 81.2.69.142 415-555-2671"
    rules = MaskRules(**{name: name == kind for name in Masked._fields})
    changed, counts = mask(text, rules)
    assert counts == Masked(**{kind: 1})
    assert changed.count(WORDS[kind]) == 1
    assert sum(word in changed for word in WORDS.values()) == 1


@given(st.text(alphabet="a1.@+-() :/<>\n\u2013é[]xt", max_size=300))
@example("1" * 100 + "@" * 20)
def test_masking_keeps_the_rest_and_is_done_once(text: str) -> None:
    found = find_personal(text, RULES)
    changed, counts = mask(text, RULES)
    assert len(found) == sum(counts)
    ends = [(0, 0), *(span for span, _ in found)]
    assert all(before[1] <= after[0] < after[1] for before, after in pairwise(ends))
    pieces = re.split("|".join(map(re.escape, WORDS.values())), changed)
    if not found:
        assert changed == text
    else:
        assert pieces[-1] == text[found[-1][0].end :] or "<" in text


@given(st.text(alphabet=st.characters(exclude_characters="@＠", exclude_categories=["Nd"])))
def test_text_without_digits_and_at_signs_is_as_it_was(text: str) -> None:
    if not re.search(r"(?i)[\[({<]\s?at\s?[\])}>]", text):
        assert mask(text, RULES) == (text, Masked())


def test_every_pump_of_the_patterns_is_masked_in_bounded_work() -> None:
    """tests/growth has the times of long ones."""
    for pump in pumps(("massivetext.filters.personal",)):
        masked(pump.text(3_000))


def test_judge_masks_before_it_measures() -> None:
    models = Models(None, DomainList())
    text = "Write to joe@example.org or ann@example.org, or call 415-555-2671 today."
    off = judge(Document("1", "github", text), Filters(), models)
    on = judge(Document("1", "github", text), Filters(mask=MaskRules(("github",))), models)
    assert off.masked is None
    assert off.document.text == text
    assert on.document.text == "Write to <email> or <email>, or call <phone> today."
    assert on.masked == Masked(emails=2, phones=1)
    same = judge(Document("1", "github", on.document.text), Filters(), models)
    assert (on.measures, on.signature) == (same.measures, same.signature)

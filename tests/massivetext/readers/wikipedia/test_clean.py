import re
from collections import Counter

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.limits import MAX_WIKI_DEPTH
from massivetext.readers.wikipedia.clean import clean_wikitext

LINES = {
    "'''Ada''' ''wrote'' '''''both'''''.": "Ada wrote both.",
    "l''''amour''''": "l'amour'",
    "a [[note]], [[notes|two]], [[Note]]s, [[:Category:B]]": "a note, two, Notes, Category:B",
    "a [[File:b.png|thumb|''Ada'' [[Lovelace|L.]] and {{lang|fr|lui}}]]b": "a b",
    "a[[Category:B|C]] [[de:Ada]][[zh-min-nan:Ada]]": "a",
    "a [[fr:Ada|in French]]": "a in French",
    "a [http://b.org/c_(d) the site] [https://b.org] [//b.org e]": "a the site e",
    "see http://b.org now": "see http://b.org now",
    "a<ref>b</ref> c<ref name=x /> d<ref name=\"y\">[[e]] {{f}}</ref>": "a c d",
    "a<!-- b --> c<!-- d": "a c",
    "a<ref>b c": "ab c",
    "a </ref>b": "a b",
    "<gallery>\nFile:a.png|b\n</gallery>a": "a",
    "a {{cn}}b {{Infobox person\n| name = {{nowrap|c}}\n| d = [[e]]\n}}": "a b",
    "a {{convert|5|km|mi}} {{convert|5|to|10|km}}": "a 5 km 5 to 10 km",
    "*a\n**{{Script|Copt|Ⲁ}} : [[b]]": "- a\n  - Ⲁ: b",
    "{{lang|fr|oui}} {{lang-de|ja}} {{nowrap|a b}} {{frac|1|2}} {{c.|1900}}":
        "oui ja a b 1/2 c. 1900",
    "{{quote|To be|author=W}}": "To be",
    "a {{nowrap|1=b=c}}": "a b=c",
    "a {{as of|2015}} {{USS|Iowa}} {{val|5|u=m}} {{US$|5}} 1{{ndash}}2":
        "a As of 2015 USS Iowa 5 m US$5 1–2",
    "a\n{| class=x\n|-\n| b {{c|d}}\n{|\n| e\n|}\n|}\nf": "a\n\nf",
    "a <table><tr><td>b<table></table></td></tr></table>c": "a c",
    "{{a|\n{|\n| b\n|}}}c": "c",
    "{{a|b\n|}}c": "c",
    "a<br>b<br />c <div class=d>e</div>": "a\nb\nc\ne",
    "10<sup>6</sup> m<sup>2</sup> 4<sup>th</sup> H<sub>2</sub>O": "10^6 m^2 4th H2O",
    "x<sup>2</sup> + ''y''<SUP>2</sup>, m s<sup>−1</sup>, 2<sup>''n''+1</sup>, e<sup>iπ</sup>": (
        "x^2 + y^2, m s^−1, 2^{n+1}, e^{iπ}"
    ),
    "SO<sub>4</sub><sup>2−</sup>, Fe<sup>2+</sup>, 1010<sub>2</sub> is 10, log<sub>10</sub>2": (
        "SO4^2−, Fe^2+, 1010_2 is 10, log_10 2"
    ),
    "M<sup>me</sup>, quay<sup>3</sup>, <sup>14</sup>C, ''x''<sub>1</sub>": "Mme, quay3, 14C, x1",
    "----\nrule\n-----more": "rule\nmore",
    "{{No.|5}}, {{numero}} 6, {{convert|166|Goilbbl|m3}}": "No. 5, No. 6, 166 billion barrels",
    "a <math>x_1 <\n y</math> b": "a $x_1 < y$ b",
    "a <nowiki>[[b]] ''c''</nowiki> &lt;d&gt; e&nbsp;f &amp;amp;": "a [[b]] ''c'' <d> e f &amp;",
    "a\n<source lang=c>\nif (x)  {\n\t* y\n}\n</source>\nb": "a\n\nif (x)  {\n\t* y\n}\n\nb",
    "__NOTOC__a __b__": "a __b__",
    "a ({{ipa-x|b}}; born 1815) (; {{cn}}) b {{d}} , c  d (e {{f}}), g":
        "a (born 1815) b, c d (e), g",
    "* a\n** b\n# c\n# d\n## e\n# f\n\n# g\n: h\n; i\n*: j":
        "- a\n  - b\n1. c\n2. d\n  1. e\n3. f\n\n1. g\nh\ni\nj",
    "* {{cite}}, b\n* {{cite}}\n* c": "- b\n\n- c",
    "----\na": "a",
    "a\n\n\n\n\nb": "a\n\nb",
    "a [[b|]] [[c": "a b [[c",
    "a ]] b }} c | d": "a ]] b }} c | d",
    "a {{b\n| c = d\ne": "a b\ne",
    "{| class=x\n| a\nb": "b",
    "a [[b {{c]] d": "a b c d",
    "x < y and z > w": "x < y and z > w",
    "": "",
    "{{a}}<ref>b</ref>[[File:c]]": "",
}  # fmt: skip


@pytest.mark.parametrize("source", LINES)
def test_each_kind_of_markup(source):
    assert clean_wikitext(source) == LINES[source]


def test_sections():
    source = """lead
== History ==
=== Early ===
text
=== Late ===
{{Empty section}}
== Pictures ==
<gallery>a</gallery>
== Life ==
==== Deep ====
more
== See also ==
* [[a]]
=== Below ===
gone
== Notes and references ==
{{reflist}}
== Reception, notes ==
kept
== ''External links'' ==
* [http://a.org b]
=Legacy=
end
== References in art ==
kept too"""
    assert clean_wikitext(source).split("\n\n") == [
        *("lead", "History", "Early", "text", "Life", "Deep", "more"),
        *("Reception, notes", "kept", "Legacy", "end", "References in art", "kept too"),
    ]


@pytest.mark.parametrize(
    "line", ["=", "==", "===", "= =", "=== ===", "==a", "a==", "== a == b", "x = y"]
)
def test_lines_that_are_no_heading_do_no_harm(line):
    assert clean_wikitext(f"a\n{line}\nb").startswith("a\n")
    assert clean_wikitext(f"a\n{line}\nb").endswith("\nb")


@pytest.mark.parametrize("depth", [MAX_WIKI_DEPTH, MAX_WIKI_DEPTH + 1])
def test_markup_nested_to_the_bound_is_kept_and_deeper_is_dropped(depth):
    text = "{{nowrap|" * depth + "a" + "}}" * depth
    assert clean_wikitext(text) == ("a" if depth == MAX_WIKI_DEPTH else "")


HOSTILE = [
    "{{", "}}", "[[", "]]", "{|\n", "|}\n", "{{nowrap|", "[[a|", "{{{", "{{}}", "[[]]", "<ref>",
    "<ref", "<!--", "<math>", "</ref>", "<table>", "[http://a ", "[http://a", "'", "=", "==\n",
    "== a ==\n", "*", "#\n", "*#:;", "( ", "(;", ", ", " ,", "<a ", "<", "&amp;", "__A", "|", "\n",
    "{{a|b={{c|", "[[a|{{b|]]", "{{convert|1|to|", "\0", "[[File:", "<nowiki>", "<br ", "  ",
]  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("part", HOSTILE)
def test_pathological_pages_are_cleaned_in_linear_time(part):
    """With quadratic work each of these would take hours; the suite's time limit is the judge."""
    assert "\0" not in clean_wikitext("a" + part * 300_000 + "b")


@given(st.lists(st.sampled_from([*HOSTILE, "a", "a b", "=", "x=", "}", "{"])).map("".join))
def test_no_markup_raises(source):
    text = clean_wikitext(source)
    assert "\0" not in text
    assert text == text.strip("\n")


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1))
def test_prose_stays_as_it_is(text):
    assert clean_wikitext(text) == text


NOTES = re.compile(r"(?i)references?|external links|sources|further reading|see also|notes?")
HIDDEN = ("file:", "image:", "category:")


def reference_text(source: str) -> str:
    """The cleaning of Borgeaud et al. 2021 with its own library."""
    code = mwparserfromhell.parse(source)
    removed = [
        *code.filter_tags(matches=lambda tag: tag.tag in ("ref", "table", "gallery", "math")),
        *code.filter_wikilinks(matches=lambda x: x.title.lower().startswith(HIDDEN)),
        *code.get_sections(
            matches=lambda title: NOTES.fullmatch(title.strip()), include_lead=False
        ),
    ]
    for node in removed:
        try:
            code.remove(node)
        except ValueError:
            continue  # inside a node that is gone
    return code.strip_code()


def test_real_articles_keep_the_words_of_another_parser(real_articles):
    lost = total = 0
    for title in ("Algeria", "Alphabet", "Aardwolf", "Asphalt"):
        theirs = Counter(re.findall(r"\w+", reference_text(real_articles[title])))
        ours = Counter(re.findall(r"\w+", clean_wikitext(real_articles[title])))
        lost += (theirs - ours).total()
        total += theirs.total()
    assert total > 20_000
    assert lost < total / 2_000


def test_real_articles_have_no_markup_left(real_articles):
    marks = re.compile(
        r"\[\[|\]\]|\{\{|\}\}|</?(?:ref|br|div|span|sup)|'''|^\||==|\|\||&\w+;", re.M
    )
    formula = re.compile(r"\$.*?\$")
    texts = {t: formula.sub("", clean_wikitext(source)) for t, source in real_articles.items()}
    found = {title: marks.findall(text) for title, text in texts.items()}
    assert {title: marks for title, marks in found.items() if marks} == {}


@pytest.fixture(scope="module")
def real_articles(real_data):
    import bz2
    from xml.etree import ElementTree

    (path,) = (real_data / "wikipedia").iterdir()
    space = "{http://www.mediawiki.org/xml/export-0.10/}"
    pages = ElementTree.fromstring(bz2.decompress(path.read_bytes())).iter(f"{space}page")
    return {
        page.findtext(f"{space}title"): page.findtext(f"{space}revision/{space}text")
        for page in pages
        if page.find(f"{space}redirect") is None and page.findtext(f"{space}ns") == "0"
    }

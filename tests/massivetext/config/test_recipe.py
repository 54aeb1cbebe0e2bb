"""Recipes: the shipped ones are the paper's, and mistakes are named."""

from dataclasses import asdict
from pathlib import Path

import pytest

from massivetext import paper
from massivetext.config.recipe import (
    Recipe,
    digest,
    filters_of,
    languages_of,
    load_recipe,
    values,
)
from massivetext.errors import ConfigError

MINIMAL = """
[sources.web]
files = ["web/*"]
[language_model]
path = "m"
[mixture]
web = 1.0
"""


def recipe(tmp_path: Path, text: str, *assignments: str) -> Recipe:
    (tmp_path / "r.toml").write_text(text)
    return load_recipe(str(tmp_path / "r.toml"), assignments)


def test_the_shipped_corpus_is_the_papers() -> None:
    made = load_recipe("massivetext.toml")
    assert tuple(made.sources) == paper.SOURCES
    assert made.mixture == {s.name: s.weight for s in paper.SUBSETS}
    assert asdict(made.filters.quality) == asdict(paper.QualityRules())
    assert asdict(made.filters.repetition) == asdict(paper.RepetitionRules())
    assert made.filters.quality_sources == ("web",) == made.filters.repetition_sources
    assert made.duplicates.sources == ("web", "books", "c4", "news")
    assert (made.duplicates.max_jaccard, made.overlap.max_jaccard) == (0.8, 0.8)
    assert made.overlap.max_containment is None
    assert (made.vocabulary.size, made.vocabulary.normalization) == (32_000, "nfkc")
    assert (made.sequences.tokens, made.sequences.length) == (300_000_000_000, 2_048)
    assert (made.sequences.crop_bytes, made.sequences.crops_per_group) == (30_720, 10)


def test_the_papers_numbers() -> None:
    assert sum(s.weight for s in paper.SUBSETS) == pytest.approx(1)
    assert [s.weight for s in paper.SUBSETS] == [0.48, 0.27, 0.10, 0.10, 0.03, 0.02]
    assert len(paper.GITHUB_LICENCES) == 8
    assert len(paper.STOP_WORDS) == 8
    bounds = asdict(paper.RepetitionRules()).values()
    assert list(bounds) == [
        0.30, 0.30, 0.20, 0.20, 0.20, 0.18, 0.16, 0.15, 0.14, 0.13, 0.12, 0.11, 0.10,
    ]  # fmt: skip


def test_the_sample_loads() -> None:
    assert tuple(load_recipe("sample.toml").sources) == paper.SOURCES


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("filters.quality.min_word=3", "filters.quality.min_word: unknown key; did you mean"),
        ("mixture.books=0.5", "mixture.books: there are no files of it"),
        ("mixture.web=0.9", "mixture: weights sum to 0.9, not to 1"),
        ("mixture.wed=0.1", "mixture: 'wed' is not one of web, books"),
        ("sequences.length=0", "sequences.length: 0 is not between 1 and"),
        ("max_bad_fraction=2", "max_bad_fraction: 2.0 is not between 0 and 1"),
        ("sequences.validation_fraction=0.6", "sequences.validation_fraction: 0.6 is not"),
        ("duplicates.sources=['x']", "duplicates.sources: 'x' is not one of"),
        ("filters.language.language='fi'", "there are no stop words of 'fi', but of en, cs"),
        ("filters.language.language='german'", "did you mean 'de'?; list some in filters.l"),
        ("filters.language.stop_words=['Und', 'die']", "'Und' is not one word in lower case"),
        ("filters.language.stop_words=['und so', 'die']", "'und so' is not one word in lower"),
        ("filters.language.stop_words=['und']", "1 words, of which a document needs 2"),
        ("filters.language.alphabet='runic'", "filters.language.alphabet: 'runic' is not one of"),
        ("sources.web.rules.language={language='fi'}", "sources.web.rules.language.language: "),
        ("sources.web.rules.safety={host_min_pages=3}", "host_min_pages: is one for all sources"),
        ("sources.web.like='books'", "sources.web.like: web has rules of its own"),
        ("sources.all={files=['a'], like='web'}", "sources: 'all' is no name for a source"),
        ("sources.x={files=[], like='web'}", "sources.x.files: names no file"),
        ("filters.quality.min_words=100001", "filters.quality.min_words"),
        ("filters.quality={min_words=101, max_words=100}", "filters.quality.min_words"),
        (
            "filters.quality={min_mean_word_length=4.1, max_mean_word_length=4}",
            "filters.quality.min_mean_word_length",
        ),
        ("sources.web.rules.quality={min_words=9, max_words=8}", "quality.min_words"),
        ("sequences.tokens='most'", "sequences.tokens: expected int or 'max', got 'most'"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, assignment: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        recipe(tmp_path, MINIMAL, assignment)
    assert message in str(caught.value)


@pytest.mark.parametrize("count", [15, 16])
def test_more_sources_than_places_cannot_be_preferred(tmp_path: Path, count: int) -> None:
    """The order of survival has four bits for them."""
    named = "duplicates.preference=[" + ", ".join(['"c4"'] * count) + "]"
    if count == 15:
        assert len(recipe(tmp_path, MINIMAL, named).duplicates.preference) == 15
        return
    with pytest.raises(ConfigError, match="16 sources; at most 15 can be preferred"):
        recipe(tmp_path, MINIMAL, named)


@pytest.mark.parametrize("keys", ['rule = "any"', "n = 13"])
def test_files_of_one_set_have_one_rule(tmp_path: Path, keys: str) -> None:
    def held(name: str, more: str = "") -> str:
        return f'[[overlap.sets]]\nname = "{name}"\npath = "x"\n{more}\n'

    assert recipe(tmp_path, MINIMAL + held("a", keys) + held("a", keys) + held("b"))
    with pytest.raises(ConfigError, match="two of its files have another rule or n"):
        recipe(tmp_path, MINIMAL + held("a") + held("b") + held("a", keys))
    with pytest.raises(ConfigError, match="empty name"):
        recipe(tmp_path, MINIMAL + held(""))


def test_weights_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        recipe(tmp_path, MINIMAL, "sources.news.files=['n']", "mixture.web=0.7")
    assert str(caught.value).endswith("weights sum to 0.7, not to 1; without a weight: news")
    assert "r.toml" in str(caught.value)


def test_weights_just_off_one(tmp_path: Path) -> None:
    recipe(tmp_path, MINIMAL, "mixture.web=1.0000000001")
    with pytest.raises(ConfigError, match="weights sum"):
        recipe(tmp_path, MINIMAL, "mixture.web=1.00001")


def test_no_such_recipe() -> None:
    with pytest.raises(ConfigError, match=r"no recipe 'x.toml'; shipped recipes: massivetext.toml"):
        load_recipe("x.toml")


def test_relative_paths_are_below_the_root(tmp_path: Path) -> None:
    made = recipe(tmp_path, MINIMAL, "root=gs://b/raw/")
    assert made.resolve("web/*") == "gs://b/raw/web/*"
    assert made.resolve("/a") == "/a"
    assert made.resolve("gs://c/d") == "gs://c/d"


def test_digest_ignores_the_order_of_keys(tmp_path: Path) -> None:
    made = values(recipe(tmp_path, MINIMAL))
    assert digest(made) == digest(dict(reversed(made.items())))
    assert digest(made) != digest(made | {"seed": 1})


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("vocabulary.size=262", ""),
        ("vocabulary.size=261", "vocabulary.size: 261 ids; must be 262 to 65,536"),
        ("vocabulary.size=65_536", ""),
        ("vocabulary.size=65_537", "vocabulary.size: 65,537 ids; must be 262 to 65,536"),
        ("vocabulary.character_coverage=0.98", ""),
        ("vocabulary.character_coverage=0.979", "vocabulary.character_coverage: must be from 0.98"),
        ("vocabulary.character_coverage=1", ""),
        ("vocabulary.character_coverage=1.1", "vocabulary.character_coverage: must be from 0.98"),
    ],
)
def test_the_vocabulary_has_one_set_of_bounds(assignment: str, message: str) -> None:
    try:
        load_recipe("minimal.toml", (assignment,))
    except ConfigError as error:
        found = str(error)
    else:
        found = ""
    assert bool(found) == bool(message)
    assert message in found


def test_a_recipe_needs_no_path_of_the_language_model() -> None:
    for name in ("minimal.toml", "massivetext.toml", "sample.toml"):
        assert load_recipe(name).language_model.path == ""


def test_languages_with_words_of_their_own(tmp_path: Path) -> None:
    for language in ("de", "ru", "en"):
        recipe(tmp_path, MINIMAL, f"filters.language.language={language!r}")
    off = ("filters.language.language='fi'", "filters.quality.min_stop_words='off'")
    recipe(tmp_path, MINIMAL, *off)
    recipe(tmp_path, MINIMAL, off[0], "filters.quality_sources=[]")
    made = recipe(
        tmp_path, MINIMAL, off[0], "filters.language.stop_words=['ja', 'on', 'ei']",
        "sources.a.files=['a']", "sources.a.like='web'",
        "sources.a.rules.language={language='de', stop_words='auto', alphabet='latin'}",
        "sources.b.files=['b']", "sources.b.like='books'",
        "sources.b.rules.language={stop_words=['yes', 'no']}",
        "sources.b.rules.quality='on'",
    )  # fmt: skip
    rules = {name: filters_of(made, name).language for name in made.sources}
    assert (rules["a"].language, rules["a"].stop_words) == ("de", "auto")
    assert (rules["b"].language, rules["b"].stop_words) == ("fi", ("yes", "no"))
    assert made.filters.quality_sources == ("web", "a", "b")
    assert languages_of(made) == ["de", "fi"]


def test_a_source_switches_rules_on_and_off(tmp_path: Path) -> None:
    made = recipe(
        tmp_path, MINIMAL, "sources.a={files=['a'], like='web', rules={quality='off'}}",
        "sources.b={files=['b'], like='github', rules={repetition='on', overlap='off'}}",
        "sources.web.rules={duplicates='off', safety='off'}",
    )  # fmt: skip
    assert made.filters.quality_sources == ("web",)
    assert made.filters.repetition_sources == ("web", "a", "b")
    assert made.filters.safety.sources == ("a",)
    assert made.filters.language.sources == ("web", "books", "c4", "news", "wikipedia", "a")
    assert made.duplicates.sources == ("books", "c4", "news", "a")
    assert made.overlap.sources == (*paper.SOURCES, "a")


@pytest.mark.parametrize(
    "assignment",
    [
        "filters.quality={min_words=100, max_words=100}",
        "filters.quality={min_words='off', max_words=10}",
        "filters.quality={min_words=100, max_words='off'}",
    ],
)
def test_bounds_that_leave_something_are_allowed(tmp_path: Path, assignment: str) -> None:
    recipe(tmp_path, MINIMAL, assignment)


def test_stop_words_are_asked_for_where_the_quality_rules_hold(tmp_path: Path) -> None:
    """A source that the recipe does not have asks for none."""
    words = "filters.language.language='ja'"
    with pytest.raises(ConfigError, match="no stop words of 'ja'"):
        recipe(tmp_path, MINIMAL, words)
    assert recipe(tmp_path, MINIMAL, words, "sources.web.rules.quality='off'")
    assert recipe(tmp_path, MINIMAL, words, "filters.quality_sources=['c4']")
    assert recipe(tmp_path, MINIMAL, words, "sources.web.rules.quality={min_stop_words='off'}")
    assert recipe(tmp_path, MINIMAL, words, "sources.web.rules.language={language='de'}")
    with pytest.raises(ConfigError, match="no stop words of 'fi'"):
        recipe(tmp_path, MINIMAL, "sources.web.rules.language={language='fi'}")

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.choices import quality, repetition
from benchmarks.choices.content import has_listed
from benchmarks.choices.copies import Kept, clusters, drop, find_pairs, shingles
from benchmarks.choices.texts import (
    Text,
    compare,
    find_reasons,
    read_otherwise,
    read_texts,
    show_flips,
)
from massivetext.filters.measure import define_measures
from massivetext.reasons import Reason
from massivetext.text.units import split_words

PROSE = "We have to go with the others and be at the station of that town."


def make(text: str, source: str = "web") -> Text:
    return Text(source, text, define_measures(text), split_words(text))


def named(name: str) -> repetition.Reading:
    return next(r for r in (*quality.READINGS, *repetition.READINGS) if name in r.name)


@pytest.mark.parametrize("reading", [*quality.READINGS, *repetition.READINGS])
def test_a_reading_changes_only_the_rules_that_it_names(reading: repetition.Reading) -> None:
    text = make("\n".join(f"- the {n} of ... #{n} Ünö" for n in range(40)))
    changed = read_otherwise(text, reading) ^ find_reasons(text.measures)
    assert changed <= reading.rules


def test_copies_may_include_the_first() -> None:
    lines = [f"line number {n} of the text that you have" for n in range(18)]
    text = make("\n".join(lines + lines[:4]))
    assert Reason.DUPLICATE_LINES not in find_reasons(text.measures)
    assert Reason.DUPLICATE_LINES in read_otherwise(text, named("all (Dolma)"))


def test_greedy_scan_skips_what_it_counts() -> None:
    words = list("abcabcab")
    assert repetition.scan(words, 3) == 3
    assert make(" ".join(words)).measures.words == 8


def test_mass_counts_overlaps_again() -> None:
    text = make("a b c d e f a b c d e f")
    assert repetition.mass(text).duplicate_5_gram_characters == 12 * 4 // 8


def test_stop_words_as_occurrences() -> None:
    text = make("the cat " * 40)
    assert Reason.STOP_WORDS in find_reasons(text.measures)
    assert Reason.STOP_WORDS not in read_otherwise(text, named("two occurrences"))


def test_flips_are_counted_for_the_web_and_for_all() -> None:
    texts = [make("the cat " * 40), make("the cat " * 40, "c4")]
    other = named("two occurrences")
    assert compare(texts, other).counts == ["0", "0", "0"]  # repetition drops them in both
    assert show_flips([(True, False), (False, True), (True, True)]) == "−1 +1"


def test_a_document_with_a_similar_one_of_smaller_rank_is_dropped() -> None:
    words = [[*"abcdefghijklmnopq"], [*"abcdefghijklmnopqr"], [*"Xbcdefghijklmnopqr"]]
    pairs = find_pairs([shingles(w) for w in words])
    assert [(a, b) for a, b, _ in pairs] == [(0, 1), (0, 2), (1, 2)]
    texts = [Kept(n, "web", "".join(w)) for n, w in enumerate(words)]
    similar = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.8)]
    assert drop(texts, similar) == clusters(texts, similar) == {1, 2}
    assert drop(texts, [(0, 2, 0.8)]) == set()


def test_word_list_finds_whole_words() -> None:
    assert has_listed("It was Bad.", ["bad"])
    assert not has_listed("badge", ["bad"])


def test_only_measured_documents_are_read(tmp_path: Path) -> None:
    text = make(PROSE)
    row = {"source": "web", "text": text.text, **text.measures._asdict()}
    folder = tmp_path / "documents"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist([row]), folder / "part-00000.parquet")
    unread = dict.fromkeys(row) | {"source": "web", "text": "Ja"}
    schema = pa.Table.from_pylist([row]).schema
    dropped = pa.Table.from_pylist([unread], schema=schema)
    pq.write_table(dropped, folder / "dropped-part-00000.parquet")
    assert list(read_texts(tmp_path)) == [text]

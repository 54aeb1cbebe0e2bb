"""``massivetext show``: the documents that the manifest counts, their evidence, their twins."""

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivetext.filters.explain.terminal import WIDTH, columns_of, wrap
from massivetext.filters.show.text import MARKS, first_place, mark, mark_differences
from tests.looking.conftest import EXACT, HELD_OUT, STOPLESS, TWIN
from tests.support.commands import one_line, prose, run, stage

pytestmark = pytest.mark.xdist_group("looking")
FILTERING = ("documents", "duplicates", "overlap")


def shown(build: Path, *words: object) -> list[dict[str, Any]]:
    done = run("show", build, "--json", "-n", 1000, *words)
    assert (done.code, done.err.startswith("none") or not done.err) == (0, True), done.err
    return done.lines()


def printed(build: Path, *words: object) -> str:
    done = run("show", build, *words)
    assert done.code == 0, done.err
    return done.out.decode()


def test_all_that_was_dropped_is_shown_by_its_reason(small: Path) -> None:
    counts: Counter[tuple[str, str, str]] = Counter()
    for name in FILTERING:
        for source, facts in stage(small, name)["sources"].items():
            counts.update({(name, source, r): n for r, n in facts["dropped"].items() if n})
    found = shown(small)
    assert Counter((d["stage"], d["source"], d["reasons"][0]) for d in found) == counts
    for name, source, reason in counts:
        rows = shown(small, "--stage", name, "--source", source, "--reason", reason)
        assert len(rows) == counts[name, source, reason]
        assert {(d["stage"], d["source"], d["reasons"][0]) for d in rows} == {
            (name, source, reason)
        }


def test_a_document_is_shown_with_its_place(small: Path) -> None:
    """A place is a file and a position, of which the first is 0."""
    for row in shown(small, "--kept", "--source", "web")[:2]:
        lines = printed(small, "--id", row["id"]).splitlines()
        assert f"{'file':<11}{row['file']}" in lines
        assert f"{'position':<11}{row['position']}" in lines
    assert any(row["position"] == 0 for row in shown(small, "--kept"))


def test_what_is_kept_is_what_is_exported(small: Path, tmp_path: Path) -> None:
    assert run("export-text", small, "-o", tmp_path / "t", "--compress", "none").code == 0
    files = sorted((tmp_path / "t").glob("text-*"))
    ids = [json.loads(line)["id"] for path in files for line in path.read_bytes().splitlines()]
    rows = shown(small, "--kept")
    assert [row["id"] for row in rows] == ids
    assert {row["stage"] for row in rows} == {"kept"}


def test_pages_follow_each_other(small: Path) -> None:
    every = [row["id"] for row in shown(small, "--kept", "--source", "web")]
    pages = []
    for skip in range(0, len(every) + 3, 3):
        done = run("show", small, "--kept", "--source", "web", "--json", "-n", 3, "--skip", skip)
        pages += [row["id"] for row in done.lines()]
        left = len(every) - skip - 3
        assert (f"{left:,} more; continue with --skip {skip + 3}" in done.err) == (left > 0)
    assert pages == every
    done = run("show", small, "--kept", "--skip", 1000)
    assert (done.code, done.out) == (0, b"")
    assert "none: " in done.err


def test_evidence_is_marked(small: Path) -> None:
    text = printed(small, "--reason", "stop_words")
    assert "web  dropped by documents: stop_words" in text
    assert "stop_words: 0, at least 2" in text
    assert "recipe key filters.quality.min_stop_words" in text
    assert STOPLESS.startswith("river0 mountain \x1b[2Jforest")
    assert r"river0 ⟦mountain \x1b[2Jforest⟧ lantern" in text  # for top_2_gram
    (row,) = shown(small, "--reason", "language", "--source", "web")
    assert row["checks"][0]["found"].startswith("most probable: de")


def test_evidence_far_down_is_found(small: Path) -> None:
    text = printed(small, "--reason", "stop_words", "--characters", 5)
    assert text.count("⟦") == text.count("⟧")
    words = [f"word{n}" for n in range(400)]
    long = " ".join(words)
    assert first_place(long, ["word300 word301"]) == long.index("word300")
    assert first_place(long, ["no such"]) == first_place(long, []) == 0
    assert mark(long, [" ".join(words[10:200])]).count("⟦word10 ") == 1


def test_a_terminal_is_not_told_what_to_do(small: Path) -> None:
    for words in ((), ("--kept", "-n", 100)):
        text = printed(small, *words, "-n", 100)
        lines = text.split("\n")
        assert all(columns_of(line) <= WIDTH for line in lines)
        assert all(char.isprintable() for line in lines for char in line)
    assert r"\x1b[2Jforest" in printed(small, "-n", 100)


def test_the_twin_stands_beside(small: Path) -> None:
    near = shown(small, "--reason", "near")
    assert len(near) == 1
    assert {near[0]["text"], near[0]["twin"]["text"]} == {
        prose(TWIN),
        prose(TWIN) + prose(999, 1),
    }
    assert near[0]["match"]["twin_id"] == near[0]["twin"]["id"]
    text = printed(small, "--reason", "near")
    assert "characters are equal; from character " in text
    assert f"twin       {near[0]['twin']['id']}, Jaccard 0." in text
    assert MARKS[0] in text
    (exact,) = shown(small, "--reason", "exact")
    assert exact["text"] == exact["twin"]["text"] == prose(EXACT)
    assert MARKS[0] not in printed(small, "--reason", "exact")


def test_the_held_out_item_stands_beside(small: Path) -> None:
    (row,) = shown(small, "--stage", "overlap")
    assert row["twin"] == {"id": "held item-1", "text": prose(HELD_OUT)}
    text = printed(small, "--reason", "overlap")
    assert "held out   held item-1, jaccard 1.000, containment 1.000" in text
    held = small.parent / "tests" / "held.jsonl"
    held.rename(held.with_suffix(".gone"))
    try:
        (row,) = shown(small, "--stage", "overlap")
        assert row["twin"] is None
        assert "held item-1" in printed(small, "--reason", "overlap")
    finally:
        held.with_suffix(".gone").rename(held)


def test_one_document_by_its_id(small: Path) -> None:
    for row in shown(small)[::2] + shown(small, "--kept")[:2]:
        (found,) = shown(small, "--id", row["id"])
        assert found == row


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reason", "stopwords"), "no reason stopwords; did you mean stop_words?"),
        (("--reason", "xyzzy"), "no reason xyzzy; there are "),
        (("--reason", "unreadable"), "see "),
        (("--source", "wbe"), "no source wbe in it; there are web, c4"),
        (("--id", "0" * 32), f"no document {'0' * 32} in "),
        (
            ("--kept", "--reason", "near"),
            "--reason is of dropped documents; leave it out or leave --kept",
        ),
        (("--kept", "--id", "0"), "--id names one document; leave --kept out"),
    ],
)
def test_mistakes_cost_one_line(small: Path, words: Any, said: str) -> None:
    done = run("show", small, *words)
    assert (done.code, done.out) == (2, b"")
    assert said in one_line(done)


def test_a_reason_that_dropped_nothing(small: Path) -> None:
    done = run("show", small, "--reason", "ellipsis_lines")
    assert (done.code, done.out, done.err) == (0, b"", "none: 0 documents, 0 passed over\n")


@given(st.text(max_size=80), st.integers(12, 40))
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    line = text.replace("\n", " ")
    found = list(wrap(line, columns))
    assert all(columns_of(row) <= columns for row in found)
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    assert "".join(found).replace(" ", "") == escaped.replace(" ", "")
    assert all(unicodedata.category(char) != "Cc" for row in found for char in row)


@given(st.lists(st.sampled_from(["a", "boat", "(x)", "#tag", "\n", "  "]), max_size=12))
def test_marks_add_nothing_but_marks(words: list[str]) -> None:
    text = " ".join(words)
    for found in (mark(text, ["boat", "a boat", "#tag"]), mark_differences(text, "a boat (x)")):
        assert found.replace(MARKS[0], "").replace(MARKS[1], "") == text
        assert found.count(MARKS[0]) == found.count(MARKS[1])
    assert mark("a boats boat", ["boat"]) == "a boats ⟦boat⟧"

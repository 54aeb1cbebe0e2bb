"""Each check passes on a right outcome and fails when that outcome is changed in one place."""

import argparse
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.document import Origin
from massivetext.errors import StageError
from massivetext.hashing import rank
from massivetext.sample.check.checks import check_sample
from massivetext.sample.check.cli import add_arguments, main
from massivetext.sample.material.truth import Placed, Plant, Written, write_truth
from tests.support import commands

WORDS = [f"word{n}" for n in range(500)]
BASE = " ".join(WORDS[:300])
NEAR = " ".join(WORDS[:290] + WORDS[400:410])  # 278 shingles of 298 in common
FAR = " ".join(WORDS[:250] + WORDS[400:450])
HIGH, LOW = 278 / 298, 238 / 338
ITEM = " ".join(WORDS[410:460])
TEXTS = {
    "copy_a": "the same text",
    "copy_b": "the same text",
    "near_a": BASE,
    "near_b": NEAR,
    "low_a": " ".join(reversed(WORDS[:300])),
    "low_b": " ".join(reversed(WORDS[250:] + WORDS[:250])),
    "item": ITEM,
    "stays": "a text that stays",
    "host": "a page of a rated host",
}
GROUPS = {
    "copy": Plant("exact", "duplicate", ("exact",), "copy"),
    "near": Plant("near_high", "near", ("near",), "near", round(HIGH, 6)),
    "low": Plant("near_low", "kept", (), "low", None),
    "item": Plant("test_set", "dropped", ("overlap",), "item-1", 1.0),
    "stays": Plant("page"),
    "host": Plant("unrated", "dropped", ("host",)),
}
SPAM = Plant("spam", "dropped", ("bullet_lines",))
BROKEN = Plant("broken_line", "broken")


def identity(position, path="a.jsonl", source="c4"):
    return Origin(source, path).document_id(position)


def likeness(first, second):
    sets = [
        {tuple(text.split()[i : i + 13]) for i in range(len(text.split()) - 12)}
        for text in (first, second)
    ]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


class Build:
    """A finished build of nine kept, one dropped and one broken record, all as they should be."""

    def __init__(self, root):
        self.output, self.truth = root / "build", root / "input" / "truth.json"
        self.names = list(TEXTS)
        self.kept = [
            {"id": identity(n), "source": "c4", "url": f"http://{name}", "text": text}
            for n, (name, text) in enumerate(TEXTS.items())
        ]
        self.dropped = [{"id": identity(90), "source": "c4", "reasons": ["bullet_lines"]}]
        self.errors = [{"path": "a.jsonl", "position": 95, "message": "no JSON"}]
        self.duplicates = [
            self.drop("exact", "copy_a", "copy_b", 1.0),
            self.drop("near", "near_a", "near_b", likeness(BASE, NEAR)),
            {"row": self.names.index("host"), "kind": "host", "twin_id": None, "jaccard": 0.0},
        ]
        self.overlap = [
            {"row": self.names.index("item"), "kind": "overlap", "item": "item-1", "jaccard": 1.0}
        ]

    def row(self, name):
        return self.names.index(name)

    def drop(self, kind, first, second, jaccard):
        ids = {name: identity(self.row(name)) for name in (first, second)}
        stays, goes = sorted(ids, key=lambda name: rank(0, ids[name]))
        return {"row": self.row(goes), "kind": kind, "twin_id": ids[stays], "jaccard": jaccard}

    def write(self):
        placed = [
            Placed(GROUPS[name.split("_")[0]], n, f"http://{name}")
            for n, name in enumerate(self.names)
        ]
        low = likeness(TEXTS["low_a"], TEXTS["low_b"])
        placed = [
            p._replace(plant=p.plant._replace(jaccard=low)) if p.plant.group == "low" else p
            for p in placed
        ]
        placed += [Placed(SPAM, 90), Placed(BROKEN, 95)]
        (self.truth.parent / "tests").mkdir(parents=True)
        line = json.dumps({"id": "item-1", "text": ITEM}) + "\n"
        (self.truth.parent / "tests" / "heldout.jsonl").write_text(line)
        write_truth(self.truth, 0, "", [Written("c4", "a.jsonl", 11, 1, tuple(placed))])
        for stage in ("documents", "duplicates", "overlap"):
            (self.output / stage).mkdir(parents=True)
        documents = self.output / "documents"
        write_rows(documents / "part-00000.parquet", self.kept)
        write_rows(documents / "dropped-part-00000.parquet", self.dropped)
        write_rows(self.output / "duplicates" / "part-00000.parquet", self.duplicates)
        write_rows(self.output / "overlap" / "part-00000.parquet", self.overlap)
        (documents / "part-00000.json").write_text('{"source": "c4"}')
        lines = "".join(json.dumps(error) + "\n" for error in self.errors)
        (documents / "errors-part-00000.jsonl").write_text(lines)
        (self.output / "manifest.json").write_text('{"recipe": {"seed": 0}}')

    def failed(self):
        """The names of the checks that fail."""
        self.write()
        return {check.name for check in check_sample(self.output, self.truth) if check.failures}


def write_rows(path, rows):
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture
def build(tmp_path):
    return Build(tmp_path)


RECORDS = "every record is kept, dropped or broken"
COUNTED = "every broken record is counted, where it is"
REASON = "spam, adult, foreign, copyleft, test sets: right reason"
STAYS = "what must stay stays, also pairs below 0.8"
FIRST = "of exact copies the first by rank stays"
ONCE = "no planted pair of 0.82 or more is kept twice"
AS_PLANTED = "pairs are as like each other as planted"
EQUAL = "exact drops have an equal twin before them"
TWIN = "near drops have a twin above 0.8 before them"
OVERLAP = "test-set drops are above 0.8 with their item"


def test_a_right_outcome_passes_every_check(build):
    assert build.failed() == set()
    checks = {check.name: check.cases for check in check_sample(build.output, build.truth)}
    assert checks == {
        RECORDS: 11,
        COUNTED: 1,
        "hostile pages do no harm": 0,
        REASON: 3,
        STAYS: 3,
        FIRST: 2,
        ONCE: 2,
        AS_PLANTED: 2,
        EQUAL: 1,
        TWIN: 1,
        OVERLAP: 1,
    }


def test_a_lost_record(build):
    build.kept.append({"id": identity(77), "source": "c4", "url": "", "text": "one too many"})
    assert build.failed() == {RECORDS}


def test_a_broken_record_that_is_not_counted(build):
    build.errors.clear()
    assert build.failed() == {RECORDS, COUNTED}


def test_a_broken_record_at_another_place(build):
    build.errors[0]["position"] = 96
    assert build.failed() == {COUNTED}


def test_spam_that_is_dropped_for_another_reason(build):
    build.dropped[0]["reasons"] = ["word_count"]
    assert build.failed() == {REASON}


def test_a_page_of_a_rated_host_that_stays(build):
    del build.duplicates[2]
    assert build.failed() == {REASON}


def test_a_test_set_document_that_stays(build):
    build.overlap = [{"row": 0, "kind": "test_title", "item": "x", "jaccard": None}]
    assert REASON in build.failed()


def test_a_document_that_must_stay_is_gone(build):
    build.duplicates.append(build.duplicates[0] | {"row": build.row("stays")})
    assert build.failed() >= {STAYS, EQUAL}


def test_both_exact_copies_are_kept(build):
    del build.duplicates[0]
    assert build.failed() == {FIRST}


def test_the_wrong_exact_copy_is_kept(build):
    goes, stays = build.duplicates[0]["row"], build.drop("exact", "copy_a", "copy_b", 1.0)
    other = ({build.row("copy_a"), build.row("copy_b")} - {goes}).pop()
    build.duplicates[0] |= {"row": other, "twin_id": identity(goes)}
    assert stays["row"] == goes
    assert build.failed() == {FIRST, EQUAL}


def test_a_near_pair_is_kept_twice(build):
    del build.duplicates[1]
    assert build.failed() == {ONCE}


def test_a_pair_below_the_bound_loses_one(build):
    low = likeness(TEXTS["low_a"], TEXTS["low_b"])
    build.duplicates.append(build.drop("near", "low_a", "low_b", low))
    assert build.failed() == {STAYS, TWIN}


def test_a_near_drop_with_a_wrong_jaccard(build):
    build.duplicates[1]["jaccard"] += 0.01
    assert build.failed() == {TWIN}


def test_a_near_drop_whose_twin_comes_after_it(build):
    goes = build.duplicates[1]["row"]
    other = ({build.row("near_a"), build.row("near_b")} - {goes}).pop()
    build.duplicates[1] |= {"row": other, "twin_id": identity(goes)}
    assert build.failed() == {TWIN}


def test_a_near_drop_without_a_twin(build):
    build.duplicates[1]["twin_id"] = "0" * 32
    assert build.failed() == {TWIN}


def test_a_test_set_drop_that_is_not_like_its_item(build):
    build.overlap.append(
        {"row": build.row("stays"), "kind": "overlap", "item": "item-1", "jaccard": 0.9}
    )
    assert build.failed() == {STAYS, OVERLAP}


def test_texts_that_did_not_arrive_as_planted(build):
    build.kept[build.row("low_b")]["text"] = TEXTS["low_b"] + " and more"
    assert build.failed() == {AS_PLANTED}


def test_an_unfinished_build(build):
    build.write()
    (build.output / "manifest.json").unlink()
    with pytest.raises(StageError, match="no finished build"):
        check_sample(build.output, build.truth)


def run(build):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return main(parser.parse_args([str(build.output), str(build.truth)]))


def test_the_command_tells_success_from_failure(build, capsys):
    build.write()
    assert run(build) == 0
    assert "all checks passed" in capsys.readouterr().out


def test_the_command_names_failures(build, capsys):
    build.errors.clear()
    build.write()
    assert run(build) == 1
    out = capsys.readouterr().out
    assert "2 of 11 checks FAILED" in out
    assert "a.jsonl: 1 broken records, 0 counted" in out


@pytest.mark.parametrize(
    ("truth", "message"),
    [(b"seed = 1", "not JSON"), (b"[" * 100_000, "not JSON"), (b"{}", "not the truth of a sample")],
)
def test_a_truth_that_is_none(tmp_path: Path, truth: bytes, message: str) -> None:
    path = tmp_path / "truth.json"
    path.write_bytes(truth)
    finished = commands.run("check-sample", tmp_path, path)
    assert finished.code == 2
    assert message in commands.one_line(finished)

"""``massivetext diff``: what differs between two builds, counted by their own files."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from massivetext.comparison.fates import hex_id
from tests.looking.test_show import shown
from tests.support.commands import one_line, prose, run

pytestmark = pytest.mark.xdist_group("looking")


@pytest.fixture(scope="module")
def other(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a build with a tighter and a looser bound, a file more, and a file changed."""
    folder = tmp_path_factory.mktemp("other")
    shutil.copytree(small.parent / "web", folder / "web")
    for name in ("c4", "tests"):
        shutil.copytree(small.parent / name, folder / name)
    (folder / "web" / "c.jsonl").write_text(json.dumps({"text": prose(2_000)}) + "\n")
    words = ["--set", f"root={folder}", "--set", "duplicates.max_jaccard=0.99"]
    words += ["--set", "filters.quality.min_words=3", "--set", "filters.quality.max_words=300"]
    recipe = small.parent / "small.toml"
    done = run("build", recipe, "--output", folder / "out", *words)
    assert done.code == 0, done.err
    return folder / "out"


def fates(build: Path) -> dict[str, tuple[str, str]]:
    """Returns source and fate of each document, by another command."""
    kept = {row["id"]: (row["source"], "kept") for row in shown(build, "--kept")}
    return kept | {row["id"]: (row["source"], row["reasons"][0]) for row in shown(build)}


def differences(*words: object) -> dict[str, Any]:
    done = run("diff", *words, "--json")
    assert done.code == 0, done.err
    (found,) = done.lines()
    return found


def test_a_build_and_itself_do_not_differ(small: Path) -> None:
    found = differences(small, small)
    assert (found["recipe"], found["inputs"], found["changes"]) == ([], [], [])
    assert found["documents_of_one_fate"] == len(fates(small))
    assert all(row["old"] == row["new"] for row in found["funnel"])
    assert run("diff", small, small).out.decode().count("\n") == 1


def test_every_document_whose_fate_changed_is_counted(small: Path, other: Path) -> None:
    found = differences(small, other, "-n", 1000)
    old, new = fates(small), fates(other)
    none = ("", "absent")
    wanted = Counter(
        ((old.get(name) or new[name])[0], old.get(name, none)[1], new.get(name, none)[1])
        for name in old | new
        if old.get(name) != new.get(name)
    )
    changes = found["changes"]
    assert {(c["source"], c["old"], c["new"]): c["documents"] for c in changes} == wanted
    assert ("web", "absent", "kept") in wanted
    assert ("web", "near", "kept") in wanted
    assert found["documents_of_one_fate"] == sum(old.get(n) == new.get(n) for n in old | new)
    for change in changes:
        assert len(change["ids"]) == change["documents"]
        for name in change["ids"]:
            assert old.get(name, none)[1] == change["old"]
            assert new.get(name, none)[1] == change["new"]
    assert all(len(c["ids"]) == 1 for c in differences(small, other, "-n", 1)["changes"])


def test_recipe_inputs_and_funnel(small: Path, other: Path) -> None:
    found = differences(small, other)
    recipe = {value["key"]: (value["old"], value["new"]) for value in found["recipe"]}
    assert recipe.pop("root") == (str(small.parent), str(other.parent))
    assert recipe == {
        "duplicates.max_jaccard": (0.8, 0.99),
        "filters.quality.min_words": (50, 3),
        "filters.quality.max_words": (100_000, 300),
    }
    size = (other.parent / "web" / "c.jsonl").stat().st_size
    assert found["inputs"] == [{"key": "web c.jsonl", "new": size}]
    manifests = [json.loads((b / "manifest.json").read_text())["stages"] for b in (small, other)]
    for row in found["funnel"]:
        values = [row["old"], row["new"]]
        facts = [m["documents"]["sources"][row["source"]] for m in manifests]
        if row["row"] == "records":
            assert values == [f["records"] for f in facts]
        elif row["row"].startswith("after "):
            stage = row["row"].removeprefix("after ")
            assert values == [m[stage]["sources"][row["source"]]["kept"] for m in manifests]
        else:
            stages = ("documents", "duplicates", "overlap")
            every = [[m[s]["sources"][row["source"]]["dropped"] for s in stages] for m in manifests]
            assert values == [sum(d.get(row["row"], 0) for d in drops) for drops in every]
    assert {row["source"] for row in found["funnel"]} == {"web", "c4"}


def test_the_tables_say_the_same(small: Path, other: Path) -> None:
    text = run("diff", small, other).out.decode()
    rows = [line.split() for line in text.splitlines()]
    assert ["filters.quality.min_words", "50", "3"] in rows
    assert ["duplicates.max_jaccard", "0.8", "0.99"] in rows
    assert ["web", "near", "1", "0", "-1"] in rows
    assert any(row[:4] == ["web", "near", "kept", "1"] for row in rows)
    assert ["c4", "records", "26", "26", "0"] not in rows
    assert ["c4", "records", "26", "26", "0"] in [
        line.split() for line in run("diff", small, other, "--all").out.decode().splitlines()
    ]


def test_mistakes_cost_one_line(small: Path, tmp_path: Path) -> None:
    done = run("diff", small, tmp_path)
    assert (done.code, done.out) == (2, b"")
    assert f"no build in {tmp_path}" in one_line(done)
    assert run("diff", small).code == 2


def test_ids_keep_their_zeros() -> None:
    assert hex_id(b"\0\1") == "0001" + "00" * 14

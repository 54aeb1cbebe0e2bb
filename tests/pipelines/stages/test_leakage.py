"""What of validation stands in train, against sets of strings; and whole builds with forks."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from massivetext.corpus.parts import Part
from massivetext.mixture.quotas import is_validation, split_unit
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written
from massivetext.pipelines.stages.leakage_work import LeakageWork, load_table
from massivetext.pipelines.stages.tokens import held_keys as keys_step
from massivetext.pipelines.stages.tokens import key_search as search_step
from massivetext.pipelines.stages.tokens.held_keys import write_keys, write_table
from massivetext.pipelines.stages.tokens.key_search import write_found, write_union
from massivetext.pipelines.stages.tokens.left_out import load_leakage, write_left_out
from massivetext.pipelines.stages.tokens.stage import STAGE
from massivetext.sample.planted.jaccard import shingles_of
from tests.support.commands import prose, run, stage, write_recipe
from tests.support.reference import surviving

FRACTION = 0.3


def words(first: int, count: int) -> str:
    return " ".join(f"w{n}" for n in range(first, first + count))


def work_on(output: Path, most: float | None = 0.05) -> LeakageWork:
    folder = Stage("tokens", str(output / "tokens"), "k", STAGE.names)
    return LeakageWork(folder, str(output), 0, FRACTION, most)


def left_out(documents: Any, work: LeakageWork) -> set[tuple[int, int, str]]:
    """Runs all steps without Beam; returns part, row and kind of what is left out."""
    parts = [Part(part.part, part.source, "jsonl", (), 0, part.stem) for part in documents.parts]
    write_drop_lists(documents)
    stems, total = [part.stem for part in parts], 0
    for part in parts:
        write_keys(part, work)
        total += json.loads(Path(work.held.path(f"{part.stem}.json")).read_text())["keys"]
    write_table(work, stems, total)
    table = load_table(work)
    assert table.keys.tolist() == sorted(table.keys.tolist())
    for part in parts:
        write_found(part, work, table)
    write_union(work, stems)
    leakage, found = load_leakage(work), set()
    for part in parts:
        rows, kinds = write_left_out(Written(), part.stem, work, leakage)
        listed = pq.read_table(work.stage.path(f"left-out-{part.stem}.parquet")).to_pylist()
        assert rows == {row["row"] for row in listed}
        assert sum(kinds.values()) == len(rows)
        found |= {(part.number, row["row"], row["kind"]) for row in listed}
    return found


def write_drop_lists(documents: Any) -> None:
    from massivetext.pipelines.stages.duplicates.write import SCHEMA

    for name in ("duplicates", "overlap"):
        (documents.output / name).mkdir(exist_ok=True)
        for part in documents.parts:
            path = documents.output / name / f"part-{part.part:05d}.parquet"
            pq.write_table(SCHEMA.empty_table(), path)


def expected(documents: Any, most: float) -> set[tuple[int, int, str]]:
    """The rule in sets of strings."""
    sides: dict[bool, list[Any]] = {True: [], False: []}
    for place, document in documents.kept.items():
        sides[is_validation(0, split_unit(document.id, None), FRACTION)].append((place, document))
    grams = frozenset[str]().union(*(shingles_of(d.text) for _, d in sides[False]))
    texts = {document.text for _, document in sides[False]}
    found = set()
    for (part, row), document in sides[True]:
        own = shingles_of(document.text)
        if document.text in texts:
            found.add((part, row, "content"))
        elif len(own & grams) > most * len(own):
            found.add((part, row, "overlap"))
    return found


@given(st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_left_out_is_what_sets_of_strings_say(
    make_documents: Any, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    documents = make_documents(tmp_path_factory.mktemp("leakage"))
    ranges = st.tuples(st.integers(0, 60), st.integers(1, 90))
    for _ in range(data.draw(st.integers(1, 4))):
        pages = data.draw(st.lists(ranges, min_size=1, max_size=12))
        documents.add("c4", [words(*page) for page in pages])
    most = data.draw(st.sampled_from([0.0, 0.05, 0.5, 1.0]))
    assert left_out(documents, work_on(documents.output, most)) == expected(documents, most)


def test_tables_are_made_in_ranges(documents: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a corpus that does not fit into memory: a few keys, and places, at a time."""
    monkeypatch.setattr(keys_step, "RANGE_KEYS", 64)
    monkeypatch.setattr(search_step, "RANGE_PLACES", 50)
    monkeypatch.setattr(search_step, "_COMPACT", 16)
    draw = random.Random(0)
    for _ in range(4):
        documents.add("c4", [words(draw.randrange(300), draw.randrange(5, 80)) for _ in range(30)])
    found = left_out(documents, work_on(documents.output))
    assert found == expected(documents, 0.05)
    assert {kind for _, _, kind in found} == {"overlap"}


def sides(count: int) -> tuple[list[int], list[int]]:
    """Rows of part 0 that are held out, and that are not."""
    from massivetext.document import Origin

    ids = [Origin("c4", "0").document_id(row) for row in range(count)]
    held = [row for row, name in enumerate(ids) if is_validation(0, name, FRACTION)]
    return held, [row for row in range(count) if row not in held]


@pytest.mark.parametrize(("shared", "out"), [(16, False), (17, False), (18, True), (112, True)])
def test_a_share_of_a_twentieth_stays(documents: Any, shared: int, out: bool) -> None:
    """100 13-grams: the first 17 words hold 5, which is 0.05 of them; 18 words hold 6."""
    (held, *_), (trained, *_) = sides(20)
    pages = [words(1_000 * (row + 1), 30) for row in range(20)]
    pages[held] = words(0, 112)
    pages[trained] = f"{words(0, shared)} and more of its own"
    documents.add("c4", pages)
    found = left_out(documents, work_on(documents.output))
    assert found == ({(0, held, "overlap")} if out else set())


@pytest.mark.parametrize("text", ["Yes.", "", "!", words(0, 13), words(0, 400)])
def test_a_copy_is_left_out_whatever_its_length(documents: Any, text: str) -> None:
    (held, *_), (trained, *_) = sides(20)
    pages = [words(1_000 * (row + 1), 30) for row in range(20)]
    pages[held] = pages[trained] = text
    documents.add("c4", pages)
    assert left_out(documents, work_on(documents.output)) == {(0, held, "content")}
    assert left_out(documents, work_on(documents.output, 1.0)) == {(0, held, "content")}
    assert left_out(documents, work_on(documents.output, None)) == set()


def files_of(repository: str, names: range) -> list[dict[str, Any]]:
    return [
        {"id": f"{n:040x}", "repo_name": repository, "path": f"notes/{n}.md", "license": "mit"}
        | {"content": prose(n, 30), "size": 9, "binary": False, "copies": 1}
        for n in names
    ]


def fork_recipe(folder: Path, alone: int) -> Path:
    """Repositories that are forked twice, and some that are not."""
    (folder / "github").mkdir()
    rows = [
        file
        for n in range(20)
        for fork in range(3)
        for file in files_of(f"user{fork}/project{n}", range(10 * n, 10 * n + 4))
    ]
    for n in range(100, 100 + alone):
        rows += files_of(f"other/project{n}", range(10 * n, 10 * n + 4))
    path = folder / "github" / "github_repos-000000000000.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    chosen = {"validation_fraction": 0.2, "default_max_passes": 1, "length": 64}
    return write_recipe(folder / "recipe.toml", {"github": "github/*"}, **chosen)


def leaked(output: Path) -> float:
    """The share of the 13-grams of validation that stand in train, of the documents in them."""
    grams: dict[bool, set[str]] = {True: set(), False: set()}
    for path in (output / "tokens").glob("part-*.json"):
        out = pq.read_table(output / "tokens" / f"left-out-{path.stem}.parquet")["row"].to_pylist()
        gone = {row["row"] for row in numbered(output, path.stem) if row["row"] in out}
        for row in numbered(output, path.stem):
            if row["row"] not in gone:
                held = is_validation(0, split_unit(row["id"], row["repository"]), 0.2)
                grams[held] |= shingles_of(row["text"])
    return len(grams[True] & grams[False]) / len(grams[True]) if grams[True] else 0.0


def numbered(output: Path, stem: str) -> list[dict[str, Any]]:
    """The survivors of a part; of these corpora nothing is dropped, so they are all rows."""
    return [row | {"row": number} for number, row in enumerate(surviving(output, stem))]


def test_forks_are_no_validation(tmp_path: Path) -> None:
    recipe = fork_recipe(tmp_path, alone=40)
    finished = run("build", recipe, "--output", tmp_path / "out")
    assert finished.code == 0, finished.err
    total = stage(tmp_path / "out", "tokens")["sources"]["github"]
    held = total["validation_documents"] + sum(total["left_out"].values())
    assert total["left_out"]["content"] > 20
    assert total["validation_documents"] > 10
    assert held == stage(tmp_path / "out", "overlap")["sources"]["github"]["validation_documents"]
    assert stage(tmp_path / "out", "sequences")["splits"]["validation_github"]["sequences"] > 10
    assert leaked(tmp_path / "out") < 0.01
    said = f"validation of github: {held - total['validation_documents']} of {held} held-out"
    assert said in finished.out.decode()
    text = run("export-text", tmp_path / "out", "-o", tmp_path / "text", "--split", "validation")
    assert text.code == 0, text.err
    assert f"{total['validation_documents']:,} documents" in text.out.decode()


def test_a_corpus_of_nothing_but_forks_has_no_validation_and_says_why(tmp_path: Path) -> None:
    recipe = fork_recipe(tmp_path, alone=0)
    finished = run("build", recipe, "--output", tmp_path / "out")
    assert finished.code == 0, finished.err
    left = sum(stage(tmp_path / "out", "tokens")["sources"]["github"]["left_out"].values())
    assert left > 10
    assert (
        "no validation sequences of github: train has too much of the text of all"
        f" {left} documents that were held out"
    ) in finished.out.decode()

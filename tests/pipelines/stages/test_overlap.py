import dataclasses
import json

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.config.comparison_rules import HeldOutSet, Overlap
from massivetext.config.recipe import load_recipe
from massivetext.corpus.parts import Part
from massivetext.decontaminate.held_out import read_test_set
from massivetext.errors import ConfigError
from massivetext.pipelines.flow import flow
from massivetext.pipelines.flow.on_beam import OnBeam
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stages.duplicates.write import SCHEMA as DROPS
from massivetext.pipelines.stages.overlap.common import write_guard
from massivetext.pipelines.stages.overlap.compare import (
    SCHEMA,
    add_overlap,
    load_known,
    write_overlap,
)
from massivetext.pipelines.stages.overlap.held_out_files import overlap_files, resolved_overlap
from massivetext.pipelines.stages.overlap.match import add_matches, read_matches, write_matches
from massivetext.pipelines.stages.overlap.stage import STAGE
from massivetext.pipelines.stages.overlap.table import FACTS, LOST, load_held_out, write_held_out
from massivetext.pipelines.stages.overlap.work import OverlapWork
from massivetext.pipelines.stages.survivors import SplitRules
from massivetext.storage.json_files import require_json

PASSAGE = [f"p{i}" for i in range(112)]  # 100 shingles


def work_on(documents, rules, name="overlap"):
    stage = Stage(name, str(documents.output / name), "k", STAGE.names)
    return OverlapWork(stage, str(documents.output), rules, SplitRules(0, 0.0, 30_720))


def parts_of(documents, dropped=()):
    """The parts, after drop lists of stage 2 with the given (part, row) were written."""
    folder = documents.output / "duplicates"
    folder.mkdir(exist_ok=True)
    for part in documents.parts:
        rows = [row for number, row in dropped if number == part.part]
        columns = [pa.nulls(len(rows), field.type) for field in DROPS]
        table = pa.table([pa.array(rows, pa.uint32()), *columns[1:]], schema=DROPS)
        pq.write_table(table, folder / f"part-{part.part:05d}.parquet")
    return [Part(part.part, part.source, "jsonl", (), 0, part.stem) for part in documents.parts]


def run(parts, work, flags=()):
    options = PipelineOptions(["--runner=FnApiRunner", *flags])
    write_held_out(work.matches, work.rules)
    with beam.Pipeline(options=options) as pipeline:
        add_matches(OnBeam(pipeline) | "parts" >> flow.create(parts), work)
    count(parts, work)
    with beam.Pipeline(options=options) as pipeline:
        add_overlap(OnBeam(pipeline) | "parts" >> flow.create(parts), work)


def count(parts, work):
    stems = [part.stem for part in parts]
    shared = (found for stem in stems for _, _, found in read_matches(work, stem))
    write_guard(work, shared, load_held_out(work.matches).lookup, 100)


def run_plainly(parts, work):
    """The same without Beam."""
    write_held_out(work.matches, work.rules)
    held_out = load_held_out(work.matches)
    for part in parts:
        write_matches(part, work, held_out)
    count(parts, work)
    known = load_known(work)
    return [write_overlap(part, work, known) for part in parts]


def listed(work, part, prefix=""):
    table = pq.read_table(work.stage.path(f"{prefix}{part.stem}.parquet"))
    assert table.schema.equals(SCHEMA)
    return {row.pop("row"): row for row in table.to_pylist()}


def compare(documents, rules, dropped=()):
    """All lists, by `write_overlap` itself."""
    work = work_on(documents, rules)
    parts = parts_of(documents, dropped)
    summaries = run_plainly(parts, work)
    found = {part.number: listed(work, part) for part in parts}
    contained = {part.number: listed(work, part, "contained-") for part in parts}
    return found, contained, summaries


@pytest.fixture
def rules(tmp_path):
    items = tmp_path / "set.jsonl"
    lines = [{"id": "x", "text": " ".join(PASSAGE)}, {"id": "y", "text": "never seen"}]
    items.write_text("".join(json.dumps(line) + "\n" for line in lines))
    titles = tmp_path / "titles.txt"
    titles.write_text("Exit (film)\nruby_on Rails\n\n")
    sets = (HeldOutSet("passages", str(items)),)
    return Overlap(sets=sets, titles=(str(titles),), rule="paper")


def extended(words):
    """The passage and so many words more: as many shingles more."""
    return " ".join([*PASSAGE, *(f"more{i}" for i in range(words))])


def test_the_bound_is_strict(documents, rules):
    documents.add("books", [extended(25), extended(24), extended(0), "other"])
    found, contained, summaries = compare(documents, rules)
    assert set(found[0]) == {1, 2}  # 100 / 125 is 0.8 exactly and stays
    assert found[0][2] == {
        "kind": "overlap",
        "set": "passages",
        "item": "x",
        "jaccard": 1.0,
        "containment": 1.0,
        "rules": ["paper", "containment", "any", "strict"],
    }
    assert found[0][1]["jaccard"] == 100 / 124
    assert {row: values["containment"] for row, values in contained[0].items()} == {0: 1.0}
    (summary,) = summaries
    assert summary["records"] == 4
    assert summary["kept"] == summary["train_documents"] == 2
    assert summary["dropped"] == {"overlap": 2}
    assert (summary["sets"], summary["contained"]) == ({"passages": 2}, 1)
    assert summary["rules"] == {"paper": 2, "containment": 3, "any": 3, "strict": 3}


def test_containment_is_an_option(documents, rules):
    halves = [" ".join(PASSAGE[: 12 + n]) + f" and more{n}" * 500 for n in (49, 50, 90, 91)]
    documents.add("books", halves)
    found, contained, _ = compare(documents, rules)
    assert not found[0]
    assert set(contained[0]) == {0, 1, 2, 3}  # 8-grams, of which the first has 54 of 105
    assert [values["containment"] for values in contained[0].values()][1:] == [0.5, 0.9, 0.91]
    found, contained, _ = compare(documents, dataclasses.replace(rules, max_containment=0.9))
    assert set(found[0]) == {3}
    assert set(contained[0]) == {0, 1, 2}


def test_only_sources_of_the_recipe_and_only_survivors(documents, rules):
    documents.add("books", [extended(0), extended(1)])
    documents.add("github", [extended(2)])
    only = dataclasses.replace(rules, sources=("books",), titles=())
    found, _, summaries = compare(documents, only, dropped=[(0, 0)])
    assert {number: set(rows) for number, rows in found.items()} == {0: {1}, 1: set()}
    assert [summary["records"] for summary in summaries] == [1, 1]
    assert [summary["kept"] for summary in summaries] == [0, 1]


def test_titles_count_in_wikipedia_alone(documents, page, rules):
    pages = [page("a", title="Exit_( film )"), page("b", title="Ruby on Rails"), page("c")]
    documents.add("wikipedia", [*pages, page("d", title="Exit")])
    documents.add("books", pages)
    found, _, summaries = compare(documents, rules)
    assert {number: set(rows) for number, rows in found.items()} == {0: {0, 1}, 1: set()}
    assert found[0][0]["kind"] == "test_title"
    assert (found[0][1]["set"], found[0][1]["item"]) == ("titles.txt", "ruby_on Rails")
    assert summaries[0]["dropped"] == {"test_title": 2}


def test_without_held_out_sets_nothing_is_dropped(documents):
    documents.add("books", ["a"])
    found, _, summaries = compare(documents, Overlap())
    assert found == {0: {}}
    assert summaries[0]["kept"] == 1


def test_missing_or_broken_sets_are_refused(documents, tmp_path):
    work = work_on(documents, Overlap(sets=(HeldOutSet("news", str(tmp_path / "none")),)))
    with pytest.raises(ConfigError, match=r"overlap\.sets: news"):
        write_held_out(work.matches, work.rules)
    (tmp_path / "titles").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"overlap\.titles"):
        write_held_out(work.matches, Overlap(titles=(str(tmp_path / "titles"),)))


def test_the_pipeline_writes_the_same_with_any_number_of_processes(documents, rules):
    for _ in range(4):
        documents.add("books", [extended(0), extended(30), "other"])
    documents.add("wikipedia", [])
    parts = parts_of(documents)
    expected = work_on(documents, rules, "plain")
    run_plainly(parts, expected)
    work = work_on(documents, rules, "beam")
    run(parts[::-1], work, ["--direct_running_mode=multi_processing", "--direct_num_workers=2"])
    for half, files in (("", 3), ("-matches", 2)):
        plain, beamed = (documents.output / f"{folder}{half}" for folder in ("plain", "beam"))
        names = {path.name for path in plain.iterdir()}
        assert sum(name.endswith((".parquet", ".json")) for name in names) >= files * len(parts)
        assert names == {path.name for path in beamed.iterdir()}
        for name in names:
            assert (plain / name).read_bytes() == (beamed / name).read_bytes()


def test_strict_is_the_default_and_finds_what_a_page_quotes(documents, rules):
    rules = dataclasses.replace(rules, rule=Overlap().rule)
    quoted = f"{extended(0).upper()} " + " ".join(f"more{n}" for n in range(900))
    documents.add("books", [quoted, "other", " ".join(PASSAGE[:40]) + " and more"])
    found, contained, summaries = compare(documents, rules)
    assert found[0][0]["rules"] == ["containment", "any", "strict"]
    assert (found[0][0]["jaccard"], found[0][0]["containment"]) == (None, 1.0)
    assert contained[0][2]["rules"] == ["any"]
    assert summaries[0]["rules"] == {"paper": 0, "containment": 1, "any": 2, "strict": 1}


def test_what_all_parts_share_is_famous(documents, rules):
    rules = dataclasses.replace(rules, rule="strict", common_documents=3)
    for part in range(4):
        rests = [" ".join(f"{part}x{n}x{i}" for i in range(200)) for n in range(part)]
        documents.add("books", [f"{extended(0)} {rest}" for rest in rests])
    assert sum(len(rows) for rows in compare(documents, rules)[0].values()) == 0  # six hold it
    few = dataclasses.replace(rules, common_documents=6)
    assert sum(len(rows) for rows in compare(documents, few)[0].values()) == 6
    share = dataclasses.replace(rules, common_share=0.06)  # of 100 documents, see `count`
    assert sum(len(rows) for rows in compare(documents, share)[0].values()) == 6


def test_facts_of_each_set_are_written(documents, rules):
    work = work_on(documents, rules)
    facts = write_held_out(work.matches, rules)
    assert facts == {
        "passages": {"items": 2, "shingles": 101, "not_findable": 1, "unknown_titles": 0}
    }
    folder = documents.output / "overlap-matches"
    assert require_json(str(folder / FACTS)) == facts
    assert require_json(str(folder / LOST)) == {"passages": ["y"]}


def test_the_files_of_the_suite_are_sets(tmp_path):
    piqa = {"goal": "Keep tea warm", "sol1": "a lid", "sol2": "a sieve", "label": 0}
    (tmp_path / "piqa.jsonl").write_text(json.dumps(piqa))
    (tmp_path / "piqa.shots.jsonl").write_text(json.dumps(piqa))
    (tmp_path / "notes.jsonl").write_text("{}")
    base = load_recipe("minimal.toml")
    overlap = Overlap(suite=str(tmp_path))
    recipe = dataclasses.replace(base, overlap=overlap)
    (found,) = resolved_overlap(recipe).sets
    assert (found.name, found.format) == ("piqa", "suite:piqa")
    assert [info.path for info in overlap_files(recipe)] == [found.path]
    wrong = dataclasses.replace(recipe, overlap=Overlap(suite=str(tmp_path / "none")))
    with pytest.raises(ConfigError, match=r"overlap\.suite: .* no data of any task"):
        resolved_overlap(wrong)


def test_real_passages_and_articles_are_found(documents, page, real_data):
    folder = real_data / "decontamination"
    sets = (
        HeldOutSet("lambada", str(folder / "lambada/lambada_test.sample.jsonl")),
        HeldOutSet("wikitext", str(folder / "wikitext-2/wiki.valid.tokens"), "wikitext"),
        HeldOutSet("mmlu", str(folder / "mmlu/dev.tar.gz"), "mmlu"),
    )
    with (folder / "lambada/lambada_test.sample.jsonl").open("rb") as file:
        passages = [item.text for item in read_test_set(file, "jsonl")][:40]
    with (folder / "wikitext-2/wiki.valid.tokens").open("rb") as file:
        articles = list(read_test_set(file, "wikitext"))
    texts = [*passages, articles[3].text.replace(" ,", ",").replace(" .", ".")]
    documents.add("c4", [*texts, " ".join(passages), "A text of our own. " * 50])
    titled = [page("Another text.", title=a.article) for a in articles if a.article]
    documents.add("wikipedia", [*titled, page("One more.", title="No such article")])
    found, contained, _ = compare(documents, Overlap(sets=sets, rule="paper"))
    assert set(found[0]) == set(range(41))
    assert {values["set"] for values in found[0].values()} == {"lambada", "wikitext"}
    assert set(contained[0]) == {41}
    assert len(found[1]) == len(titled) >= 25

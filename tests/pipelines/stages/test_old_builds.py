"""New documents against old builds: the verdicts of deduplicating both at once, old ones first."""

import random
from fractions import Fraction
from pathlib import Path

import apache_beam as beam
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.config.comparison_rules import Duplicates
from massivetext.dedup.hosts import HostRules
from massivetext.dedup.survival import Entrant, Survival, order_of
from massivetext.pipelines.flow.on_beam import OnBeam
from massivetext.pipelines.stages.duplicates.graph import SHUFFLED, add_duplicates
from massivetext.pipelines.stages.duplicates.old_builds import OldBuild, numbered
from massivetext.pipelines.stages.duplicates.read import DuplicateSettings
from massivetext.storage.json_files import require_json
from tests.pipelines.stages.test_duplicates import near_copies, shingles, with_number

IN_MEMORY = ("--direct_running_mode=in_memory",)
TWO_PROCESSES = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
SOURCES = ("web", "books", "c4", "news")


def run(parts, folder, flags=IN_MEMORY, **options):
    """Runs the stage over parts, those of old builds among them."""
    stems = tuple(part.stem for part in sorted(parts, key=lambda part: part.part))
    rules = {"hosts": HostRules(5, None), "stems": stems} | options
    settings = DuplicateSettings(str(folder), key="k", **rules)
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", *flags])) as pipeline:
        add_duplicates(OnBeam(pipeline), parts, settings)


def build(make, folder, texts, rng, seed=0):
    """Documents of stage 1 and their own drop lists; parts of several sources."""
    documents = make(folder)
    for start in range(0, len(texts), 40):
        documents.add(rng.choice(SOURCES), texts[start : start + 40])
    run(documents.parts, folder / "duplicates", seed=seed)
    return documents


def old_parts(documents):
    """The parts of an old build, with their drop lists."""
    lists = Path(documents.output) / "duplicates"
    return tuple(
        part._replace(drops=str(lists / f"part-{part.part:05d}.parquet"))
        for part in documents.parts
    )


def against(new, olds, folder, flags=IN_MEMORY, shuffle=None, **options):
    """The drop lists of new documents against old builds: place -> row of the list."""
    builds = [OldBuild(str(old.output), "", old_parts(old)) for old in olds]
    parts, firsts = numbered(builds, len(new.parts))
    folders = [build.folder for build in builds]
    every = [*new.parts, *parts]
    if shuffle:
        shuffle(every)
    run(every, folder, flags, old=tuple(zip(firsts, folders, strict=True)), **options)
    return {
        (part.part, row["row"]): with_number(row)
        for part in new.parts
        for row in pq.read_table(folder / f"part-{part.part:05d}.parquet").to_pylist()
    }


def at_once(new, olds, seed=0, most=Fraction(4, 5)):
    """All pairs by sets of words: place -> (kind, the twin's old build or None, place, Jaccard)."""
    ranked = []
    for late, documents in [*((0, old) for old in olds), (1, new)]:
        folder = None if late else str(documents.output)
        for place, document in documents.kept.items():
            order = order_of(Survival(seed), document.source, Entrant(document.id))
            ranked.append((late, order, folder, place, document.text))
    ranked.sort(key=lambda row: row[:2])
    first, left, drops = {}, [], {}
    for late, _, folder, place, text in ranked:
        twin = first.setdefault(text, (folder, place))
        if twin != (folder, place):
            drops[late, place] = ("exact", *twin, 1.0)
            continue
        own = shingles(text)
        near = [
            (len(own & other) / len(own | other), -number, other_folder, other_place)
            for number, (other, other_folder, other_place) in enumerate(left)
            if len(own & other) > len(own | other) * most
        ]
        left.append((own, folder, place))
        if near:
            jaccard, _, *twin = max(near)
            drops[late, place] = ("near", *twin, jaccard)
    return {place: found for (late, place), found in drops.items() if late}


def simplified(drops):
    return {
        place: (row["kind"], row["twin_build"], (row["twin_part"], row["twin_row"]), row["jaccard"])
        for place, row in drops.items()
    }


def split(seed):
    """Texts with near and exact copies, dealt to an old build and a new one."""
    rng = random.Random(seed)
    texts, cut = near_copies(200, rng), rng.choice([60, 110, 160])
    after = texts[cut:] + near_copies(60, rng)
    rng.shuffle(after)
    return texts[:cut], after, rng


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(n, marks=pytest.mark.heavy) for n in (0, 3, 4))]
)
def test_an_increment_equals_both_at_once(make_documents, tmp_path, seed):
    before, after, rng = split(seed)
    old = build(make_documents, tmp_path / "old", before, rng)
    new = build(make_documents, tmp_path / "new", after, rng)
    untouched = files(tmp_path / "old")
    expected = at_once(new, [old])
    found = against(new, [old], tmp_path / "one", seed=0)
    assert simplified(found) == expected
    assert {folder for _, folder, _, _ in expected.values()} == {None, str(old.output)}
    flags = TWO_PROCESSES if seed < 2 else IN_MEMORY
    again = against(new, [old], tmp_path / "two", flags, shuffle=rng.shuffle)
    assert again == found
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "old") == untouched


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def test_several_old_builds(make_documents, tmp_path):
    before, after, rng = split(7)
    olds = [
        build(make_documents, tmp_path / "a", before[::2], rng),
        build(make_documents, tmp_path / "b", before[1::2], rng),
    ]
    new = build(make_documents, tmp_path / "new", after, rng)
    found = simplified(against(new, olds, tmp_path / "out"))
    assert found == at_once(new, olds)
    assert {row[1] for row in found.values()} == {None, *(str(old.output) for old in olds)}


def test_twins_that_the_old_build_dropped_are_said_to_be(make_documents, tmp_path):
    before, after, rng = split(3)
    old = build(make_documents, tmp_path / "old", before, rng)
    new = build(make_documents, tmp_path / "new", after, rng)
    dropped = {
        (part.part, row["row"])
        for part in old_parts(old)
        for row in pq.read_table(part.drops).to_pylist()
    }
    found = against(new, [old], tmp_path / "out")
    told = {
        ((row["twin_part"], row["twin_row"]) in dropped, row["twin_dropped"])
        for row in found.values()
        if row["twin_build"]
    }
    assert told == {(True, True), (False, False)}
    assert all(
        row["twin_id"] == old.kept[row["twin_part"], row["twin_row"]].id
        for row in found.values()
        if row["twin_build"]
    )
    summaries = [require_json(str(tmp_path / f"out/part-{p.part:05d}.json")) for p in new.parts]
    of_old = sum(row["twin_build"] is not None for row in found.values())
    assert sum(summary["copies_of_old"] for summary in summaries) == of_old


def test_what_crosses_a_shuffle_follows_the_new_documents(make_documents, tmp_path):
    rng = random.Random(5)
    old = build(make_documents, tmp_path / "old", near_copies(480, rng), rng)
    sizes = []
    for name, count in (("few", 12), ("more", 48)):
        new = build(make_documents, tmp_path / name, near_copies(count, rng), rng)
        against(new, [old], tmp_path / f"out-{name}")
        sizes.append(require_json(str(tmp_path / f"out-{name}" / SHUFFLED)))
    whole = require_json(str(tmp_path / "old/duplicates" / SHUFFLED))
    for name in ("contents", "band keys", "entries"):
        assert sizes[0][name] < whole[name] / 4
    assert sizes[0]["total"] < sizes[1]["total"] < whole["total"] / 2


def test_hosts_of_old_pages_do_not_return(make_documents, page, tmp_path):
    """A page that an old build dropped with its host is no twin of a new one."""
    old = make_documents(tmp_path / "old")
    text = " ".join(f"word{n}" for n in range(60))
    pages = [page(text, "bad"), *(page("", "bad", "", ("rating",)) for _ in range(9))]
    old.add("web", pages)
    run(old.parts, tmp_path / "old/duplicates", hosts=HostRules(5, 0.5))
    new = build(make_documents, tmp_path / "new", [text, f"{text} more"], random.Random(0))
    found = against(new, [old], tmp_path / "out")
    assert {row["twin_build"] for row in found.values()} == {None}


def test_rules_hold_against_old_builds(make_documents, tmp_path):
    before, after, rng = split(11)
    old = build(make_documents, tmp_path / "old", before, rng, seed=9)
    new = build(make_documents, tmp_path / "new", after, rng)
    rules = Duplicates(max_jaccard=0.7)
    found = against(new, [old], tmp_path / "out", rules=rules, seed=9)
    assert simplified(found) == at_once(new, [old], 9, Fraction(7, 10))

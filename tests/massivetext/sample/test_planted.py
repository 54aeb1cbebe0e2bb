"""The sample as a whole: what is planted, and that every reader finds it where the truth says."""

import gzip
import json
import shutil
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pytest
import zstandard

from massivetext.cli.main import main
from massivetext.dedup.signature import jaccard, shingle_hashes
from massivetext.document import Broken, Document, Dropped, Origin
from massivetext.errors import ConfigError
from massivetext.filters.measure import measure
from massivetext.filters.rules.quality import judge_quality
from massivetext.filters.rules.repetition import judge_repetition
from massivetext.paper import DUPLICATE_SOURCES, SOURCES, QualityRules, RepetitionRules
from massivetext.readers.books.epub import read_epub
from massivetext.readers.books.read import read_book
from massivetext.readers.code.read import read_github_jsonl, read_github_parquet
from massivetext.readers.rows.jsonl import read_jsonl
from massivetext.readers.rows.parquet import read_parquet
from massivetext.readers.warc.read import read_warc
from massivetext.readers.wikipedia.read import read_wikipedia
from massivetext.sample import write
from massivetext.sample.planted.jaccard import jaccard_of, shingles_of
from massivetext.sample.write import write_sample

LATER = ("language", "rating", "domain", "host", "exact", "near", "overlap", "test_title")
READERS = {
    ".warc.gz": read_warc,
    ".wet.gz": read_warc,
    ".xml.bz2": read_wikipedia,
    ".txt": read_book,
    ".epub": read_epub,
    ".parquet": read_parquet,
    ".json.gz": read_jsonl,
    ".json.zst": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".jsonl": read_jsonl,
}
GITHUB = {".json.gz": read_github_jsonl, ".parquet": read_github_parquet}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "input"
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def truth(sample):
    return json.loads((sample / "truth.json").read_bytes())


@pytest.fixture(scope="module")
def records(sample, truth):
    """All records by source and file, from the readers themselves."""
    return {(f["source"], f["path"]): list(read(sample, f)) for f in truth["files"]}


def read(sample, file):
    readers = GITHUB if file["source"] == "github" else READERS
    reader = next(reader for end, reader in readers.items() if file["path"].endswith(end))
    with (sample / file["source"] / file["path"]).open("rb") as data:
        yield from reader(data, Origin(file["source"], file["path"]))


def groups(truth, kind):
    found = defaultdict(list)
    for entry in truth["planted"]:
        if entry["kind"] == kind:
            found[entry["group"]].append(entry)
    return list(found.values())


def text_at(sample, entry):
    """The text of a planted line, without any reader of the project."""
    path = sample / entry["source"] / entry["path"]
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    if path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().decompress(data, max_output_size=1 << 26)
    return json.loads(data[entry["position"] :].split(b"\n", 1)[0])["text"]


def test_the_hard_cases_are_many_enough(truth):
    high = [pair[0]["jaccard"] for pair in groups(truth, "near_high")]
    low = [pair[0]["jaccard"] for pair in groups(truth, "near_low")]
    assert sum(0.82 <= value <= 0.90 for value in high) == len(high) >= 50
    assert sum(0.70 <= value <= 0.79 for value in low) == len(low) >= 50
    exact = groups(truth, "exact")
    assert len(exact) >= 50
    assert sum(len(group) == 3 for group in exact) >= 10
    assert sum(len({entry["source"] for entry in group}) > 1 for group in exact) >= 20
    (family,) = groups(truth, "template")
    assert len(family) == 40
    assert len(groups(truth, "chain")) == 5


def test_every_source_has_planted_documents_that_stay_go_and_break(truth):
    outcomes = {(entry["source"], entry["outcome"]) for entry in truth["planted"]}
    assert {(source, "dropped") for source in SOURCES} <= outcomes
    assert {(s, "broken") for s in SOURCES if s != "github"} <= outcomes


def test_planted_lines_are_as_like_each_other_as_the_truth_says(sample, truth):
    """From the bytes of the files; pairs in pages and chains are checked with the readers."""
    pairs = groups(truth, "near_high")[::4] + groups(truth, "near_low")[::4]
    for first, second in pairs:
        if "warc" not in first["path"] + second["path"]:
            texts = [shingles_of(text_at(sample, entry)) for entry in (first, second)]
            assert jaccard_of(*texts) == pytest.approx(first["jaccard"], abs=1e-6)


def test_readers_account_for_every_record(truth, records):
    expected = {(f["source"], f["path"]): (f["records"], f["broken"]) for f in truth["files"]}
    found = {
        key: (len(items), sum(isinstance(item, Broken) for item in items))
        for key, items in records.items()
    }
    assert found == expected


def test_readers_find_planted_documents_where_the_truth_says(truth, records):
    for entry in truth["planted"]:
        items = records[entry["source"], entry["path"]]
        if entry["outcome"] == "broken":
            places = {item.position for item in items if isinstance(item, Broken)}
            assert entry["position"] is None or entry["position"] in places, entry
            continue
        found = [item for item in items if is_entry(item, entry)]
        assert len(found) == 1, entry
        if isinstance(found[0], Dropped) and entry["outcome"] != "any":
            assert set(found[0].reasons) & set(entry["reasons"]), entry
        elif entry["outcome"] == "dropped":
            assert set(entry["reasons"]) & {*LATER, *filter_reasons(found[0])}, entry
        elif entry["outcome"] != "any":
            assert not filter_reasons(found[0]), entry


def is_entry(item, entry):
    if isinstance(item, Broken):
        return False
    document = item.document if isinstance(item, Dropped) else item
    return document.id == entry["id"] if entry["id"] else document.url == entry["url"]


def filter_reasons(document):
    if document.source != "web":
        return ()
    measures = measure(document.text)
    quality = judge_quality(measures, QualityRules())
    return (*quality, *judge_repetition(measures, RepetitionRules()))


def test_pairs_in_all_formats_are_on_their_side_of_the_bound(truth, records):
    texts = kept_texts(records)
    for kind, low, high in (("near_high", 0.82, 0.9), ("near_low", 0.7, 0.79)):
        for first, second in groups(truth, kind):
            found = jaccard(*(shingle_hashes(texts[entry["id"]]) for entry in (first, second)))
            assert low <= found <= high
            assert found == pytest.approx(first["jaccard"], abs=1e-6)
    for group in groups(truth, "template"):
        hashes = [shingle_hashes(texts[entry["id"]]) for entry in group]
        assert min(jaccard(*pair) for pair in combinations(hashes, 2)) > 0.84
    for group in groups(truth, "exact"):
        assert len({texts[entry["id"]] for entry in group}) == 1


def kept_texts(records):
    documents = (item for items in records.values() for item in items)
    return {item.id: item.text for item in documents if isinstance(item, Document)}


def test_no_two_documents_are_alike_unless_planted(truth, records):
    """Candidates share many of a part of their shingles; these are compared in full."""
    texts = {
        item.id: item.text
        for (source, _), items in records.items()
        for item in items
        if isinstance(item, Document) and source in DUPLICATE_SOURCES
    }
    planted = {entry["id"] for entry in truth["planted"]}
    ids = [identity for identity in texts if identity not in planted]
    hashes = [shingle_hashes(texts[identity]) for identity in ids]
    alike = [(a, b) for a, b in candidates(hashes) if jaccard(hashes[a], hashes[b]) > 0.5]
    assert [(texts[ids[a]][:60], texts[ids[b]][:60]) for a, b in alike] == []


def candidates(hashes):
    sampled = [values[values % np.uint64(32) == 0] for values in hashes]
    holders = defaultdict(list)
    for number, values in enumerate(sampled):
        for value in values.tolist():
            holders[value].append(number)
    shared = Counter(pair for found in holders.values() for pair in combinations(found, 2))
    for (a, b), count in shared.items():
        if count > 0.3 * (len(sampled[a]) + len(sampled[b]) - count):
            yield a, b


def test_there_is_enough_text_of_every_source(records):
    sizes = Counter()
    for (source, _), items in records.items():
        sizes[source] += sum(len(item.text) for item in items if isinstance(item, Document))
    assert sum(sizes.values()) > 14_000_000
    assert all(sizes[source] > 400_000 for source in SOURCES)
    assert sizes["web"] > sizes["books"] > sizes["c4"]


def test_most_ordinary_pages_pass_the_rules_of_the_paper(truth, records):
    planted = {entry["id"] for entry in truth["planted"]}
    (path,) = [path for source, path in records if path == "crawl-00000.warc.gz"]
    pages = [item for item in records["web", path] if isinstance(item, Document)]
    ordinary = [page for page in pages if page.id not in planted]
    assert len(ordinary) > 250
    assert sum(not filter_reasons(page) for page in ordinary) > 0.9 * len(ordinary)


def test_file_names_are_unique(truth):
    names = [file["path"] for file in truth["files"]]
    assert len(set(names)) == len(names)


def test_a_sample_that_is_there_stays(sample):
    before = (sample / "truth.json").stat().st_mtime_ns
    write_sample(sample)
    assert (sample / "truth.json").stat().st_mtime_ns == before


def test_the_former_command_says_its_new_name(sample, capsys):
    assert main(["demo", str(sample)]) == main(["sample", str(sample)]) == 0
    assert capsys.readouterr().err == "massivetext: `demo` is called `sample` now\n"


def test_a_sample_made_of_anything_else_is_made_again(tmp_path, monkeypatch):
    """Seed, versions, recipe, and all code, in folders too: each makes another digest."""
    shutil.copytree(write._CODE, tmp_path / "sample")
    shutil.copytree(write._CODE.parent / "recipes", tmp_path / "recipes")
    monkeypatch.setattr(write, "_CODE", tmp_path / "sample")
    digests = [write._made_of(0), write._made_of(1)]
    monkeypatch.setattr(write, "installed_versions", lambda: {"numpy": "1.0"})
    digests.append(write._made_of(0))
    for name in ("recipes/sample.toml", "sample/write.py", "sample/planted/near.py"):
        with (tmp_path / name).open("a") as file:
            file.write("# another line\n")
        digests.append(write._made_of(0))
    assert len(set(digests)) == len(digests)
    assert write._made_of(0) == digests[-1]


def test_a_folder_of_anything_else_is_refused(tmp_path):
    (tmp_path / "letters").mkdir()
    with pytest.raises(ConfigError, match="holds no sample"):
        write_sample(tmp_path)


@pytest.mark.heavy
def test_the_sample_is_the_same_bytes_again(sample, tmp_path):
    write_sample(tmp_path / "again")
    first = {path.relative_to(sample): path for path in sample.rglob("*") if path.is_file()}
    again = {
        p.relative_to(tmp_path / "again") for p in (tmp_path / "again").rglob("*") if p.is_file()
    }
    assert set(first) == again
    for name, path in first.items():
        assert path.read_bytes() == (tmp_path / "again" / name).read_bytes(), name

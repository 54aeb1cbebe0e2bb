import random
from fractions import Fraction
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from massivetext.config.comparison_rules import Duplicates
from massivetext.dedup.hosts import HostRules
from massivetext.dedup.pairs import CONTENT
from massivetext.dedup.signature import Shingles, shingle_words, sign
from massivetext.dedup.survival import Entrant, Survival, order_of
from massivetext.pipelines.flow.here import Here
from massivetext.pipelines.flow.on_beam import OnBeam
from massivetext.pipelines.folder.sums import SUMS, summed_files
from massivetext.pipelines.stages.duplicates.graph import SHUFFLED, add_duplicates
from massivetext.pipelines.stages.duplicates.read import DuplicateSettings
from massivetext.pipelines.stages.duplicates.write import SCHEMA
from massivetext.pipelines.stages.survivors import ROWS, digest_of_rows
from massivetext.storage.json_files import require_json

TWO_PROCESSES = ("--direct_running_mode=multi_processing", "--direct_num_workers=2")
VOCABULARY = [f"word{i}" for i in range(2_000)]


def run(parts, folder, flags=None, **options):
    stems = tuple(f"part-{number:05d}" for number in range(len(parts)))
    settings = DuplicateSettings(str(folder), key="k", stems=stems, **options)
    if flags is None:
        add_duplicates(Here(), parts, settings)
    else:
        with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", *flags])) as pipeline:
            add_duplicates(OnBeam(pipeline), parts, settings)
    return read(folder, parts)


def read(folder, parts):
    """The drop lists as (part, row) -> row of the list."""
    drops = {}
    for part in parts:
        table = pq.read_table(Path(folder) / f"part-{part.part:05d}.parquet")
        assert table.schema.equals(SCHEMA)
        rows = [with_number(row) for row in table.to_pylist()]
        assert [row["row"] for row in rows] == sorted({row["row"] for row in rows})
        drops |= {(part.part, row["row"]): row for row in rows}
    return drops


def with_number(row):
    """The row with its twin's part as a number."""
    name = row["twin_part"]
    return row | {"twin_part": None if name is None else int(name.removeprefix("part-"))}


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def near_copies(count, rng):
    texts = [rng.choices(VOCABULARY, k=rng.randint(5, 200)) for _ in range(count // 6)]
    while len(texts) < count:
        words = list(rng.choice(texts))
        for place in rng.sample(range(len(words)), min(len(words), rng.choice([0, 0, 1, 1, 2, 4]))):
            words[place] = rng.choice(VOCABULARY)
        texts.append(words)
    rng.shuffle(texts)
    return [" ".join(words) for words in texts]


def shingles(text, rules=Shingles()):  # noqa: B008  (frozen)
    words, n = shingle_words(text, rules), rules.words
    return {tuple(words[i : i + n]) for i in range(max(1, len(words) - n + 1))}


def entrant(place, document):
    return Entrant(document.id, len(document.text.encode()), *place)


def all_pairs(kept, sources, survival=Survival(), most=Fraction(4, 5)):  # noqa: B008  (frozen)
    """The definition: place -> (kind, place of the twin, jaccard)."""
    chosen = [(place, d) for place, d in kept.items() if d.source in sources]
    chosen.sort(key=lambda pair: order_of(survival, pair[1].source, entrant(*pair)))
    drops, first = {}, {}
    for place, document in chosen:
        twin = first.setdefault(document.text, place)
        if twin != place:
            drops[place] = ("exact", twin, 1.0)
    left = [(place, shingles(text)) for text, place in first.items() if shingle_words(text)]
    for number, (place, own) in enumerate(left):
        near = [
            (len(own & other) / len(own | other), -n, twin)
            for n, (twin, other) in enumerate(left[:number])
            if len(own & other) > len(own | other) * most
        ]
        if near:
            jaccard, _, twin = max(near)
            drops[place] = ("near", twin, jaccard)
    return drops


def simplified(drops):
    return {
        place: (row["kind"], (row["twin_part"], row["twin_row"]), row["jaccard"])
        for place, row in drops.items()
    }


SOURCES = Duplicates().sources


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, make_documents):
    documents = make_documents(tmp_path_factory.mktemp("corpus"))
    texts = near_copies(270, random.Random(3))
    for number, source in enumerate(["web", "web", "books", "c4", "news", "github", "wikipedia"]):
        documents.add(source, texts[number * 36 : number * 36 + 36])
    documents.add("web", [])
    documents.add("github", [])
    documents.add("news", ["", "", "!", "?", "."])  # no words: not near copies of one another
    documents.drops = run(documents.parts, documents.output / "one")
    return documents


def test_equals_the_comparison_of_all_pairs(corpus):
    expected = all_pairs(corpus.kept, SOURCES)
    assert {kind for kind, _, _ in expected.values()} == {"exact", "near"}
    assert simplified(corpus.drops) == expected


def test_twins_are_described(corpus):
    for row in corpus.drops.values():
        twin = (row["twin_part"], row["twin_row"])
        assert row["twin_id"] == corpus.kept[twin].id
        assert row["twin_dropped"] == (twin in corpus.drops)
    assert {row["twin_dropped"] for row in corpus.drops.values()} == {True, False}


def test_summaries_account_for_every_row(corpus):
    for part in corpus.parts:
        path = corpus.output / "one" / f"part-{part.part:05d}.json"
        kinds = [row["kind"] for place, row in corpus.drops.items() if place[0] == part.part]
        summary = require_json(str(path))
        name = f"part-{part.part:05d}.parquet"
        assert [found.name for found in summed_files(summary)] == [name]
        assert {name: value for name, value in summary.items() if name != SUMS} == {
            "key": "k",
            "part": part.stem,
            "source": part.source,
            ROWS: digest_of_rows(at for n, at in corpus.drops if n == part.part),
            "records": part.rows,
            "kept": part.rows - len(kinds),
            "dropped": {kind: kinds.count(kind) for kind in ("exact", "near", "host")},
        }


def test_bytes_shuffled_are_counted(corpus):
    sizes = require_json(str(corpus.output / "one" / SHUFFLED))
    ours = [part for part in corpus.parts if part.source in SOURCES and part.rows]
    block = 4 + 4  # the key and the header
    rows = sum(part.rows for part in ours)
    assert sizes["contents"] == rows * CONTENT.itemsize + block * len(ours)
    exact = sum(row["kind"] == "exact" for row in corpus.drops.values())
    wordless = 4  # the others of them are exact copies; their part sends no keys
    keys = (rows - exact - wordless) * 21 * 4
    assert sizes["band keys"] == keys + block * (len(ours) - 1)
    assert sizes["total"] == sum(size for name, size in sizes.items() if name != "total")


def test_bytes_do_not_depend_on_processes_or_order(corpus):
    run(corpus.parts[::-1], corpus.output / "two", TWO_PROCESSES)
    one, two = files(corpus.output / "one"), files(corpus.output / "two")
    assert set(one) == {SHUFFLED} | {
        f"part-{number:05d}.{end}" for number in range(10) for end in ("json", "parquet")
    }
    assert one == two


def test_rules_come_from_the_recipe(corpus, tmp_path):
    rules = Duplicates(sources=("books", "web"), max_jaccard=0.7, preference=("web",))
    drops = run(corpus.parts, tmp_path, rules=rules, seed=5, hosts=HostRules(5, None))
    most = Fraction(7, 10)
    expected = all_pairs(corpus.kept, ("books", "web"), Survival(5, ("web",)), most)
    assert simplified(drops) == expected


@pytest.mark.parametrize("survivor", ["longest", "first"])
def test_another_copy_may_survive(corpus, tmp_path, survivor):
    drops = run(corpus.parts, tmp_path, rules=Duplicates(survivor=survivor))
    assert simplified(drops) == all_pairs(corpus.kept, SOURCES, Survival(survivor=survivor))
    assert drops.keys() != corpus.drops.keys()


def test_without_verification_what_shares_a_band_is_dropped(corpus, tmp_path):
    rules = Duplicates(verify=False, bands=10, rows=2)
    drops = run(corpus.parts, tmp_path, rules=rules)
    near = {place: row for place, row in drops.items() if row["kind"] == "near"}
    assert {place for place, row in corpus.drops.items() if row["kind"] == "near"} < near.keys()
    for place, row in near.items():
        minima = [
            np.frombuffer(sign(corpus.kept[at].text).minhash, "<u4")
            for at in (place, (row["twin_part"], row["twin_row"]))
        ]
        same = (minima[0] == minima[1])[:20].reshape(10, 2).all(axis=1)
        assert same.any()
        assert row["jaccard"] == float((minima[0] == minima[1]).mean())
    assert min(row["jaccard"] for row in near.values()) < 0.8  # wrong drops, as with other tools


@pytest.mark.parametrize(
    ("rules", "dropped"),
    [({}, 0), ({"punctuation": "delete"}, 1), ({"shingle_words": 5}, 1), ({"bands": 1}, 0)],
)
def test_shingles_come_from_the_recipe(documents, tmp_path, rules, dropped):
    """Signatures are stage 1's, and there the recipe's; here those of 13 words serve as well."""
    words = [f"w{i}" for i in range(100)]
    documents.add("web", [" ".join([*words[:50], found, *words[51:]]) for found in ("x-y", "xy")])
    assert len(run(documents.parts, tmp_path, rules=Duplicates(**rules))) == dropped


def pages_of(page, host, rated, pages):
    kept = [page(f"page {n} of the site {host}", host) for n in range(pages - rated)]
    return kept + [page("", host, "", ("rating",))] * rated


def test_pages_of_rated_hosts_are_dropped(documents, page, tmp_path):
    rules = HostRules(min_pages=9, max_rated=0.5)
    documents.add("web", [*pages_of(page, "bad", 5, 8), page("fine", "good"), page("no host")])
    documents.add("web", [page("another page of it", "bad"), *pages_of(page, "half", 5, 10)])
    documents.add("web", [page("", "half", "", ("http_status",)), *pages_of(page, "small", 8, 8)])
    documents.add("web", [page(f"page {n} of the site bad", f"copy{n}") for n in range(3)])
    documents.add("news", pages_of(page, "news", 10, 12))
    drops = run(documents.parts, tmp_path / "a", hosts=rules)
    # Their copies on other hosts stay: the dropped pages are not compared.
    bad = [(0, 0), (0, 1), (0, 2), (1, 0)]
    assert {place: row["kind"] for place, row in drops.items()} == dict.fromkeys(bad, "host")
    assert all({row[name] for name in SCHEMA.names[2:]} == {None} for row in drops.values())

"""The transforms on the local runner: rows in memory, none, hostile ones, and real files."""

import json
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.testing.util import assert_that, equal_to

import massivetext
from massivetext import (
    Broken,
    ConfigError,
    Document,
    Dropped,
    Filters,
    Reason,
    Vocabulary,
    pipelines,
    read_sequences,
    train_vocabulary,
)
from massivetext.config.recipe import LanguageRules, SafetyRules
from massivetext.document import Origin
from massivetext.limits import MAX_DOCUMENT_BYTES, MAX_HTML_BYTES, MAX_HTML_TAGS
from massivetext.pipelines import (
    ExtractText,
    FilterDocuments,
    FindDuplicates,
    FindOverlap,
    ReadDocuments,
    WriteSequences,
)
from tests.massivetext.test_public import for_type_checkers
from tests.support.commands import json_lines, model_path, prose

NO_LANGUAGE = Filters(language=LanguageRules(sources=()))


def document(number: int, text: str | None = None, **others: Any) -> Document:
    fields = {"id": f"d{number}", "source": "web", "text": prose(number) if text is None else text}
    return Document(**(fields | others))


def run(build: Callable[[beam.Pipeline], Any]) -> dict[str, int]:
    """Runs a pipeline; returns its counters as NAMESPACE/NAME."""
    pipeline = beam.Pipeline()
    build(pipeline)
    result = pipeline.run()
    result.wait_until_finish()
    counters = result.metrics().query()["counters"]
    names = (c.key.metric for c in counters)
    return {
        f"{name.namespace}/{name.name}": c.committed
        for name, c in zip(names, counters, strict=True)
        if name.namespace[0].isupper() or name.namespace == "dropped"
    }


def save(path: str, found: list[Any]) -> None:
    Path(path).write_bytes(pickle.dumps(found))


def collected(build: Callable[[beam.Pipeline], Any]) -> tuple[list[Any], dict[str, int]]:
    """Runs a pipeline; returns the elements that it ends in, and its counters."""
    with tempfile.TemporaryDirectory() as folder:
        # A function that a pipeline calls is a copy: what it finds comes back in a file.
        path = f"{folder}/found"
        counters = run(lambda pipeline: assert_that(build(pipeline), partial(save, path)))
        found: list[Any] = pickle.loads(Path(path).read_bytes())
        return found, counters


def filtered(records: list[Any], **options: Any) -> tuple[dict[str, list[Any]], dict[str, int]]:
    def build(pipeline: beam.Pipeline) -> Any:
        out = pipeline | beam.Create(records).with_output_types(Any) | FilterDocuments(**options)
        tagged = [out[n] | f"tag {n}" >> beam.Map(lambda x, n=n: (n, x)) for n in range(3)]
        return tagged | beam.Flatten()

    found, counters = collected(build)
    names = ("kept", "dropped", "broken")
    return {name: [x for place, x in found if names[place] == name] for name in names}, counters


def test_programs_and_type_checkers_see_the_same_names() -> None:
    places = {name: f"massivetext.pipelines.{m}" for name, m in pipelines._PLACES.items()}
    assert for_type_checkers(pipelines) == places
    assert all(getattr(pipelines, name).__doc__ for name in pipelines.__all__)
    text = (Path(massivetext.__file__).resolve().parents[1] / "docs" / "api.md").read_text()
    assert [name for name in pipelines.__all__ if f"`{name}" not in text] == []


def test_filter_keeps_drops_and_counts() -> None:
    model_path()
    rated = document(4, signals=massivetext.Signals(rating="adult"))
    unread = Dropped(document(5), (Reason.HTTP_STATUS,))
    records = [document(1), document(2, "Too short."), document(3, ""), rated, unread]
    records += [Broken("a.warc", 7, "cut"), document(6, "def f(): pass", source="github")]
    found, counters = filtered(records)
    assert sorted(v.document.id for v in found["kept"]) == ["d1", "d6"]
    assert found["broken"] == [Broken("a.warc", 7, "cut")]
    reasons = {v.document.id: v.reasons[0] for v in found["dropped"]}
    assert reasons.pop("d2") in (Reason.LANGUAGE, Reason.WORD_COUNT)
    assert reasons == {"d3": "empty", "d4": "rating", "d5": "http_status"}
    assert {n: c for n, c in counters.items() if n[0] == "F"} == {
        "FilterDocuments/kept": 2,
        "FilterDocuments/broken": 1,
    }
    assert sum(count for name, count in counters.items() if name.startswith("dropped/")) == 4
    one = massivetext.judge(document(1))
    assert next(v for v in found["kept"] if v.document.id == "d1") == one


def test_nothing_is_filtered_from_nothing() -> None:
    found, counters = filtered([], filters=NO_LANGUAGE)
    assert found == {"kept": [], "dropped": [], "broken": []}
    assert counters == {}


HOSTILE = [
    (document(1, "lone \ud800 surrogate"), "text: lone surrogate"),
    (document(1, url="http://\udfff/"), "url: lone surrogate"),
    (document(1, text=None)._replace(text=None), "text: no text but NoneType"),  # type: ignore[arg-type]
    (document(1)._replace(text=b"bytes"), "text: no text but bytes"),  # type: ignore[arg-type]
    (document(1)._replace(url=None), "url: no text but NoneType"),  # type: ignore[arg-type]
    (document(1)._replace(id=7), "id: no text but int"),  # type: ignore[arg-type]
    (document(1, source="mine"), "source: 'mine' is not one of web, books"),
    ({"text": "a row"}, "no document but dict"),
    ("a text", "no document but str"),
    (None, "no document but NoneType"),
]


def test_hostile_records_are_broken_and_stop_nothing() -> None:
    records = [record for record, _ in HOSTILE] + [document(9)]
    found, counters = filtered(records, filters=NO_LANGUAGE)
    assert [v.document.id for v in found["kept"]] == ["d9"]
    messages = Counter(broken.message for broken in found["broken"])
    for _, message in HOSTILE:
        assert any(found.startswith(message) for found in messages)
    assert messages.total() == len(HOSTILE)
    assert counters == {"FilterDocuments/kept": 1, "FilterDocuments/broken": len(HOSTILE)}


@pytest.mark.parametrize(("more", "reason"), [(0, None), (1, Reason.TOO_LARGE)])
def test_a_document_at_the_bound_is_judged_and_one_beyond_is_not(
    more: int, reason: Reason | None
) -> None:
    from massivetext.pipelines.transforms.documents import checked

    long = document(1, "x" * (MAX_DOCUMENT_BYTES + more), source="books")
    record = checked(long)
    assert (record.reasons[0] if isinstance(record, Dropped) else None) == reason


def test_a_filter_without_its_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="no file"):
        FilterDocuments(language_model=tmp_path / "none.ftz")
    lost = Filters(LanguageRules(sources=()), SafetyRules(domain_lists=("nowhere",)))
    with pytest.raises(ConfigError):
        FilterDocuments(lost)
    monkeypatch.setattr("massivetext.model_files._folders", list)
    with pytest.raises(ConfigError, match="`massivetext models` fetches it"):
        FilterDocuments()
    assert FilterDocuments(NO_LANGUAGE)


def test_reading_gives_the_records_of_a_build(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json_lines(1, 2) + b"{bad\n" + b'{"text": ""}\n')
    (tmp_path / "b.jsonl").write_bytes(json_lines(3))
    found, counters = collected(lambda p: p | ReadDocuments("web", f"{tmp_path}/*.jsonl"))
    documents = [record for record in found if isinstance(record, Document)]
    assert {d.text for d in documents} == {prose(n) for n in (1, 2, 3)}
    assert Origin("web", "a.jsonl").document_id(0) in {d.id for d in documents}
    assert counters == {
        "ReadDocuments/document": 3,
        "ReadDocuments/dropped": 1,
        "ReadDocuments/broken": 1,
    }
    with pytest.raises(ConfigError, match="no file matches"):
        ReadDocuments("web", f"{tmp_path}/*.warc")
    (tmp_path / "c.odd").touch()
    with pytest.raises(ConfigError, match=r"no name tells a format: c\.odd"):
        ReadDocuments("web", f"{tmp_path}/*.odd")


def test_text_is_extracted_from_pages() -> None:
    page = "<html lang=en><title>T</title><meta name=rating content=adult><p>Bread is flour.</p>"
    deep = document(2, "<b>" * (MAX_HTML_TAGS + 1))
    rows = [document(1, page), deep, document(3, "\ud800"), document(4, " ")]
    rows += [document(5, "x" * (MAX_HTML_BYTES + 1))]

    def build(pipeline: beam.Pipeline) -> Any:
        out = pipeline | beam.Create(rows).with_output_types(Any) | ExtractText()
        return (out.documents, out.broken) | beam.Flatten()

    found, counters = collected(build)
    texts = {d.id: d for d in found if isinstance(d, Document)}
    assert {name: d.text for name, d in texts.items()} == {"d1": "Bread is flour.", "d4": ""}
    assert (texts["d1"].title, texts["d1"].signals.rating) == ("T", "adult")
    assert counters == {"ExtractText/documents": 2, "ExtractText/broken": 3}


def test_duplicates_are_those_of_the_arithmetic_in_memory() -> None:
    texts = [prose(n % 17, 30) + ("x" * (n % 3)) for n in range(60)]
    texts += ["", "", "one two", "one two", "...", "!!!"]
    documents = [document(n, text) for n, text in enumerate(texts)]
    for seed, bound in ((0, 0.8), (3, 0.99)):
        expected = massivetext.find_duplicates(documents, bound, seed)
        step = FindDuplicates(bound, seed)
        found, counters = collected(lambda p, step=step: p | beam.Create(documents) | step)
        assert sorted(found) == sorted(
            (f"d{e.dropped}", f"d{e.twin}", e.jaccard, e.kind) for e in expected
        )
        kinds = Counter(e.kind for e in expected)
        assert {n.split("/")[1]: c for n, c in counters.items()} == kinds
        assert kinds["exact"] > 0


def test_no_documents_have_no_duplicates() -> None:
    none: list[Document] = []
    found, _ = collected(lambda p: p | beam.Create(none) | FindDuplicates())
    assert found == []


@pytest.mark.parametrize("texts", [["one", "two"], ["one", "one"]])
def test_two_documents_of_one_id_are_refused(texts: list[str]) -> None:
    rows = [document(1, text) for text in texts]
    with pytest.raises(Exception, match="two documents have the id 'd1'"):
        run(lambda p: p | beam.Create(rows) | FindDuplicates())


def test_overlap_is_that_of_the_arithmetic_in_memory() -> None:
    item = prose(7, 3)
    rows = [document(1), document(2, item), document(3, prose(3, 40) + item)]
    found, counters = collected(
        lambda p: p | beam.Create(rows) | FindOverlap([prose(9), item], max_containment=0.8)
    )
    expected = massivetext.find_overlap(rows, [prose(9), item], max_containment=0.8)
    assert sorted(found) == [(rows[m.text].id, *m[1:]) for m in expected]
    assert counters == {"FindOverlap/overlapping": 2}
    assert collected(lambda p: p | beam.Create(rows) | FindOverlap([]))[0] == []


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.model"
    path.write_bytes(train_vocabulary((prose(n) for n in range(20)), Vocabulary(size=420)))
    return path


def test_sequences_are_written_whatever_the_order(vocabulary: Path, tmp_path: Path) -> None:
    rows = [document(n, source="web" if n % 3 else "books") for n in range(30)]
    for name, given in (("a", rows), ("b", rows[::-1])):
        step = WriteSequences(str(tmp_path / name), vocabulary, length=32, shards=3)
        paths, counters = collected(lambda p, g=given, s=step: p | beam.Create(g) | s)
        assert len(paths) == 3
        assert counters["WriteSequences/documents"] == 30
        sequences = read_sequences(tmp_path / name)
        assert counters["WriteSequences/sequences"] == len(sequences) > 100
        tokens, tail = counters["WriteSequences/tokens"], counters["WriteSequences/tail_tokens"]
        assert tokens == 32 * len(sequences) + tail
    shards = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(shards) == 6
    for name in shards:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert {item.source for item in read_sequences(tmp_path / "a")} == {"web", "books"}
    text = massivetext.Tokenizer(vocabulary).decode(read_sequences(tmp_path / "a")[0].tokens)
    assert any(word in text for word in ("The", "and", "was"))


@pytest.mark.parametrize("packing", ["paper", "carry", "once"])
def test_sequences_are_packed_as_asked(vocabulary: Path, tmp_path: Path, packing: Any) -> None:
    """Documents of many crops: only the paper's packing takes one crop of each."""
    rows = [document(n, prose(n, 400)) for n in range(4)]
    step = WriteSequences(str(tmp_path), vocabulary, length=32, shards=2).with_packing(packing)
    _, counters = collected(lambda p: p | beam.Create(rows) | step)
    tokenizer = massivetext.Tokenizer(vocabulary)
    whole = sum(len(tokenizer.encode(row.text, ends=True)) for row in rows)
    tokens, tail = counters["WriteSequences/tokens"], counters["WriteSequences/tail_tokens"]
    assert tokens == 32 * len(read_sequences(tmp_path)) + tail
    if packing == "paper":
        assert tokens < 0.8 * whole
    elif packing == "carry":
        assert whole < tokens < 1.001 * whole  # BOS before each piece
        assert tail <= 2 * 32
    else:
        assert (tokens, tail <= 2 * 32) == (whole, True)


def test_a_packing_that_there_is_not(vocabulary: Path) -> None:
    wrong: Any = "tight"
    with pytest.raises(ConfigError, match="'tight': must be one of paper, carry, once"):
        WriteSequences("out", vocabulary).with_packing(wrong)


def test_sequences_of_sources_of_any_name(vocabulary: Path, tmp_path: Path) -> None:
    rows = [document(n, source="forum" if n % 3 else "papers") for n in range(30)]
    step = WriteSequences(str(tmp_path / "a"), vocabulary, length=32, sources=("papers", "forum"))
    collected(lambda p: p | beam.Create(rows) | step)
    assert {item.source for item in read_sequences(tmp_path / "a")} == {"papers", "forum"}
    other = WriteSequences(str(tmp_path / "b"), vocabulary, length=32, sources=("papers",))
    with pytest.raises(Exception, match="source 'forum' is not one of papers"):
        collected(lambda p: p | beam.Create(rows) | other)
    for wrong in ((), ("a", "a"), tuple(map(str, range(257)))):
        with pytest.raises(ConfigError, match="1 to 256 different names"):
            WriteSequences("out", vocabulary, sources=wrong)


def test_no_documents_are_empty_shards(vocabulary: Path, tmp_path: Path) -> None:
    none: list[Document] = []
    step = WriteSequences(str(tmp_path), vocabulary, length=32, shards=2)
    paths, _ = collected(lambda p: p | beam.Create(none) | step)
    assert [Path(path).stat().st_size for path in sorted(paths)] == [0, 0]
    assert len(read_sequences(tmp_path)) == 0


def test_sequences_need_a_vocabulary_and_numbers(vocabulary: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no vocabulary"):
        WriteSequences("out", tmp_path / "none.model")
    (tmp_path / "wrong.model").write_bytes(b"wrong")
    with pytest.raises(ConfigError, match="SentencePiece"):
        WriteSequences("out", tmp_path / "wrong.model")
    for wrong in ({"length": 0}, {"shards": 0}):
        with pytest.raises(ConfigError, match="at least 1"):
            WriteSequences("out", vocabulary, **wrong)


def test_a_pipeline_from_files_to_sequences(vocabulary: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json_lines(1, 2, 3, 1) + b'{"text": "short"}\n')
    keep = Filters(LanguageRules(sources=()))
    out = str(tmp_path / "out")

    def build(pipeline: beam.Pipeline) -> None:
        records = pipeline | ReadDocuments("web", f"{tmp_path}/a.jsonl")
        kept, dropped, _ = records | FilterDocuments(keep)
        documents = kept | beam.Map(lambda verdict: verdict.document)
        drops = documents | FindDuplicates() | "ids" >> beam.Map(lambda drop: drop.id)
        left = documents | beam.Filter(
            lambda d, gone: d.id not in gone, gone=beam.pvalue.AsList(drops)
        )
        _ = left | WriteSequences(out, vocabulary, length=32)
        count = dropped | beam.combiners.Count.Globally()
        assert_that(count, equal_to([1]), label="dropped")

    run(build)
    starts = sum(np.count_nonzero(item.tokens[:-1] == 1) for item in read_sequences(out))
    assert starts == 3
    assert json.loads((tmp_path / "out" / "metadata.json").read_text())["sequence_length"] == 32

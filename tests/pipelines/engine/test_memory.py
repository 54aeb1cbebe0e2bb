"""A local run that would not fit is refused before it starts."""

from pathlib import Path

import pytest

from massivetext.corpus.parts import InputFile
from massivetext.errors import StageError
from massivetext.pipelines.engine.memory import check_memory, documents_in, predicted, sample_in
from massivetext.pipelines.engine.runner import Execution


@pytest.mark.parametrize(
    ("documents", "sample", "gigabytes"), [(10_000_000, 0, "2.9"), (10, 10**9, "6.9")]
)
def test_on_both_sides_of_what_is_free(documents: int, sample: int, gigabytes: str) -> None:
    need = predicted(documents, 2, sample)
    check_memory(Execution(), documents, 2, sample, available=need)
    with pytest.raises(StageError, match=rf"would need {gigabytes} GB .* Flink or Dataflow"):
        check_memory(Execution(), documents, 2, sample, available=need - 1)


def test_remote_runs_are_not_checked() -> None:
    check_memory(Execution(("--runner=DataflowRunner",)), 10**12, available=1)


def test_a_sample_is_no_larger_than_the_inputs() -> None:
    files = [InputFile("web", "a", "in/a", "warc", 1_000, "1")] * 3
    assert [sample_in(files, wanted) for wanted in (29_999, 30_001)] == [29_999, 30_000]


@pytest.mark.parametrize(
    ("kind", "documents"), [("warc", 250_000), ("jsonl-compressed", 1_428_571), ("text", 50_000)]
)
def test_documents_are_foreseen_by_format(kind: str, documents: int) -> None:
    assert documents_in([InputFile("web", "a", "in/a", kind, 10**9, "1")]) == documents


def test_no_real_file_holds_more_documents_than_foreseen(real_data: Path) -> None:
    for name, kind, documents in (
        ("c4/c4-train.sample-dev.json.gz", "jsonl-compressed", 504),
        ("github/github_repos-dev-000000000000.parquet", "github-parquet", 653),
        ("web/commoncrawl-2016-50-excerpt.warc.wet.gz", "warc", 25),
        ("extraction/fundus-news-dev.warc.gz", "warc", 71),
    ):
        size = (real_data / name).stat().st_size
        assert documents_in([InputFile("web", name, name, kind, size, "1")]) >= documents

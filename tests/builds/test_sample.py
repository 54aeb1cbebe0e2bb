"""The embedded sample, end to end: the real command line, the real runner, every record."""

import itertools
import json
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from massivetext.document import Origin
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.stage import Stage, own_names
from massivetext.pipelines.stage_list import STAGES
from massivetext.shards.tfds_metadata import shard_name
from massivetext.shards.tfrecord import read_shard
from massivetext.storage.files import list_names
from massivetext.tokenizer.encode import Encoder
from tests.support.reference import (
    BOS,
    EOS,
    SOURCES,
    is_validation,
    largest_remainder,
    reference,
    rules_of,
    surviving,
)

pytestmark = pytest.mark.xdist_group("sample")


def manifest_of(output: Path) -> dict[str, Any]:
    return json.loads((output / "manifest.json").read_text())


def shards_of(output: Path) -> dict[str, list[list[tuple[int, list[int]]]]]:
    stage = manifest_of(output)["stages"]["sequences"]
    found: dict[str, list[list[tuple[int, list[int]]]]] = {}
    for split, facts in stage["splits"].items():
        for number in range(facts["shards"]):
            path = output / "sequences" / shard_name("massivetext", split, number, facts["shards"])
            with path.open("rb") as file:
                records = read_shard(file, stage["sequence_length"], path.name)
                rows = [(source, tokens.tolist()) for source, tokens in records]
            found.setdefault(split, []).append(rows)
    return found


def test_every_shard_is_the_references_token_for_token(sample: Path) -> None:
    assert shards_of(sample) == reference(sample)


def test_every_document_joins_back_to_its_record(sample: Path) -> None:
    inputs = {(file["source"], file["name"]) for file in manifest_of(sample)["inputs"]}
    joined: set[tuple[str, str, int]] = set()
    for path in (sample / "documents").glob("*part-*.parquet"):
        columns = ["id", "source", "file", "position"]
        for row in pq.read_table(path, columns=columns).to_pylist():
            assert (row["source"], row["file"]) in inputs
            place = Origin(row["source"], row["file"])
            assert place.document_id(row["position"]) == row["id"]
            joined.add((row["source"], row["file"], row["position"]))
    totals = manifest_of(sample)["stages"]["documents"]["sources"].values()
    assert len(joined) == sum(total["records"] - total["errors"] for total in totals)


def test_the_planted_truth_is_found(sample: Path) -> None:
    command = [sys.executable, "-m", "massivetext", "check-sample"]
    truth = sample / "input" / "truth.json"
    done = subprocess.run([*command, sample, truth], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("spec", STAGES, ids=lambda spec: spec.name)
def test_every_file_of_a_stage_is_one_that_it_may_clear(sample: Path, spec: StageSpec) -> None:
    stage = Stage(spec.name, str(sample / spec.name), "", spec.names)
    assert own_names(stage) == list_names(stage.folder)


def test_records_are_conserved_in_every_stage(sample: Path) -> None:
    stages = manifest_of(sample)["stages"]
    for name in ("documents", "duplicates", "overlap"):
        for source, total in stages[name]["sources"].items():
            out = total["kept"] + sum(total["dropped"].values()) + total.get("errors", 0)
            assert total["records"] == out, (name, source)
    kept = {name: _kept(stages[name]) for name in ("documents", "duplicates")}
    for before, after in (("documents", "duplicates"), ("duplicates", "overlap")):
        read = {s: total["records"] for s, total in stages[after]["sources"].items()}
        assert read == kept[before]


def _kept(stage: dict[str, Any]) -> dict[str, int]:
    return {source: total["kept"] for source, total in stage["sources"].items()}


def test_stages_hold_for_the_sources_of_the_paper(sample: Path) -> None:
    stages = manifest_of(sample)["stages"]
    rules = {"word_count", "stop_words", "duplicate_lines", "top_2_gram", "rating", "domain"}
    for source, total in stages["documents"]["sources"].items():
        assert source == "web" or not rules & set(total["dropped"]), source
    assert "language" not in stages["documents"]["sources"]["github"]["dropped"]
    for source in ("github", "wikipedia"):
        assert not any(stages["duplicates"]["sources"][source]["dropped"].values())


def test_tokens_are_conserved(sample: Path) -> None:
    for source, account in manifest_of(sample)["stages"]["sequences"]["tokens"].items():
        encoded = account.pop("encoded")
        assert encoded == sum(account.values()), source


def test_the_mixture_is_exact(sample: Path) -> None:
    rules = rules_of(sample)
    quotas = largest_remainder(rules.sequences, list(rules.mixture.values()))
    written = Counter(
        SOURCES[source] for shard in shards_of(sample)["train"] for source, _ in shard
    )
    assert written == dict(zip(rules.mixture, quotas, strict=True))


def test_every_shard_has_the_mixture(sample: Path) -> None:
    shards = shards_of(sample)["train"]
    assert max(map(len, shards)) - min(map(len, shards)) <= 1
    for source in range(len(SOURCES)):
        counts = [sum(s == source for s, _ in shard) for shard in shards]
        assert max(counts) - min(counts) <= 1


def test_whole_documents_decode_to_their_normalized_text(sample: Path) -> None:
    encoder = Encoder.load(sample / "vocabulary" / "vocabulary.model")
    texts = {
        encoder.normalize(row["text"])
        for path in (sample / "tokens").glob("part-*.json")
        for row in surviving(sample, path.stem)
    }
    whole = 0
    for rows in shards_of(sample).values():
        for _, tokens in (row for shard in rows for row in shard):
            for document in _whole_documents(np.array(tokens)):
                assert encoder.decode(document) in texts
                whole += 1
    assert whole > 1_000


def _whole_documents(tokens: Any) -> list[Any]:
    """The tokens between each BOS and the EOS that follows before another BOS."""
    marks = np.flatnonzero((tokens == BOS) | (tokens == EOS))
    pairs = itertools.pairwise(marks.tolist())
    return [tokens[a + 1 : b] for a, b in pairs if tokens[a] == BOS and tokens[b] == EOS]


def test_indentation_survives(sample: Path) -> None:
    encoder = Encoder.load(sample / "vocabulary" / "vocabulary.model")
    text = "def f(x):\n\tif x:\n        return 1\n\n\n    # done  \n"
    assert encoder.decode(encoder.encode(text)) == text


def test_train_and_validation_share_no_document(sample: Path) -> None:
    rules = rules_of(sample)
    assert 0 < rules.validation < Fraction(1, 2)
    train, held = set(), set()
    for path in (sample / "tokens").glob("part-*.json"):
        summary = json.loads(path.read_text())
        rows = surviving(sample, path.stem)
        sides = [r for r in rows if is_validation(r, rules)]
        assert summary["validation_documents"] == len(sides)
        assert summary["documents"] == len(rows) - len(sides)
        for row in rows:
            unit = row["repository"] or row["id"]
            (held if is_validation(row, rules) else train).add(unit)
    assert train
    assert held
    assert not train & held


def test_a_second_build_does_nothing(sample: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (sample / "sequences").iterdir()}
    command = [sys.executable, "-m", "massivetext", "build", "sample.toml"]
    words = ["--output", sample, "--set", f"root={sample}/input"]
    subprocess.run([*command, *words], check=True, capture_output=True)
    assert before == {p: p.stat().st_mtime_ns for p in (sample / "sequences").iterdir()}
    explained = subprocess.run(
        [*command, *words, "--explain"], check=True, capture_output=True, text=True
    )
    assert explained.stdout.count("up to date") == 6

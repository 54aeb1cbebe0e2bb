"""Sequences traced to their documents and derived anew, on builds whose every step is real."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.places import places_of, shard_names
from massivetext.pipelines.audit.rederive import rederive, sample
from massivetext.pipelines.audit.trace import read_record, trace
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.shards.tfrecord import read_shard, write_records
from tests.faults.damage import Small, small_build
from tests.support.commands import one_line, run

pytestmark = pytest.mark.xdist_group("audit")
SHARD = "massivetext-train.tfrecord-00001-of-00002"
EVERY = 10_000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small_build(tmp_path_factory.mktemp("audit"))


def test_every_sequence_is_derived_anew_from_the_raw_inputs(small: Small) -> None:
    checked = list(rederive(open_build(str(small.output)), EVERY))
    assert len(checked) > 200
    assert all(found.equal and not found.gone for found in checked)
    assert {found.source for found in checked} == {"c4", "news"}
    assert {found.shard for found in checked if "validation" in found.shard}


def test_samples_are_drawn_by_hash(small: Small) -> None:
    build = open_build(str(small.output))
    every = sample(build, EVERY, 0)
    assert sample(build, 7, 0) == every[:7]
    assert set(sample(build, EVERY, 1)) == set(every)
    assert sample(build, 7, 1) != every[:7]


def test_places_are_those_that_the_shard_was_dealt(small: Small) -> None:
    """Each record of each shard has the tokens of the row that it is said to come from."""
    build = open_build(str(small.output))
    for name in shard_names(build):
        for record, place in enumerate(places_of(build, name)):
            kind = "validation-" if place.validation else ""
            paths = [f"{kind}{build.parts[part].stem}.tokens" for part in place.parts]
            tokens = [np.fromfile(small.output / "tokens" / path, "<u2") for path in paths]
            begin = place.begin if place.validation else 65 * place.row
            found = np.concatenate(tokens)[begin : begin + 65]
            assert np.array_equal(found, read_record(build, name, record))


def test_spans_tile_the_sequence_and_hold_the_text_of_its_tokens(small: Small) -> None:
    build, encoder = open_build(str(small.output)), load_encoder(str(small.output))
    for record in range(0, 60, 7):
        found = trace(build, SHARD, record)
        assert found.equal
        tokens = read_record(build, SHARD, record)
        edges = [span.tokens for span in found.derived.spans]
        assert [start for start, _ in edges] == [0, *(end for _, end in edges[:-1])]
        assert edges[-1][1] == len(tokens)
        for span in found.derived.spans:
            text = span.document.text.encode()[slice(*span.bytes)].decode()
            said = encoder.decode(tokens[slice(*span.tokens)])
            assert said.lstrip(" ") == encoder.normalize(text).lstrip(" ")
            assert span.crop[0] <= span.bytes[0] <= span.bytes[1] <= span.crop[1]


def test_the_command_shows_them(small: Small) -> None:
    finished = run("trace", small.output, f"{SHARD}:3")
    assert finished.code == 0
    head, *lines = finished.out.decode().splitlines()
    assert head.startswith(f"{SHARD}:3  ")
    shown = json.loads(run("trace", small.output, f"{SHARD}:3", "--json").out)
    assert shown["equal"]
    assert len(shown["documents"]) == len(lines) > 0
    for line, document in zip(lines, shown["documents"], strict=True):
        assert document["id"] in line
        assert document["crop"][0] <= document["bytes"][0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (f"{SHARD}", "expected SHARD:RECORD"),
        (f"{SHARD}:x", "expected SHARD:RECORD"),
        (f"{SHARD}:99999", "records, not number 99999"),
        ("massivetext-train.tfrecord-00002-of-00002:0", "no shard of this build"),
        ("notes.txt:0", "no shard of this build"),
    ],
)
def test_mistakes_are_one_line(small: Small, words: str, message: str) -> None:
    finished = run("trace", small.output, words)
    assert finished.code == 2
    assert message in one_line(finished)


@pytest.fixture
def copy(small: Small, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small.output, tmp_path / "copy"))


def test_a_sequence_that_is_not_its_documents_is_found(small: Small, copy: Path) -> None:
    """Wrong tokens under right checksums, as older versions made of a damaged token file."""
    path = copy / "sequences" / SHARD
    with path.open("rb") as file:
        pairs = list(read_shard(file, 64, SHARD))
    tokens = np.stack([sequence for _, sequence in pairs])
    tokens[5, 60] ^= 1
    with path.open("wb") as file:
        write_records(file, tokens, np.array([source for source, _ in pairs], np.uint8))
    different = [found for found in rederive(open_build(str(copy)), EVERY) if not found.equal]
    assert [(found.shard, found.record) for found in different] == [(SHARD, 5)]
    finished = run("trace", copy, f"{SHARD}:5")
    assert finished.code == 1
    assert b"do not give the sequence" in finished.out


def test_without_the_raw_inputs_documents_stand_for_them(tmp_path: Path) -> None:
    small = small_build(tmp_path)
    (tmp_path / "c4" / "0.jsonl").unlink()
    finished = run("verify", small.output, "--rederive", 60)
    assert finished.code == 0, finished.err
    _, remark, last = finished.out.decode().splitlines()
    assert "derived from documents/ alone: the raw input " in remark
    assert remark.endswith("/c4/0.jsonl is not there")
    assert last == "60 of 60 sequences derived anew are equal"


def test_damage_on_the_way_is_one_line(small: Small, copy: Path) -> None:
    build = open_build(str(copy))
    name = f"{build.parts[places_of(build, SHARD)[0].part].stem}.parquet"
    path = copy / "documents" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 16
    path.write_bytes(data)
    finished = run("trace", copy, f"{SHARD}:0")
    assert finished.code == 1
    assert one_line(finished) == (
        f"massivetext: {path} is damaged (checksum); build with --verify rebuilds it"
    )

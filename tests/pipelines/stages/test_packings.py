"""Whole builds under every packing: accounts, marks, traces; what "max" takes of each source."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from massivetext.config.recipe import load_recipe
from massivetext.mixture.quotas import is_validation
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.rederive import rederive
from massivetext.pipelines.audit.trace import trace
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.shards.folder import read_sequences
from massivetext.tokenizer.vocabulary import BOS, EOS
from massivetext.train.data.dataset import MIXED, open_dataset
from tests.support.commands import one_line, prose, run, stage, write_recipe
from tests.support.reference import surviving

pytestmark = pytest.mark.xdist_group("packings")
PACKINGS = ("paper", "carry", "once")


def write_sources(folder: Path) -> None:
    """Pages in three files, and two books far longer than a crop."""
    (folder / "c4").mkdir()
    for part in range(3):
        lines = [json.dumps({"text": prose(100 * part + n, 1 + n % 9)}) for n in range(30)]
        (folder / "c4" / f"{part}.jsonl").write_text("\n".join(lines))
    (folder / "books").mkdir()
    for number in range(2):
        (folder / "books" / f"{number}.txt").write_text(prose(1_000 + number, 400))


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A build under each packing: of c4 alone, with documents of the validation split."""
    made = {}
    for packing in PACKINGS:
        folder = tmp_path_factory.mktemp(packing)
        write_sources(folder)
        settings = {"packing": f'"{packing}"', "length": 64, "crop_bytes": 2_000}
        limit = {"max_epochs": 2.0}
        recipe = write_recipe(folder / "recipe.toml", {"c4": "c4/*"}, **settings, **limit)
        finished = run("build", recipe, "--output", folder / "out")
        assert finished.code == 0, finished.err
        made[packing] = folder / "out"
    return made


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_account_is_exact_and_max_leaves_no_surplus(
    builds: dict[str, Path], packing: str
) -> None:
    found = stage(builds[packing], "tokens")
    total, account = found["sources"]["c4"], stage(builds[packing], "sequences")["tokens"]["c4"]
    written = len(read_sequences(builds[packing])) * 64
    assert account == {
        "encoded": total["tokens"],
        "written": written,
        "tails": total["tail"],
        "surplus": 0,
    }
    assert total["tokens"] == written + total["tail"]
    assert found["limited_by"] == (None if packing == "once" else "c4")
    if packing != "paper":
        assert total["tail"] <= total["parts"] * 64
        assert total["passes"] == total["bytes"] / bytes_of_train(builds[packing])
    epochs = {"paper": 2, "carry": 2, "once": 1}[packing] * written / total["tokens"]
    assert total["epochs"] == pytest.approx(epochs, abs=0.02)


def bytes_of_train(output: Path) -> int:
    size: int = stage(output, "overlap")["sources"]["c4"]["train_bytes"]
    return size


def test_once_has_every_token_of_every_survivor_in_one_place(builds: dict[str, Path]) -> None:
    """Rebuilt from the tokens alone: documents by their marks, sequences by their borders."""
    encoder = load_encoder(str(builds["once"]))
    rest: list[list[int]] = []
    for path in sorted((builds["once"] / "tokens").glob("part-*.tokens")):
        rows = np.fromfile(path, "<u2").reshape(-1, 65)
        stream = [*rows[:, :-1].ravel().tolist(), int(rows[-1, -1])]
        starts = [n for n, token in enumerate(stream) if token == BOS]
        whole = [stream[a:b] for a, b in pairwise(starts)]
        assert starts[0] == 0
        assert all(document[-1] == EOS for document in whole)
        rest += [*whole, stream[starts[-1] :]]
    output = builds["once"]
    every = [row["text"] for stem in stems(output) for row in train(output, stem)]
    expected = sorted([BOS, *encoder.encode(text).tolist(), EOS] for text in every)
    rest.sort()
    cut = [tokens for tokens in rest if tokens not in expected]
    assert len(cut) <= len(stems(builds["once"]))  # the last of a part is cut by the tail
    assert all(any(full[: len(tokens)] == tokens for full in expected) for tokens in cut)
    shards = sorted(found.tokens.tolist() for found in read_sequences(builds["once"]))
    files = (builds["once"] / "tokens").glob("part-*.tokens")
    assert shards == sorted(
        row.tolist() for path in files for row in np.fromfile(path, "<u2").reshape(-1, 65)
    )


def stems(output: Path) -> list[str]:
    return sorted(path.stem for path in (output / "tokens").glob("part-*.json"))


def train(output: Path, stem: str) -> list[dict[str, Any]]:
    return [row for row in surviving(output, stem) if not is_validation(0, row["id"], 0.2)]


@pytest.mark.parametrize("packing", PACKINGS)
def test_every_sequence_is_traced_and_derived_anew(builds: dict[str, Path], packing: str) -> None:
    build = open_build(str(builds[packing]))
    checked = list(rederive(build, 10_000))
    assert len(checked) > 50
    assert all(found.equal and not found.gone for found in checked)
    found = trace(build, "massivetext-train.tfrecord-00001-of-00002", 3)
    assert found.equal
    assert found.derived.spans[-1].tokens[1] == 65


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_trainer_reads_what_read_sequences_reads(builds: dict[str, Path], packing: str) -> None:
    """Both splits, and where documents begin for its prompts and its mask."""
    # Not at the top: what train/ computes is imported by its own tests first, with checks.
    from massivetext.train.inference.held_out import find_openings

    dataset = open_dataset(str(builds[packing]))
    splits = (("train", dataset.train[MIXED]), ("validation_c4", dataset.validation["c4"]))
    for split, records in splits:
        expected = [found.tokens for found in read_sequences(builds[packing], split)]
        assert len(expected) > 10
        assert np.array_equal(records.read(np.arange(len(records))), np.stack(expected))
    assert find_openings(dataset, 8, 1)


def test_the_scarcest_source_is_read_whole_and_named(tmp_path: Path) -> None:
    write_sources(tmp_path)
    settings = {"packing": '"carry"', "length": 64, "crop_bytes": 2_000, "max_epochs": 1.0}
    files = {"books": "books/*", "c4": "c4/*"}
    recipe = write_recipe(tmp_path / "recipe.toml", files, **settings, validation_fraction=0.0)
    weights = ("--set", "mixture={books=0.9,c4=0.1}")
    finished = run("build", recipe, "--output", tmp_path / "out", *weights)
    assert finished.code == 0, finished.err
    found = stage(tmp_path / "out", "tokens")
    books, c4 = found["sources"]["books"], found["sources"]["c4"]
    assert found["limited_by"] == "books"
    assert (books["passes"], books["sequences"]) == (1.0, books["quota"])
    assert 0.9 < books["epochs"] <= 1
    assert 0 < c4["epochs"] < 0.5
    said = f"Limited by books, used {books['epochs']:.2f} times; c4 used {c4['epochs']:.2f} times"
    assert said in finished.out.decode()
    mixture = stage(tmp_path / "out", "sequences")["sequences"]["train"]
    assert mixture == {"books": books["quota"], "c4": c4["quota"]}


def test_once_takes_no_number_of_tokens() -> None:
    once = ("--set", 'sequences.packing="once"')
    finished = run("build", "sample.toml", "--output", "out/none", *once)
    assert finished.code == 2
    assert 'set sequences.tokens = "max"' in one_line(finished)


def test_the_shipped_recipes_pack_as_they_say() -> None:
    assert load_recipe("massivetext.toml").sequences.packing == "paper"
    assert load_recipe("sample.toml").sequences.packing == "paper"
    minimal = load_recipe("minimal.toml").sequences
    assert (minimal.packing, minimal.tokens, minimal.max_epochs) == ("carry", "max", 1.0)
    assert (minimal.shards, minimal.validation_fraction) == ("auto", "auto")


REAL = {"c4": ("c4/*.json.gz", 0.01), "books": ("books/*.txt", 0.02)}


@pytest.mark.heavy
@pytest.mark.parametrize("source", REAL)
@pytest.mark.parametrize("packing", ["carry", "once"])
def test_little_of_real_text_is_lost(
    real_data: Path, tmp_path: Path, source: str, packing: str
) -> None:
    """Of a file of C4 at most 1 %, of 15 novels 2 %; and the whole text is there."""
    pattern, most = REAL[source]
    settings = {"length": 2_048, "packing": f'"{packing}"', "max_epochs": 1.0}
    files = {source: f"{real_data.resolve()}/{pattern}"}
    recipe = write_recipe(tmp_path / "r.toml", files, **settings, validation_fraction=0.0)
    words = ("--set", "vocabulary.size=8000", "--set", "vocabulary.sample_bytes=20000000")
    batch = ("--set", "parts.batch_bytes=64000000")
    finished = run("build", recipe, "--output", tmp_path / "out", *words, *batch)
    assert finished.code == 0, finished.err
    account = stage(tmp_path / "out", "sequences")["tokens"][source]
    total = stage(tmp_path / "out", "tokens")["sources"][source]
    left = stage(tmp_path / "out", "overlap")["sources"][source]
    assert total["bytes"] == left["train_bytes"]
    assert account["surplus"] == 0
    assert account["tails"] == account["encoded"] - account["written"] <= most * account["encoded"]

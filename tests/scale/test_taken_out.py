"""One document in a hundred of all real data is taken out, by each key: nothing of it is left."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from massivetext.dedup.signature import shingle_hashes
from massivetext.pipelines.audit.derive import derive_pieces, token_plan
from massivetext.pipelines.audit.documents import stored_documents
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.places import places_of, shard_names
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.storage.json_files import require_json
from massivetext.tokenizer.tokenizer import Tokenizer
from tests.support.commands import check_conserved, model_path, run
from tests.support.outputs import sequences_of

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
COLUMNS = {"ids": "id", "urls": "url", "hosts": "host", "repositories": "repository"}
CROPS = 10  # of a group


@pytest.fixture(scope="module")
def built(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of tests/real.toml."""
    os.environ["MASSIVETEXT_REAL_DATA"] = str(real_data)
    model_path()
    output = tmp_path_factory.mktemp("real") / "out"
    finished = run("build", ROOT / "tests/real.toml", "--output", output, "--workers", 2)
    assert finished.code == 0, finished.err
    return output


@pytest.fixture(scope="module", params=COLUMNS)
def taken(built: Path, request, tmp_path_factory) -> Iterator[tuple[Path, list[dict], dict]]:
    """The build without a hundredth of its documents, their rows before, and what was told."""
    by = request.param
    names, gone = chosen(rows_of(built), COLUMNS[by])
    folder = tmp_path_factory.mktemp(by)
    shutil.copytree(built, folder / "out")
    (folder / "list.txt").write_text("".join(f"{name}\n" for name in names))
    finished = run("take-out", folder / "out", f"--{by}", folder / "list.txt", "--workers", 2)
    assert finished.code == 0, finished.err
    (about,) = require_json(str(folder / "out" / "manifest.json"))["taken_out"]
    assert about["documents"] == len(gone)
    print(f"\n{by}: {len(names)} names,", {k: v for k, v in about.items() if k != "shards"})
    yield folder / "out", gone, about
    shutil.rmtree(folder)


def rows_of(output: Path) -> list[dict]:
    """All documents, those that stage 1 dropped too."""
    columns = ["id", "source", "url", "host", "repository", "text"]
    return [
        row | {"kept": path.name.startswith("part-")}
        for path in sorted((output / "documents").glob("*part-*.parquet"))
        for row in pq.read_table(path, columns=columns).to_pylist()
    ]


def chosen(rows: list[dict], column: str) -> tuple[list[str], list[dict]]:
    """Names of about a hundredth of the documents that have one, and the documents they name."""
    known = [row for row in rows if row[column]]
    sizes = Counter(row[column] for row in known)
    kept = {row[column] for row in known if row["kept"]}
    names: list[str] = []
    wanted = -(-len(known) // 100)
    for name in sorted(kept, key=lambda name: name[::-1]):  # as good as at random
        if sum(sizes[n] for n in names) < wanted and sizes[name] <= wanted:
            names.append(name)
    if column != "host":
        return names, [row for row in known if row[column] in names]
    below = tuple(f".{name}" for name in names)
    return names, [row for row in known if f".{row[column]}".endswith(below)]


def test_no_gram_of_theirs_alone_is_left(taken) -> None:
    output, gone, _ = taken
    left = [row for row in rows_of(output) if row["text"]]
    assert not {row["id"] for row in gone} & {row["id"] for row in left}
    there = np.unique(np.concatenate([shingle_hashes(row["text"]) for row in left]))
    held = np.unique(np.concatenate([shingle_hashes(row["text"]) for row in gone if row["text"]]))
    held = held[~np.isin(held, there)]
    assert len(held) > 100
    tokenizer = Tokenizer(str(output / "vocabulary"))
    for name, found in sequences_of(output).items():
        texts = (tokenizer.decode(tokens.tolist()) for tokens in found)
        written = np.concatenate([np.empty(0, np.uint64), *map(shingle_hashes, texts)])
        assert not np.isin(written, held).any(), name


def test_the_shards_named_are_those_that_changed(built: Path, taken) -> None:
    output, _, about = taken
    names = {path.name for side in (built, output) for path in (side / "sequences").glob("*.tf*")}

    def data(folder: Path, name: str) -> bytes:
        path = folder / "sequences" / name
        return path.read_bytes() if path.exists() else b""

    changed = {name for name in names if data(built, name) != data(output, name)}
    assert changed <= set(about["shards"])
    assert {name for name in about["shards"] if "-train" in name} <= changed


def test_only_groups_that_held_them_have_other_sequences(built: Path, taken) -> None:
    """Of training: each sequence that changed or went was in a group of crops with one of them."""
    output, gone, _ = taken
    before, after = sequences_of(built), sequences_of(output)
    old, new = open_build(str(built)), open_build(str(output))
    lost = []
    for name in (name for name in shard_names(old) if "-train" in name):
        now = dict(zip(places_of(new, name), after[name], strict=True))
        for place, tokens in zip(places_of(old, name), before[name], strict=True):
            if place not in now or not np.array_equal(now[place], tokens):
                lost.append(place)
        order = [place for place in places_of(old, name) if place in now]
        assert order == list(now)
    assert len(lost) < sum(map(len, before.values()))
    names = {row["id"] for row in gone}
    for documents in groups_of(built, lost):
        assert names & documents


def groups_of(output: Path, places: list) -> Iterator[set[str]]:
    """Yields the ids of the documents in the group of crops of each sequence."""
    build = open_build(str(output))
    encoder = load_encoder(build.output)
    for part in (p for p in build.parts if p.number in {place.part for place in places}):
        plan = token_plan(build, part.stem, validation=False)
        documents = [d for d in stored_documents(build, part) if not d.validation]
        pieces = derive_pieces(documents, encoder, plan)
        of_row: list[set[str]] = []
        for start in range(0, len(pieces), CROPS):
            group = pieces[start : start + CROPS]
            count = max(0, sum(len(piece.tokens) for piece in group) - 1) // plan.length
            of_row += [{piece.document.id for piece in group}] * count
        yield from (of_row[place.row] for place in places if place.part == part.number)


def test_account_and_checksums_hold(taken) -> None:
    output, _, _ = taken
    verified = run("verify", output, "--rederive", "50")
    assert verified.code == 0, verified.out
    check_conserved(output)


def test_similar_finds_none_of_them(taken, tmp_path: Path) -> None:
    output, gone, _ = taken
    names = {row["id"] for row in gone}
    for row in (row for row in gone if row["kept"] and row["text"]):
        (tmp_path / "text.txt").write_text(row["text"])
        found = run("similar", tmp_path / "text.txt", output, "--json")
        assert found.code == 0, found.err
        assert not names & {line["id"] for line in found.lines()}

"""Similar documents: those of datasketch's LSH over our signatures, by exact Jaccard."""

import os
import random
import threading
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from massivetext.dedup.signature import Signature, shingle_words, sign, to_lean
from massivetext.finished.build import open_build
from massivetext.similar.index import FOLDER, make_index, open_index, text_keys
from massivetext.similar.search import find_similar
from tests.support.commands import one_line, prose, run, write_recipe


def changed(text: str, share: float, rng: random.Random) -> str:
    words = text.split(" ")
    for place in rng.sample(range(len(words)), round(share * len(words))):
        words[place] = f"other{rng.randrange(10**6)}"
    return " ".join(words)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import json

    folder, rng = tmp_path_factory.mktemp("similar"), random.Random(2)
    texts = [prose(n, 20) for n in range(40)]
    texts += [changed(prose(n, 20), share, rng) for n in range(6) for share in (0.002, 0.01, 0.03)]
    (folder / "c4").mkdir()
    for part in range(3):
        lines = [json.dumps({"text": text}) for text in texts[part::3]]
        (folder / "c4" / f"{part}.jsonl").write_text("\n".join(lines) + "\n")
    recipe = write_recipe(folder / "r.toml", {"c4": "c4/*"}, tokens='"max"', length=32)
    assert run("build", recipe, "--output", folder / "out").code == 0
    return folder / "out"


def sets(text: str) -> set[tuple[str, ...]]:
    words = shingle_words(text)
    return {tuple(words[i : i + 13]) for i in range(max(1, len(words) - 12))}


def rows(output: Path) -> list[dict]:
    return [
        row
        for path in sorted((output / "documents").glob("part-*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def test_the_nearest_are_found_with_their_exact_jaccard(output: Path) -> None:
    build, every = open_build(str(output)), rows(output)
    make_index(build)
    for number in range(6):
        text = prose(number, 20)
        found = find_similar(build, text, 50)
        truth = {row["id"]: len(sets(text) & sets(row["text"])) for row in every}
        union = {row["id"]: len(sets(text) | sets(row["text"])) for row in every}
        assert found[0].jaccard == 1.0
        for near in found:
            assert near.jaccard == truth[near.id] / union[near.id] > 0
        high = {name for name in truth if truth[name] > 0.7 * union[name]}
        assert high <= {near.id for near in found}
        assert [near.jaccard for near in found] == sorted((n.jaccard for n in found), reverse=True)
        assert {near.fate for near in found} <= {"kept", "duplicates", "overlap"}
    dropped = run("show", output, "--reason", "near", "-n", "1", "--json").lines()
    (fate,) = (n.fate for n in find_similar(build, dropped[0]["text"], 50) if n.jaccard == 1)
    assert fate == "duplicates"


def test_candidates_are_those_of_datasketch(output: Path) -> None:
    datasketch = pytest.importorskip("datasketch")
    build, every = open_build(str(output)), rows(output)
    make_index(build)
    theirs = datasketch.MinHashLSH(num_perm=128, params=(21, 6))
    for row in every:
        theirs.insert(row["id"], to_lean(Signature(row["content_hash"], row["signature"])))
    for number in range(8):
        signature = sign(prose(number, 20))
        keys = text_keys(signature.minhash)
        ours = {
            pq.read_table(output / "documents" / f"{part.stem}.parquet")["id"][row].as_py()
            for part, index in open_index(build)
            for row in index.rows_of(keys).tolist()
        }
        assert ours == set(theirs.query(to_lean(signature)))


def test_an_index_is_made_once_and_again_where_documents_changed(output: Path) -> None:
    build = open_build(str(output))
    make_index(build)
    before = {path.name: path.stat().st_mtime_ns for path in (output / FOLDER).iterdir()}
    assert make_index(build) == 0
    assert {p.name: p.stat().st_mtime_ns for p in (output / FOLDER).iterdir()} == before
    (one, *_) = sorted((output / FOLDER).glob("*.lsh"))
    data = one.read_bytes()
    one.write_bytes(data[:-8])
    assert make_index(build) == 1
    assert one.read_bytes() == data
    keys = np.frombuffer(data, "<u4")[: len(data) // 8]
    assert (np.diff(keys.astype(np.int64)) >= 0).all()
    assert run("verify", output).code == 0  # its files are nobody's concern


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"bands": [21, 6], "parts": 5}'])
def test_a_damaged_index_is_made_anew(output: Path, damage: bytes) -> None:
    build = open_build(str(output))
    make_index(build)
    facts = output / FOLDER / "index.json"
    before = facts.read_bytes()
    facts.write_bytes(damage)
    assert make_index(build) == len(build.parts)
    assert facts.read_bytes() == before


def test_a_text_may_come_from_a_pipe(output: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(prose(3, 20),))
    writer.start()
    assert run("similar", tmp_path / "pipe", output).out.startswith(b"1.000  ")
    writer.join()


def test_the_command(output: Path, tmp_path: Path) -> None:
    text = tmp_path / "page.txt"
    text.write_text(prose(3, 20))
    found = run("similar", text, output, "-n", "2", "--json")
    assert found.code == 0, found.err
    lines = found.lines()
    assert lines[0]["jaccard"] == 1.0
    assert len(lines) == 2
    assert run("similar", text, output).out.splitlines()[0].startswith(b"1.000  ")
    text.write_text("nothing like it in this corpus at all, whatever the words are that one asks")
    nothing = run("similar", text, output)
    assert (nothing.code, nothing.out) == (0, b"")
    text.write_text("too short")
    assert run("similar", text, output).out == b""


def test_mistakes_are_one_line(output: Path, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes(b"\xff\xfe")
    assert "no such file" in one_line(run("similar", tmp_path / "none.txt", output))
    assert "not UTF-8" in one_line(run("similar", tmp_path / "page.txt", output))
    assert "no build in" in one_line(run("similar", tmp_path / "page.txt", tmp_path))
    assert "is a directory" in one_line(run("similar", tmp_path, output))
    file = tmp_path / "page.txt"
    assert "name the --output of a build" in one_line(run("similar", file, file))

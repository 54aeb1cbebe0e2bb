"""The commands on single files: filter, extract, dedup, tokenize."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.commands.bad_input_files import BOOKS, C4, WEB, WIKIPEDIA, Bad, code, page, parquet
from tests.massivetext.readers.warc.warc_files import members
from tests.support.commands import json_lines, model_path, one_line, prose, run, write_recipe

pytestmark = pytest.mark.xdist_group("cli")
CLI = [sys.executable, "-m", "massivetext"]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_bytes(json_lines(1, 2, 3))
    return write_recipe(tmp_path / "recipe.toml", {"c4": "a.jsonl"})


def rows(*numbers: int, **more: object) -> bytes:
    return b"".join(
        json.dumps({"id": f"n{n}", "text": prose(n), "url": f"http://{n}.example/"} | more).encode()
        + b"\n"
        for n in numbers
    )


def as_parquet(data: bytes) -> bytes:
    return parquet([json.loads(line)["text"] for line in data.splitlines()])


STORED = {
    "a.jsonl": lambda data: data,
    "a.json": lambda data: data,
    "a.jsonl.gz": gzip.compress,
    "a.jsonl.zst": zstandard.ZstdCompressor().compress,
    "a.parquet": as_parquet,
    "a.warc": lambda _: page(1) + page(2),
    "a.warc.gz": lambda _: members([page(1), page(2)]),
}


@pytest.mark.parametrize("name", STORED)
def test_filter_reads_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(STORED[name](rows(1, 2)))
    finished = run("filter", path, "--language-model", model_path())
    assert finished.code == 0, finished.err
    lines = finished.lines()
    assert [line["reason"] for line in lines] == [None, None]
    assert all(line["measures"]["words"] > 200 for line in lines)
    if "json" in name:
        assert [line["id"] for line in lines] == ["n1", "n2"]


def test_filter_writes_every_document_its_reason_and_measures(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    short = {"id": "short", "text": "Too short to keep."}
    path.write_bytes(rows(1) + json.dumps(short).encode() + b"\n{bad\n" + rows(2))
    words = ("filter", path, "--language-model", model_path())
    assert run(*words, "-o", out).code == 0
    assert out.read_bytes() == run(*words).out
    lines = [json.loads(line) for line in out.read_bytes().splitlines()]
    reasons = [line["reason"] for line in lines]
    assert reasons[0] is None
    assert reasons[1] in ("word_count", "language")
    assert reasons[2:] == ["broken", None]
    assert lines[2]["path"] == "a.jsonl"
    assert lines[2]["position"] > 0


def test_filter_by_rules_and_source(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    again = {"id": "again", "text": prose(1, 4) * 20}
    path.write_bytes(json.dumps(again).encode() + b"\n" + rows(3) + b'{"id": "s", "text": "ab"}\n')

    def reasons(*words: str) -> list[str | None]:
        finished = run("filter", path, *words, "--language-model", model_path())
        assert finished.code == 0, finished.err
        return [line["reason"] for line in finished.lines()]

    assert reasons("--rules", "quality") == [None, None, "word_count"]
    assert reasons("--rules", "repetition")[:2] == ["duplicate_lines", None]
    assert reasons("--rules", "quality,repetition")[2] == "word_count"
    assert reasons("--source", "books", "--rules", "") == [None, None, None]
    assert reasons("--source", "github") == [None, None, None]
    wrong = run("filter", path, "--rules", "qualitee")
    assert wrong.code == 2
    assert "'qualitee' is not one of language, safety" in one_line(wrong)


def test_an_output_is_there_only_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_bytes(rows(1, 2))
    out.write_bytes(b"of before")

    def interrupted(*_: object) -> None:
        assert (tmp_path / "out.jsonl.part").exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("massivetext.filters.cli._judge_record", interrupted)
        stopped = run("filter", path, "-o", out, "--language-model", model_path())
    assert (stopped.code, one_line(stopped)) == (1, "massivetext: stopped; nothing was saved")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "out.jsonl"]
    assert out.read_bytes() == b"of before"
    finished = run("filter", path, "-o", out, "--language-model", model_path())
    assert (finished.code, finished.err) == (0, "2 records: 2 kept\n")
    assert len(out.read_bytes().splitlines()) == 2


def test_a_folder_is_no_input(tmp_path: Path) -> None:
    finished = run("dedup", tmp_path)
    assert finished.code == 2
    assert "is a folder: name the files in it" in one_line(finished)


BAD: dict[str, Bad] = {
    name: bad
    for files in (C4, WEB, BOOKS, WIKIPEDIA)
    for name, bad in files.items()
    if "bomb" not in name and "long" not in name
}


def test_filter_accounts_for_every_record_of_every_bad_file(tmp_path: Path) -> None:
    for name, bad in BAD.items():
        path = tmp_path / name
        path.write_bytes(bad.make())
        finished = run("filter", path, "--rules", "")
        only_broken = bad.errors and not bad.kept and not sum(bad.dropped.values())
        assert finished.code == (2 if only_broken else 0), (name, finished.err)
        found = Counter("kept" if r is None else r for r in _reasons(finished.lines()))
        expected = Counter({"kept": bad.kept, "broken": bad.errors} | bad.dropped)
        assert +found == +expected, name


def _reasons(lines: list[dict[str, Any]]) -> list[str | None]:
    return [line["reason"] for line in lines]


@pytest.mark.parametrize("command", ["extract", "dedup"])
def test_bad_files_cost_their_records_alone(tmp_path: Path, command: str) -> None:
    path = tmp_path / "damaged.warc.gz"
    path.write_bytes(WEB["damaged.warc.gz"].make())
    finished = run(command, path)
    assert finished.code == 0
    assert "1 records could not be read, 0 hold no document" in finished.err
    assert "Traceback" not in finished.err
    assert len(finished.lines()) == {"extract": 4, "dedup": 0}[command]


def test_extract_writes_text_and_signals(tmp_path: Path) -> None:
    head = b"<meta name=rating content=adult><meta name=robots content=noai>"
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members([page(1), page(2, head), page(3)]))
    lines = run("extract", path).lines()
    assert [line["url"] for line in lines] == [f"http://{n}.example/" for n in (1, 2, 3)]
    assert [line["rating"] for line in lines] == ["", "adult", ""]
    assert lines[0]["text"].split() == prose(1).split()
    assert [line["robots"] for line in lines] == [[], ["noai"], []]
    keys = {"id", "url", "text", "title", "timestamp", "rating", "language", "status"}
    assert set(lines[0]) == keys | {"robots", "tdm_reservation", "tdm_policy", "content_usage"}


def test_dedup_names_twins_of_several_files(tmp_path: Path) -> None:
    """Files of one name in two folders are told apart; near copies have their Jaccard."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.jsonl").write_bytes(json_lines(1, 2))
    near = prose(3, 40)
    other = near.replace("The", "Some", 1)
    (tmp_path / "c.jsonl").write_bytes(
        b"".join(json.dumps({"id": i, "text": t}).encode() + b"\n" for i, t in
                 (("x", near), ("y", other), ("z", prose(4))))
    )  # fmt: skip
    files = (tmp_path / "a/same.jsonl", tmp_path / "b/same.jsonl", tmp_path / "c.jsonl")
    lines = run("dedup", *files).lines()
    assert Counter(line["kind"] for line in lines) == {"exact": 2, "near": 1}
    assert all(line["id"] != line["twin"] for line in lines)
    (found,) = (line for line in lines if line["kind"] == "near")
    assert {found["id"], found["twin"]} == {"x", "y"}
    assert 0.8 < found["jaccard"] < 1
    assert run("dedup", *files).err.splitlines() == [
        "7 documents; 0 records could not be read, 0 hold no document",
        "to remove: 2 exact copies, 1 near ones",
    ]
    twice = run("dedup", files[0], files[0])
    assert twice.code == 2
    assert "named twice" in one_line(twice)


def test_a_list_of_ids_that_others_have_too_is_warned_of(tmp_path: Path) -> None:
    rows = [("a", "one text"), ("a", "one text"), ("b", "another"), ("b", "a third")]
    lines = [json.dumps({"id": name, "text": text}) for name, text in rows]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines) + "\n")
    found = run("dedup", tmp_path / "rows.jsonl")
    assert len(found.lines()) == 1
    assert "also those of 1 that stay" in found.err
    kept = run("dedup", tmp_path / "rows.jsonl", "--kept", "-")
    assert len(kept.lines()) == 3
    assert "also those of" not in kept.err
    (tmp_path / "rows.jsonl").write_text("\n".join(lines[1:]) + "\n")
    assert "also those of" not in run("dedup", tmp_path / "rows.jsonl").err


def test_tokenize_gives_ids_with_a_vocabulary_of_a_build(recipe: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    (tmp_path / "a.jsonl").write_bytes(json_lines(*range(20)))
    assert run("build", recipe, "--output", output, "--set", "sequences.tokens=3_200").code == 0
    for vocabulary in (output, output / "vocabulary", output / "vocabulary/vocabulary.model"):
        finished = run("tokenize", tmp_path / "a.jsonl", "--vocabulary", vocabulary)
        assert finished.code == 0, finished.err
        lines = finished.lines()
        assert len(lines) == 20
        assert all((line["tokens"][0], line["tokens"][-1]) == (1, 2) for line in lines)
    bare = run("tokenize", tmp_path / "a.jsonl", "--vocabulary", output, "--bare").lines()
    assert [line["tokens"] for line in bare] == [line["tokens"][1:-1] for line in lines]
    for wrong in (recipe, tmp_path / "nope"):
        finished = run("tokenize", tmp_path / "a.jsonl", "--vocabulary", wrong)
        assert finished.code == 2
        one_line(finished)


def test_rows_have_keys_of_their_own(tmp_path: Path) -> None:
    """Also below another key; all else is as for the usual names."""
    usual, own = tmp_path / "usual.jsonl", tmp_path / "own.jsonl"
    texts = [prose(n) for n in (1, 2, 1)]
    usual.write_bytes(b"".join(_row(id=f"k{n}", text=t) for n, t in enumerate(texts)))
    own.write_bytes(b"".join(_row(key=f"k{n}", data={"body": t}) for n, t in enumerate(texts)))
    keys = ("--text-key", "data.body", "--id-key", "key")
    vocabulary = ("--vocabulary", _vocabulary(tmp_path))
    for command, more in (("dedup", ()), ("tokenize", vocabulary)):
        found = run(command, own, *keys, *more)
        assert (found.code, found.out) == (0, run(command, usual, *more).out)
        assert found.out.count(b"\n") == {"dedup": 1, "tokenize": 3}[command]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "none of 12 records can be read; the first: own.jsonl at 0: no key 'text'; the row"),
        (("--text-key", "body", "--id-key", "name"), "the first: own.jsonl at 0: no key 'name'"),
    ],
)
def test_a_key_that_no_row_has_is_a_mistake(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    """No list of nothing is written; ten rows are named."""
    own, out = tmp_path / "own.jsonl", tmp_path / "out.jsonl"
    own.write_bytes(b"".join(_row(key=f"k{n}", body=prose(n)) for n in range(12)))
    finished = run("dedup", own, "-o", out, *words)
    *rows, last = finished.err.splitlines()
    assert (finished.code, len(rows), out.exists()) == (2, 10, False)
    assert told in last
    assert last.endswith("; --text-key names the key of the text")


def test_a_row_without_the_id_that_is_named_is_broken(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_bytes(_row(key="k", text=prose(1)) + _row(text=prose(1)) + _row(key=3, text=prose(1)))
    finished = run("dedup", own, "--id-key", "key")
    assert finished.err.splitlines()[-2:] == [
        "2 documents; 1 records could not be read, 0 hold no document",
        "to remove: 1 exact copies, 0 near ones",
    ]


def _row(**values: object) -> bytes:
    return json.dumps(values).encode() + b"\n"


@pytest.mark.parametrize("command", ["filter", "extract", "dedup", "tokenize"])
def test_wrong_inputs_cost_one_line_and_no_output(
    tmp_path: Path, recipe: Path, command: str
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    more = {
        "filter": ("--rules", "quality"),
        "tokenize": ("--vocabulary", _vocabulary(tmp_path)),
    }.get(command, ())
    for name, message in (
        ("nope.jsonl", "no file"),
        ("recipe.toml", "its name tells no format"),
        ("", "is a folder: name the files in it"),
    ):
        finished = run(command, tmp_path / name, "-o", out, *more)
        assert finished.code == 2
        assert message in one_line(finished)
    over = run(command, out, "-o", out, *more)
    assert over.code == 2
    assert "is an input too" in one_line(over)
    assert out.read_text() == "precious"
    nowhere = run(command, tmp_path / "a.jsonl", "-o", tmp_path / "no" / "out.jsonl", *more)
    assert nowhere.code == 2
    assert "cannot write" in one_line(nowhere)


def _vocabulary(folder: Path) -> Path:
    from massivetext.config.recipe import Vocabulary
    from massivetext.tokenizer.vocabulary import train_vocabulary

    path = folder / "small.model"
    if not path.exists():
        texts = (prose(n) for n in range(20))
        path.write_bytes(train_vocabulary(texts, Vocabulary(420, "keep", "nfkc")))
    return path


@pytest.mark.parametrize(
    ("name", "expand"),
    [
        ("o.jsonl.gz", gzip.decompress),
        ("o.jsonl.zst", lambda data: zstandard.ZstdDecompressor().stream_reader(data).read()),
    ],
)
def test_outputs_are_compressed_by_their_name(tmp_path: Path, name: str, expand: Any) -> None:
    (tmp_path / "a.jsonl").write_bytes(rows(1, 2))
    words = ("filter", tmp_path / "a.jsonl", "--rules", "quality")
    assert run(*words, "-o", tmp_path / name).code == 0
    assert expand((tmp_path / name).read_bytes()) == run(*words).out


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, unbuffered: str) -> None:
    """As in `massivetext filter … | head -1`, for much output and for little."""
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}  # empty: as most users have it
    for count in (400, 3):
        (tmp_path / "a.jsonl").write_bytes(rows(*range(count)))
        words = [*CLI, "filter", tmp_path / "a.jsonl", "--rules", "quality"]
        pipe = subprocess.PIPE
        with subprocess.Popen(words, stdout=pipe, stderr=pipe, env=environment) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            if count > 3:
                assert json.loads(process.stdout.readline())["reason"] is None
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait() == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "command",
    [("filter", "--rules", "quality"), ("dedup",), ("explain", "--rules", "quality"), ("extract",)],
    ids=lambda words: words[0],
)
def test_a_full_standard_output_is_said_in_one_line(
    tmp_path: Path, command: tuple[str, ...], unbuffered: str
) -> None:
    path = tmp_path / "a.jsonl"
    numbers = (1, 1) if command == ("dedup",) else (1,)  # without copies it writes nothing
    path.write_bytes(rows(*numbers))
    words = [*CLI, command[0], path, *command[1:]]
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    *said, last = done.stderr.splitlines()
    assert (done.returncode, last) == (1, "massivetext: No space left on device")
    read = f"{len(numbers)} documents; 0 records could not be read, 0 hold no document"
    assert said in ([], [read])


def test_code_is_read_as_documents_by_the_build_alone(tmp_path: Path) -> None:
    """The single-file commands want `text`: a line without it is broken, and says so."""
    (tmp_path / "a.json").write_bytes(code(1))
    done = run("filter", tmp_path / "a.json", "--rules", "")
    (line,) = done.lines()
    said = "no key 'text'; the row has repo_name, path, license, size, content"
    assert (line["reason"], line["error"]) == ("broken", said)
    told = f"1 records: 1 broken\nthe first that is broken: a.json at 0: {said}\n"
    none = f"massivetext: none of 1 records can be read; the first: a.json at 0: {said}\n"
    assert (done.code, done.err) == (2, told + none)
    named = ("--rules", "", "--set", "sources.web.text_key=content")
    assert run("filter", tmp_path / "a.json", *named).err == "1 records: 1 kept\n"

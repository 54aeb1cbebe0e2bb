"""Rows that `filter` and `dedup` write: kept and dropped, as they were read; standard input."""

import bz2
import contextlib
import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.commands.bad_input_files import page
from tests.massivetext.readers.warc.warc_files import members
from tests.support.commands import Finished, json_lines, one_line, prose, run

pytestmark = pytest.mark.xdist_group("cli")
QUALITY = ("--rules", "quality")


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@contextlib.contextmanager
def piped(data: bytes) -> Iterator[None]:
    """Standard input as a pipe: it cannot go back."""

    class Pipe(io.BytesIO):
        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BufferedReader(Pipe(data)))  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.stdin = before


def run_piped(data: bytes, *words: object) -> Finished:
    with piped(data):
        return run(*words)


ROWS: list[dict[str, Any]] = [
    {"id": 17, "text": prose(1), "metadata": {"url": "http://a.example/", "tags": ["x", None]}},
    {"text": "Too short.", "id": "s", "score": 0.25, "reason": "of before"},
    {"text": prose(2), "licence": "ä€😀", "big": 2**63},
    {"text": None, "id": "none"},
    {"text": " \n", "id": "blank"},
]


def test_filter_writes_rows_as_they_were_read(tmp_path: Path) -> None:
    path, kept, dropped = (tmp_path / name for name in ("a.jsonl", "kept.jsonl", "dropped.jsonl"))
    verdicts = tmp_path / "verdicts.jsonl"
    path.write_bytes(lines(*ROWS[:2]) + b"{bad\n" + lines(*ROWS[2:]))
    before = path.read_bytes()
    plain = run("filter", path, *QUALITY)
    words = ("--kept", kept, "--dropped", dropped, "--verdicts", verdicts)
    finished = run("filter", path, *QUALITY, *words)
    assert (finished.code, finished.out, finished.err) == (0, b"", plain.err)
    assert verdicts.read_bytes() == plain.out
    made = plain.lines()[3]["id"]
    assert read(kept) == [ROWS[0], {**ROWS[2], "id": made}]
    assert list(read(kept)[0]) == list(ROWS[0])
    short, bad, none, blank = read(dropped)
    assert short == {**ROWS[1], "reason": "word_count", "reasons": plain.lines()[1]["reasons"]}
    assert bad == {key: plain.lines()[2][key] for key in ("reason", "error", "path", "position")}
    assert none == {**ROWS[3], "reason": "empty", "reasons": ["empty"]}
    assert blank == {**ROWS[4], "reason": "empty", "reasons": ["empty"]}
    assert path.read_bytes() == before
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".jsonl"] * 4


def test_kept_and_dropped_are_all_rows_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table(
        {
            "doc": [{"body": text.encode(), "n": n} for n, text in enumerate((prose(1), "No."))],
            "tags": [["a", "b"], []],
            "day": pa.array([0, 1], pa.date32()),
            "raw": [b"\xff\x00", b"text"],
        }
    )
    pq.write_table(table, path)
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'root = "{tmp_path}"\nmixture = {{forum = 1}}\n'
        '[sources.forum]\nlike = "web"\nfiles = ["a.parquet"]\ntext_key = "doc.body"\n'
    )
    kept, dropped = tmp_path / "kept.jsonl", tmp_path / "dropped.jsonl"
    words = ("--recipe", recipe, "--source", "forum", "--kept", kept, "--dropped", dropped)
    finished = run("filter", path, *QUALITY, *words)
    assert finished.code == 0, finished.err
    (good,), (bad,) = read(kept), read(dropped)
    assert good["doc"] == {"body": prose(1), "n": 0}
    assert (good["tags"], good["day"], good["raw"]) == (["a", "b"], "1970-01-01", "ff00")
    assert (bad["doc"], bad["day"], bad["raw"]) == ({"body": "No.", "n": 1}, "1970-01-02", "text")
    assert (bad["reason"], len(good["id"])) == ("word_count", 32)


def test_pages_become_rows(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.warc.gz", tmp_path / "kept.jsonl"
    path.write_bytes(members([page(1), page(2)]))
    assert run("filter", path, *QUALITY, "--kept", kept).code == 0
    first, second = read(kept)
    assert (first["url"], second["url"]) == ("http://1.example/", "http://2.example/")
    assert first["text"].split() == prose(1).split()
    assert first["source"] == "web"


def test_kept_text_is_what_was_judged(tmp_path: Path) -> None:
    """What a recipe masks stays masked, in rows kept and dropped; line ends are those judged."""
    path, kept, dropped = (tmp_path / name for name in ("a.jsonl", "kept.jsonl", "dropped.jsonl"))
    mail = "Write to jane.doe@company.com."
    path.write_bytes(lines({"text": prose(1).replace("\n", "\r\n") + mail}, {"text": mail}))
    words = (*QUALITY, "--set", 'filters.mask.sources=["web"]')
    assert run("filter", path, *words, "--kept", kept, "--dropped", dropped).code == 0
    (good,), (bad,) = read(kept), read(dropped)
    assert "jane.doe" not in good["text"] + bad["text"]
    assert good["text"].startswith(prose(1) + "Write to ")


def test_a_long_row_is_written_whole_or_said_to_be_broken(tmp_path: Path) -> None:
    path, kept, dropped = (tmp_path / name for name in ("a.jsonl", "kept.jsonl", "dropped.jsonl"))
    long = {"text": prose(1), "other": "x" * (1 << 20), "m": {"a": [1, {"b": 2}]}, "id": "l"}
    huge = {"id": "h", "text": prose(2), "list": [0] * (1 << 20)}
    path.write_bytes(lines(long, huge))
    assert run("filter", path, *QUALITY, "--kept", kept, "--dropped", dropped).code == 0
    assert read(kept) == [long]
    (bad,) = read(dropped)
    assert bad["reason"] == "broken"
    assert "cannot be written whole, for its key 'list'" in bad["error"]
    nan = b'{"id": "n", "text": ' + json.dumps(prose(3)).encode() + b', "score": NaN}\n'
    path.write_bytes(nan)
    assert run("filter", path, *QUALITY, "--kept", kept).code == 0
    assert read(kept) == [{"id": "n", "text": prose(3), "score": None}]


def test_set_moves_a_threshold_and_names_the_nearest_key(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.jsonl", tmp_path / "kept.jsonl"
    path.write_bytes(lines({"id": "s", "text": prose(1, 2)}))
    words = ("filter", path, *QUALITY, "--kept", kept)
    assert run(*words).code == 0
    assert read(kept) == []
    assert run(*words, "--set", "filters.quality.min_words=20").code == 0
    assert [row["id"] for row in read(kept)] == ["s"]
    for wrong, said in (
        ("filters.quality.min_word=3", "did you mean 'min_words'?"),
        ("filters.qualty.min_words=3", "did you mean 'quality'?"),
        ("min_words=3", "did you mean 'filters.quality.min_words'?"),
        ("quality.min_words=3", "did you mean 'filters.quality'?"),
        ("filters.max_hash_ratios=3", "did you mean 'filters.quality.max_hash_ratio'?"),
        ("xyzzy=3", "known keys: duplicates, filters"),
        ("filters.quality.min_words=many", "expected int or 'off', got 'many'"),
        ("filters.quality.min_words", "expected KEY=VALUE"),
    ):
        kept.write_bytes(b"precious")
        finished = run(*words, "--set", wrong)
        assert (finished.code, finished.out) == (2, b"")
        assert said in one_line(finished)
        assert kept.read_bytes() == b"precious"


TABLE = pa.table({"id": ["a", "b"], "text": [prose(1), "Too short."]})


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


PLAIN = lines(*TABLE.to_pylist())
PIPED = {
    "plain": PLAIN,
    "bom": b"\xef\xbb\xbf" + PLAIN,
    "gzip": gzip.compress(PLAIN),
    "zstd": zstandard.ZstdCompressor().compress(PLAIN),
    "bzip2": bz2.compress(PLAIN),
    "parquet": parquet(),
}


@pytest.mark.parametrize("name", PIPED)
def test_standard_input_is_an_input(tmp_path: Path, name: str) -> None:
    kept = tmp_path / "kept.jsonl"
    finished = run_piped(PIPED[name], "filter", "-", *QUALITY, "--kept", kept, "-o", "-")
    assert finished.code == 0, finished.err
    assert [(line["id"], line["reason"]) for line in finished.lines()] == [
        ("a", None),
        ("b", "word_count"),
    ]
    assert read(kept) == TABLE.to_pylist()[:1]


@pytest.mark.parametrize("pack", [b"".join, members], ids=["plain", "gzip"])
def test_an_archive_on_standard_input(pack: Any) -> None:
    data = pack([page(n) for n in range(40)])
    finished = run_piped(data, "filter", "-", *QUALITY, "--kept", "-")
    assert [row["url"] for row in finished.lines()] == [f"http://{n}.example/" for n in range(40)]


@pytest.mark.parametrize("command", ["extract", "dedup"])
def test_other_commands_read_standard_input(command: str) -> None:
    finished = run_piped(lines({"id": "a", "text": prose(1)}) * 2, command, "-")
    found = [line["id"] for line in finished.lines()]
    assert (finished.code, found) == (0, ["a"] * (2 if command == "extract" else 1))


def test_standard_input_beside_files_long_and_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines(1))
    many = b"".join(json_lines(n) for n in range(300))
    for data, count in ((many, 300), (gzip.compress(many), 300), (b"", 0), (b"\n", 0), (b"{", 1)):
        finished = run_piped(data, "filter", path, "-", *QUALITY)
        assert (finished.code, len(finished.lines())) == (0, 1 + count)
    assert [line.get("path") for line in finished.lines()] == [None, "standard input"]
    twice = run_piped(many, "filter", "-", "-", *QUALITY)
    assert (twice.code, "named twice" in one_line(twice)) == (2, True)


def test_rows_pass_through_a_pipe_of_commands(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(lines(*({"id": f"{n}", "text": prose(n % 2), "n": n} for n in range(4))))
    filtered = run("filter", path, *QUALITY, "--kept", "-")
    left = run_piped(filtered.out, "dedup", "-", "--kept", "-")
    assert left.code == 0
    assert {row["text"] for row in left.lines()} == {prose(0), prose(1)}
    assert len(left.lines()) == 2
    assert all(row == {**row, "id": str(row["n"])} for row in left.lines())


def test_dedup_writes_rows_that_stay_and_go(tmp_path: Path) -> None:
    near = prose(3, 40)
    texts = {"x": near, "y": near.replace("The", "Some", 1), "z": prose(4), "z2": prose(4)}
    path, kept, dropped = (tmp_path / name for name in ("a.jsonl", "kept.jsonl", "dropped.jsonl"))
    path.write_bytes(lines(*({"id": i, "text": t, "of": i} for i, t in texts.items())) + b"{bad\n")
    plain = run("dedup", path)
    words = ("--kept", kept, "--dropped", dropped)
    finished = run("dedup", path, *words)
    assert (finished.code, finished.out, finished.err) == (0, b"", plain.err)
    rows = {row["id"]: row for row in read(kept) + read(dropped)}
    assert rows.keys() == texts.keys()
    assert all(row["text"] == texts[i] and row["of"] == i for i, row in rows.items())
    found = [{key: row[key] for key in plain.lines()[0]} for row in read(dropped)]
    assert found == plain.lines()
    assert {row["kind"] for row in found} == {"exact", "near"}
    assert {row["twin"] for row in found} == {row["id"] for row in read(kept)}
    again = run("dedup", path, *words, "-o", tmp_path / "removed.jsonl")
    assert (again.code, read(tmp_path / "removed.jsonl")) == (0, plain.lines())


def test_dedup_tells_documents_of_one_id_apart(tmp_path: Path) -> None:
    path, kept = tmp_path / "a.jsonl", tmp_path / "kept.jsonl"
    path.write_bytes(lines(*({"id": "same", "text": prose(n // 2), "n": n} for n in range(4))))
    finished = run("dedup", path, "--kept", kept, "--dropped", "-")
    assert sorted(row["n"] // 2 for row in read(kept)) == [0, 1]
    assert sorted(row["n"] for row in read(kept) + finished.lines()) == [0, 1, 2, 3]


@pytest.mark.parametrize("command", ["filter", "dedup"])
def test_an_output_overwrites_no_input_and_no_other_output(tmp_path: Path, command: str) -> None:
    path, link = tmp_path / "a.jsonl", tmp_path / "link.jsonl"
    path.write_bytes(PLAIN)
    link.symlink_to(path)
    more = QUALITY if command == "filter" else ()
    out = tmp_path / "o.jsonl"
    for words, said in (
        (("--kept", path), "is an input too"),
        (("--dropped", path), "is an input too"),
        (("--kept", out, "--dropped", link), "is an input too"),
        (("--kept", out, "--dropped", tmp_path / "." / "o.jsonl"), "both write"),
        (("--kept", out, "--dropped", f"{out}.part"), "both write"),
        (("--kept", out, "-o", out), "--kept and -o both write"),
        (("--kept", "-", "--dropped", "-"), "both write standard output"),
        (("--kept", "-", "-o", "-"), "both write standard output"),
        (("--kept", tmp_path / "o.parquet"), "name it .jsonl, .jsonl.gz or .jsonl.zst"),
        (("--kept", out, "--dropped", tmp_path / "no" / "o.jsonl"), "cannot write"),
    ):
        finished = run(command, path, *more, *words)
        assert (finished.code, finished.out) == (2, b""), words
        assert said in one_line(finished)
        assert path.read_bytes() == PLAIN
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "link.jsonl"]
    nowhere = run(command, path, *more, "--kept", "/dev/null", "--dropped", "/dev/null")
    assert nowhere.code == 0


def test_verdicts_are_named_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(PLAIN)
    finished = run("filter", path, *QUALITY, "-o", "-", "--verdicts", tmp_path / "v.jsonl")
    assert finished.code == 2
    assert "not allowed with argument" in finished.err


def test_rows_are_there_only_when_they_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept, dropped = (tmp_path / name for name in ("a.jsonl", "k.jsonl.gz", "d.jsonl.zst"))
    path.write_bytes(PLAIN)
    kept.write_bytes(b"of before")
    words = ("filter", path, *QUALITY, "--kept", kept, "--dropped", dropped)

    def interrupted(*_: object) -> None:
        assert (tmp_path / "k.jsonl.gz.part").exists()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("massivetext.filters.cli._judge_record", interrupted)
        assert run(*words).code == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl", "k.jsonl.gz"]
    assert kept.read_bytes() == b"of before"
    assert run(*words).code == 0
    assert json.loads(gzip.decompress(kept.read_bytes()))["id"] == "a"
    expanded = zstandard.ZstdDecompressor().stream_reader(dropped.read_bytes()).read()
    assert json.loads(expanded)["reason"] == "word_count"


RULE = """
import json

def judge(document, measures):
    keys = json.loads(document.extra or "{}")
    if sorted(keys) != %s:
        return "other_keys"
"""


@pytest.mark.parametrize("keep", [[], ["score"], ["score", "metadata.n"]])
def test_a_rule_sees_the_kept_keys_whatever_is_written(tmp_path: Path, keep: list[str]) -> None:
    path, recipe = tmp_path / "a.jsonl", tmp_path / "recipe.toml"
    rows = [{"text": prose(n), "score": n, "metadata": {"n": n}, "more": "x"} for n in range(3)]
    path.write_bytes(lines(*rows))
    (tmp_path / "rules.py").write_text(RULE % sorted(keep))
    recipe.write_text(
        f'[sources.web]\nfiles = ["a.jsonl"]\nkeep = {json.dumps(keep)}\n[mixture]\nweb = 1.0\n'
        '[filters]\nown = ["rules.py:judge"]\n[filters.language]\nsources = []\n'
    )
    for option in ("--verdicts", "--kept", "--dropped"):
        out = tmp_path / f"{option[2:]}.jsonl"
        finished = run("filter", path, "--recipe", recipe, "--rules", "", option, out)
        assert finished.err.splitlines()[0] == "3 records: 3 kept", (option, finished.err)
    assert [row | {"id": ""} for row in read(tmp_path / "kept.jsonl")] == [
        row | {"id": ""} for row in rows
    ]


def test_what_a_rule_prints_is_not_among_the_rows(tmp_path: Path) -> None:
    path, rules = tmp_path / "a.jsonl", tmp_path / "rules.py"
    path.write_bytes(lines({"text": prose(1)}))
    rules.write_text("def judge(document, measures):\n    print('mine')\n")
    words = ("--rules", "", "--set", f'filters.own=["{rules}:judge"]', "--kept", "-")
    finished = run("filter", path, *words)
    assert finished.err.splitlines()[0] == "mine"
    assert [json.loads(line)["text"] for line in finished.out.splitlines()] == [prose(1)]

"""``massivetext explain``: one document of any file or standard input, and a user's mistakes."""

import gzip
import io
import json
import os
import sys
import textwrap
import threading
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests.commands.bad_input_files import page
from tests.massivetext.readers.warc.warc_files import members
from tests.support.commands import Finished, model_path, one_line, prose, run

RULES = ("--rules", "quality,repetition")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns a function that runs explain on standard input."""

    def explain(data: bytes, *words: object) -> Finished:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return run("explain", "-", *words)

    return explain


def told(finished: Finished) -> dict[str, Any]:
    assert finished.code == 0, finished.err
    (line,) = finished.lines()
    return line


def line(**values: object) -> bytes:
    return json.dumps(values).encode() + b"\n"


def test_a_text_of_standard_input(piped: Any) -> None:
    finished = piped(b"Too short #\n", *RULES)
    assert (finished.code, finished.err) == (0, "")
    printed = finished.out.decode()
    assert "verdict   DROP: word_count" in printed
    assert "DROP  hash_ratio                          0.333  at most 0.1        1 / 3" in printed
    assert "recipe key filters.quality.max_hash_ratio\n        1 x #" in printed
    assert told(piped(b"\xef\xbb\xbfa b", *RULES, "--json"))["measures"]["characters"] == 3


def test_a_json_line_is_judged_as_the_filter_command_judges_it(piped: Any, tmp_path: Path) -> None:
    data = line(id="x", text="a b\x00 c", url="http://a.example/b", source="books")
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    (filtered,) = run("filter", path, "--language-model", model_path()).lines()
    for finished in (
        piped(data, "--json", "--language-model", model_path()),
        run("explain", path, "--json", "--language-model", model_path()),
    ):
        found = told(finished)
        assert {key: found[key] for key in ("id", "url", "reason", "reasons", "language")} == {
            key: filtered[key] for key in ("id", "url", "reason", "reasons", "language")
        }
        assert found["source"] == "books"
        assert found["measures"]["characters"] == 5


def test_json_holds_every_check(piped: Any) -> None:
    checks = told(piped(b"a b", *RULES, "--json"))["checks"]
    assert len(checks) == 6 + 10 + 13
    keys = {"reason", "verdict", "value", "side", "bound", "key", "counts", "found"}
    assert all(set(check) == keys | {"evidence", "evidence_left_out"} for check in checks)
    assert checks[6] == {
        "reason": "word_count",
        "verdict": "drop",
        "value": 2,
        "side": "at least",
        "bound": 50,
        "key": "filters.quality.min_words",
        "counts": {"words": 2},
        "found": None,
        "evidence": [
            {"text": "a", "characters": 1, "copies": 1},
            {"text": "b", "characters": 1, "copies": 1},
        ],
        "evidence_left_out": 0,
    }


def test_one_of_several_documents_is_named_by_its_id(piped: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"{bad\n" + line(id="a", text="x") + line(id="b", text="y z")))
    assert told(run("explain", path, *RULES, "--json", "--id", "b"))["measures"]["words"] == 2
    assert "holds several documents; name one with --id" in one_line(run("explain", path, *RULES))
    assert "no document with the id c" in one_line(run("explain", path, *RULES, "--id", "c"))
    several = line(id="a", text="x") + line(id="b", text="y z")
    assert "holds several documents" in one_line(piped(several, *RULES))
    assert told(piped(several, *RULES, "--json", "--id", "a"))["measures"]["words"] == 1


def test_pages_of_archives_and_files(tmp_path: Path, piped: Any) -> None:
    archive = tmp_path / "a.warc.gz"
    archive.write_bytes(members([page(1)]))
    found = told(run("explain", archive, *RULES, "--json"))
    assert (found["url"], found["reasons"]) == ("http://1.example/", [])
    html = f"<!doctype html><meta name=rating content=adult><p>{prose(2)}".encode()
    path = tmp_path / "page.html"
    path.write_bytes(html)
    words = ("--json", "--url", "http://x.example/", "--rules", "safety")
    for finished in (run("explain", path, *words), piped(html, *words)):
        found = told(finished)
        assert (found["url"], found["reasons"]) == ("http://x.example/", ["rating"])
        assert found["measures"]["words"] == len(prose(2).split())


def test_what_a_reader_drops(piped: Any, tmp_path: Path) -> None:
    assert told(piped(b" \n", *RULES, "--json"))["reasons"] == ["empty"]
    assert "verdict   DROP: empty" in piped(line(text=""), *RULES).out.decode()
    moved = tmp_path / "a.warc"
    moved.write_bytes(page(1).replace(b"HTTP/1.1 200", b"HTTP/1.1 404"))
    assert told(run("explain", moved, *RULES, "--json"))["reasons"] == ["http_status"]


def test_a_recipes_rules_hold_and_its_values_can_be_set(piped: Any, tmp_path: Path) -> None:
    rules = ("--json", "--rules", "quality")
    for word, broken in (("3", False), ("off", False), ("4", True)):
        found = told(piped(b"the and of", *rules, "--set", f"filters.quality.min_words={word}"))
        assert ("word_count" in found["reasons"]) == broken
    recipe = tmp_path / "r.toml"
    recipe.write_bytes(
        b'[sources.web]\nfiles = ["*"]\n[language_model]\npath = "m"\n[mixture]\nweb = 1.0\n'
        b"[filters.quality]\nmin_words = 3\nmin_mean_word_length = 2\n"
    )
    assert told(piped(b"the and of", *rules, "--recipe", recipe))["reasons"] == []
    domains = tmp_path / "domains"
    domains.write_text("bad.example\n")
    words = ("--rules", "safety", "--set", f"filters.safety.domain_lists=['{domains}']", "--json")
    found = told(piped(line(text="a", url="http://www.bad.example/x"), *words))
    assert found["reasons"] == ["domain"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nope.txt",), "no file nope.txt"),
        (("nope",), "no file nope"),
        (("{folder}",), "is a folder"),
        (("-", "--set", "filters.quality.max_hash=1"), "did you mean 'max_hash_ratio'?"),
        (("-", "--set", "filters.quality.max_bullet_line_fraction=1.5"), "is not between 0 and 1"),
        (("-", "--set", "filters.quality.min_stop_words=9"), "9 is not between 0 and 8"),
        (("-", "--set", "filters.quality.max_hash_ratio=-0.1"), "is not between 0 and inf"),
        (("-", "--rules", "qualitee"), "'qualitee' is not one of language"),
        (("-", "--recipe", "nope.toml"), "no recipe 'nope.toml'"),
        (("-", "--recipe", "massivetext.toml"), "reads lists of this machine, not gs://"),
        (("-", "--language-model", "nope.ftz"), "no file nope.ftz"),
        (("-", "--set", "filters.safety.domain_lists=['nope']"), "no file matches"),
        (("-",), "standard input at 0: invalid JSON"),
    ],
)
def test_mistakes_cost_one_line(
    piped: Any, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    rest = [word.format(folder=tmp_path) for word in words[1:]]
    if "--language-model" not in rest and "--rules" not in rest:
        rest += ["--rules", "quality"]
    if words[0] == "-":
        finished = piped(b'{"text": ', *rest)
    else:
        finished = run("explain", words[0].format(folder=tmp_path), *rest)
    assert finished.code == 2
    assert message in one_line(finished)


def test_a_pipe_is_read_by_how_it_begins(tmp_path: Path) -> None:
    """As the shell's <(command) gives it."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(line(id="p", text="a b"),))
    writer.start()
    assert told(run("explain", path, *RULES, "--json"))["id"] == "p"
    writer.join()


def test_text_in_another_encoding_is_refused(piped: Any, tmp_path: Path) -> None:
    assert "no UTF-8 text" in one_line(piped("caf\u00e9".encode("latin-1"), *RULES))
    assert "no key 'text'" in one_line(piped(b'{"txt": 1}', *RULES))


def test_the_output_in_the_documentation_is_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documentation = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    text = _block(documentation, "`page.txt` is\n")
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ("page.txt", "--url", "https://shop.example/boats", "--language-model", model_path())
    printed = run("explain", *words).out.decode()
    assert printed == _block(documentation, "prints\n")
    shown = _block((ROOT / "README.md").read_text(encoding="utf-8"), "a JSON line, - …\n")
    assert set(shown.splitlines()) - {"…"} <= set(printed.splitlines())


def _block(documentation: str, before: str) -> str:
    """The indented block that follows a line, without its indentation."""
    lines = documentation.partition(before)[2].lstrip("\n").splitlines()
    indented = takewhile(lambda line: line.startswith("    ") or not line, lines)
    return textwrap.dedent("\n".join(indented)).rstrip("\n") + "\n"


def test_a_document_of_no_text_has_nothing_to_tell_of(piped: Any) -> None:
    printed = piped(b'{"text": ""}').out.decode()
    assert "DROP  empty" in printed
    assert "empty:" not in printed

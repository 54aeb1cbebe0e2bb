"""What a take-out is asked: names that are none or out already, copies that stay, mistakes."""

import io
import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from massivetext.finished.taken_out import FOLDER
from massivetext.pipelines.take_out import record
from massivetext.storage.json_files import require_json
from tests.builds.take_out.taking import LENGTH, read_drops, take_out, url, write_rows
from tests.support.commands import check_conserved, one_line, prose, run, write_recipe
from tests.support.outputs import documents, files, kept, records


def test_near_copies_that_stay_are_listed(built: Path, output: Path) -> None:
    near = [row for row in kept(built) if row["text"].endswith("otherwise")]
    whole = next(row for row in kept(built) if row["text"] == prose(5, 14))
    names = [whole["id"]] if near else []
    assert names
    assert take_out(output, "ids", *names).code == 0
    path = output / FOLDER / "0001-documents.jsonl"
    (line,) = map(json.loads, path.read_text().splitlines())
    assert {found["id"] for found in line["near"]} == {row["id"] for row in near}
    assert all(found["jaccard"] <= 0.8 for found in line["near"])


def test_what_was_dropped_already_names_its_copy_that_stays(built: Path, output: Path) -> None:
    """Whoever asks for a page that was a copy must hear that the text is still there."""
    folder = built / "duplicates"
    rows = [row for p in sorted(folder.glob("part-*.parquet")) for row in read_drops(p)]
    (exact, *_) = (row for row in rows if row["kind"] == "exact" and not row["twin_dropped"])
    assert take_out(output, "ids", exact["id"]).code == 0
    path = output / FOLDER / "0001-documents.jsonl"
    (line,) = map(json.loads, path.read_text().splitlines())
    assert (line["id"], line["split"], line["sequences"]) == (exact["id"], "dropped", [])
    assert {"id": exact["twin_id"], "jaccard": 1.0} in line["near"]
    traced = json.loads(run("trace", output, exact["id"], "--json").out)
    assert (traced["fate"], traced["sequences"]) == ("taken out", [])


def test_a_long_search_is_told_of(
    built: Path, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [row["id"] for row in kept(built)[:4]]
    quick = take_out(output, "ids", names[0])
    assert (quick.code, "looked for" in quick.err) == (0, False)
    monkeypatch.setattr(record, "PLAIN_SECONDS", -1.0)
    told = take_out(output, "ids", *names[1:])
    assert told.err.count("documents looked for in what stays") == 3
    assert "take-out     66 %  2/3 documents" in told.err


def test_many_copies_hide_no_near_one(tmp_path: Path) -> None:
    """More than are listed of a document, and more than `similar` compares."""
    words = prose(5, 14).split(" ")
    near = " ".join([*words[: len(words) * 78 // 100], "otherwise"])
    texts = [*[prose(5, 14)] * 80, near, *(prose(n, 14) for n in range(20, 30))]
    (tmp_path / "c4").mkdir()
    rows = [{"text": text, "url": url(n)} for n, text in enumerate(texts)]
    write_rows(tmp_path / "c4" / "a.jsonl", rows)
    recipe = write_recipe(tmp_path / "r.toml", {"c4": "c4/*"}, length=LENGTH)
    output = tmp_path / "out"
    assert run("build", recipe, "--output", output).code == 0
    stays = next(row["id"] for row in kept(output) if row["text"] == near)
    whole = next(row["id"] for row in kept(output) if row["text"] == prose(5, 14))
    assert take_out(output, "ids", whole).code == 0
    (line,) = map(json.loads, (output / FOLDER / "0001-documents.jsonl").read_text().splitlines())
    assert [found["id"] for found in line["near"]] == [stays]
    (tmp_path / "text").write_text(prose(5, 14))
    (found,) = run("similar", tmp_path / "text", output, "--json").lines()
    assert found["id"] == stays


def test_what_is_out_is_not_taken_out_again(built: Path, output: Path) -> None:
    names = [kept(built)[n]["id"] for n in (1, 30, 60)]
    assert take_out(output, "ids", *names[:2]).code == 0
    before = files(output)
    assert "taken out of" in one_line(take_out(output, "ids", *names[:2]))
    assert files(output) == before
    assert take_out(output, "ids", *names).code == 0
    accounts = require_json(str(output / "manifest.json"))["taken_out"]
    assert [account["documents"] for account in accounts] == [2, 1]


def test_names_that_name_nothing_are_counted(built: Path, output: Path) -> None:
    known = [row["url"] for row in kept(built)[:2]]
    told = take_out(output, "urls", *known, "https://else.org/", "x", "y")
    assert (told.code, told.out.splitlines()[0]) == (0, b"3 of 5 urls name nothing in it")
    (account,) = require_json(str(output / "manifest.json"))["taken_out"]
    assert (account["names"], account["unknown"], account["documents"]) == (5, 3, 2)


def test_the_list_may_be_a_pipe(
    built: Path, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (kept(built)[n]["id"] for n in (5, 50))
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_text, args=(f"{first}\n",))
    writer.start()
    assert run("take-out", output, "--ids", tmp_path / "pipe").code == 0
    writer.join()
    given = io.TextIOWrapper(io.BytesIO(f"{second}\n".encode()))
    monkeypatch.setattr("sys.stdin", given)
    assert run("take-out", output, "--ids", "-").code == 0
    assert not {first, second} & {row["id"] for row in kept(output)}


def test_mistakes_are_one_line_and_change_nothing(
    built: Path, output: Path, tmp_path: Path
) -> None:
    before = files(output)
    assert "no document" in one_line(take_out(output, "ids", kept(built)[0]["id"], "0" * 32))
    assert "none of the 2 urls" in one_line(take_out(output, "urls", "http://x.org/", "y"))
    assert "names nothing" in one_line(take_out(output, "hosts", "", "# nobody"))
    nothing = run("take-out", output, "--hosts", tmp_path / "none.txt")
    assert "no such file" in one_line(nothing)
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in one_line(run("take-out", output, "--hosts", tmp_path / "list.txt"))
    assert run("take-out", output).code == 2
    (tmp_path / "list.txt").write_text("x\n")
    known = ("--hosts", tmp_path / "list.txt")
    for folder in (tmp_path / "no", tmp_path, tmp_path / "list.txt", output / "documents"):
        for words in (("take-out", folder, *known), ("trace", folder, "0" * 32)):
            assert "name the --output of" in one_line(run(*words)), words
    assert "is a directory" in one_line(run("take-out", output, "--hosts", tmp_path))
    assert run("take-out", output, *known, "--workers", "0").code == 2
    assert files(output) == before


@pytest.mark.parametrize("packing", ["carry", "once"])
def test_other_packings_are_refused_in_one_line(tmp_path: Path, packing: str) -> None:
    (tmp_path / "c4").mkdir()
    rows = [{"text": prose(n, 14), "url": url(n)} for n in range(20)]
    write_rows(tmp_path / "c4" / "a.jsonl", rows)
    options = {"length": LENGTH, "packing": f'"{packing}"', "tokens": '"max"'}
    recipe = write_recipe(tmp_path / "r.toml", {"c4": "c4/*"}, **options)
    assert run("build", recipe, "--output", tmp_path / "out").code == 0
    before = files(tmp_path / "out")
    line = one_line(take_out(tmp_path / "out", "urls", url(3)))
    assert f'packing is "{packing}"' in line
    assert line.endswith("leave them out and build again")
    assert files(tmp_path / "out") == before


def test_twice_is_as_well_as_at_once(built: Path, output: Path, tmp_path: Path) -> None:
    rows = kept(built)
    names = [rows[n]["id"] for n in (4, 5, 6, 70)]
    whole = tmp_path / "whole"
    shutil.copytree(built, whole)
    assert take_out(whole, "ids", *names).code == 0
    assert take_out(output, "ids", *names[:2]).code == 0
    assert take_out(output, "ids", *names[2:]).code == 0
    assert records(output) == records(whole)
    assert documents(output) == documents(whole)
    assert run("verify", output, "--rederive", "1000").code == 0
    check_conserved(output)

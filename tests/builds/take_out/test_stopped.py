"""A take-out that was stopped: finished as if it had not been, and read by nobody until then."""

import json
import shutil
from pathlib import Path

import pytest

from massivetext.finished.taken_out import FOLDER, RECORD
from massivetext.pipelines.take_out import command, restamp, rewrite
from massivetext.storage.json_files import read_json, write_summed_json
from tests.builds.take_out.taking import tables, take_out
from tests.support.commands import one_line, prose, run, stage
from tests.support.outputs import documents, files, kept, records

# The steps of a take-out, and in which of their calls it is stopped.
STOPS = {f"_rewrite_{name}": 2 for name in ("documents", "overlap", "sample")}
STOPS |= {f"_rewrite_{name}": 1 for name in ("tokens", "shards")}


@pytest.mark.parametrize("step", STOPS)
def test_a_stopped_run_is_finished_by_the_same_command(
    built: Path, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    rows = [kept(built)[n] for n in (1, 30, 60)]
    names = [row["id"] for row in rows]
    whole = tmp_path / "whole"
    shutil.copytree(built, whole)
    assert take_out(whole, "ids", *names).code == 0
    real, calls = getattr(rewrite, step), []

    def stop(*arguments, **options):
        calls.append(1)
        if len(calls) == STOPS[step]:
            real(*arguments, **options)
            raise KeyboardInterrupt
        return real(*arguments, **options)

    monkeypatch.setattr(rewrite, step, stop)
    assert take_out(output, "ids", *names).code == 3
    monkeypatch.undo()
    assert read_json(str(output / FOLDER / RECORD))["pending"]
    refused = run("build", built.parent / "r.toml", "--output", output)
    assert "a take-out was stopped" in one_line(refused)
    other = take_out(output, "ids", kept(built)[9]["id"], tmp="other.txt")
    assert "another list was stopped" in one_line(other)
    finished = take_out(output, "ids", *names)
    assert finished.code == 0, finished.err
    assert run("verify", output).code == 0
    assert records(output) == records(whole)
    assert documents(output) == documents(whole)
    assert stage(output, "sequences")["tokens"] == stage(whole, "sequences")["tokens"]


@pytest.mark.parametrize("calls", [1, 12, 24, None], ids=str)
def test_a_run_stopped_between_its_files_is_finished_too(
    built: Path, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int | None
) -> None:
    names = [kept(built)[n]["id"] for n in (1, 30, 60)]
    whole = tmp_path / "whole"
    shutil.copytree(built, whole)
    assert take_out(whole, "ids", *names).code == 0
    left = [calls]

    def stop(*arguments):
        if calls is None or left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        return write_summed_json(*arguments)

    if calls is None:  # all is written but that it is done
        monkeypatch.setattr(command, "finish_record", stop)
    else:  # some summaries say what they are made from now, the others do not
        monkeypatch.setattr(restamp, "write_summed_json", stop)
    assert take_out(output, "ids", *names).code == 3
    monkeypatch.undo()
    finished = take_out(output, "ids", *names)
    assert finished.code == 0, finished.err
    assert run("verify", output).code == 0
    assert tables(files(output)) == tables(files(whole))
    explained = run("build", built.parent / "r.toml", "--output", output, "--explain")
    assert all(line.endswith("up to date") for line in explained.out.decode().splitlines())


def test_a_stopped_run_is_finished_without_its_list(
    built: Path, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list may have come from a pipe, and the record has no names."""
    whole = tmp_path / "whole"
    shutil.copytree(built, whole)
    name = kept(built)[1]["id"]
    assert take_out(whole, "ids", name).code == 0
    assert "no take-out was stopped" in one_line(run("take-out", output, "--continue"))

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rewrite, "_rewrite_overlap", stop)
    assert take_out(output, "ids", name).code == 3
    monkeypatch.undo()
    (tmp_path / "list.txt").unlink()
    finished = run("take-out", output, "--continue")
    assert finished.code == 0, finished.err
    assert run("verify", output).code == 0
    assert records(output) == records(whole)
    assert documents(output) == documents(whole)
    assert "no take-out was stopped" in one_line(run("take-out", output, "--continue"))


def test_between_stop_and_end_nobody_reads_half_of_it(
    built: Path, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    name = kept(built)[1]["id"]
    monkeypatch.setattr(rewrite, "_rewrite_tokens", stop)
    assert take_out(output, "ids", name).code == 3
    monkeypatch.undo()
    (tmp_path / "text").write_text(prose(3))
    against = f"duplicates.against={json.dumps([str(output)])}"
    for words in (
        ("verify", output),
        ("trace", output, name),
        ("similar", tmp_path / "text", output),
        ("show", output),
        ("card", output),
        ("diff", built, output),
        ("export-text", output, "-o", tmp_path / "x"),
        ("export-sequences", output, "-o", tmp_path / "x", "--format", "npy"),
        ("build", built.parent / "r.toml", "--output", tmp_path / "new", "--set", against),
    ):
        assert "run the same `massivetext take-out` again" in one_line(run(*words)), words
    assert not (tmp_path / "x").exists()
    assert take_out(output, "ids", name).code == 0
    assert run("verify", output).code == 0

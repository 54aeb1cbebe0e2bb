"""Documents are taken out of a finished build: nothing of them is left, and little else moves."""

import io
import json
import os
import shutil
import threading
from functools import cache, partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from massivetext.dedup.signature import shingle_words
from massivetext.finished.taken_out import FOLDER, RECORD
from massivetext.mixture.quotas import is_validation
from massivetext.pipelines.audit.documents import stored_documents
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.places import places_of, shard_names
from massivetext.pipelines.audit.trace import derive_places
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from massivetext.pipelines.take_out import command, record, restamp, rewrite
from massivetext.storage.json_files import read_json, require_json, write_summed_json
from massivetext.tokenizer.tokenizer import Tokenizer
from tests.support.commands import check_conserved, one_line, prose, run, stage, write_recipe
from tests.support.outputs import documents, files, kept, records

LENGTH = 64
# The steps of a take-out, and in which of their calls it is stopped.
STOPS = {f"_rewrite_{name}": 2 for name in ("documents", "overlap", "sample")}
STOPS |= {f"_rewrite_{name}": 1 for name in ("tokens", "shards")}


def url(number: int) -> str:
    return f"https://{'a.' * (number % 3)}site{number % 7}.org/{number}"


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of 120 documents of two sources, with exact and near copies, and its inputs."""
    folder = tmp_path_factory.mktemp("whole")
    for source, first in (("c4", 0), ("news", 1_000)):
        (folder / source).mkdir()
        for part in range(3):
            numbers = range(first + 20 * part, first + 20 * part + 20)
            rows = [{"text": prose(n, 14), "url": url(n)} for n in numbers]
            write_rows(folder / source / f"{part}.jsonl", rows)
    copies = [prose(n, 14) for n in (3, 4, 1_003)]
    words = prose(5, 14).split(" ")
    near = [" ".join([*words[: len(words) * n // 100], "otherwise"]) for n in (66, 72)]
    rows = [{"text": t, "url": url(500 + n)} for n, t in enumerate([*copies, *near])]
    write_rows(folder / "c4" / "more.jsonl", rows)
    options = {"length": LENGTH, "shards": 6, "crops_per_group": 4, "default_max_passes": 3}
    recipe = write_recipe(folder / "r.toml", {"c4": "c4/*", "news": "news/*"}, **options)
    finished = run("build", recipe, "--output", folder / "out")
    assert finished.code == 0, finished.err
    return folder / "out"


@pytest.fixture
def output(built: Path, tmp_path: Path) -> Path:
    shutil.copytree(built, tmp_path / "out")
    return tmp_path / "out"


def trained(output: Path) -> list[dict]:
    return [row for row in kept(output) if not is_validation(0, row["id"], 0.2)]


def grams(text: str) -> set[tuple[str, ...]]:
    words = shingle_words(text)
    return {tuple(words[i : i + 13]) for i in range(len(words) - 12)}


def take_out(output: Path, by: str, *names: str, tmp: str = "list.txt"):
    (output.parent / tmp).write_text("\n".join(names) + "\n")
    return run("take-out", output, f"--{by}", output.parent / tmp)


def chosen(output: Path, by: str) -> tuple[list[str], list[dict]]:
    """Names of a few documents, and the documents that they name."""
    every = kept(output)
    if by == "ids":
        some = every[::9]
        return [row["id"] for row in some], some
    if by == "urls":
        some = every[::11]
        return [row["url"] for row in some], some
    return ["SITE3.org"], [row for row in documents(output) if "site3.org" in row["host"]]


@pytest.mark.parametrize("by", ["ids", "urls", "hosts"])
def test_nothing_of_them_is_left(built: Path, output: Path, by: str, tmp_path: Path) -> None:
    names, gone = chosen(built, by)
    finished = take_out(output, by, *names)
    assert finished.code == 0, finished.err
    assert run("verify", output).code == 0
    check_conserved(output)
    left = [row for row in documents(output) if row["text"]]
    assert not {row["id"] for row in gone} & {row["id"] for row in left}
    held = set().union(*(grams(row["text"]) for row in gone))
    held -= set().union(*(grams(row["text"]) for row in left))
    assert held
    tokenizer = Tokenizer(str(output / "vocabulary"))
    for row in left:
        assert not held & grams(row["text"])
    for name, sequences in records(output).items():
        for sequence in sequences:
            text = tokenizer.decode(np.frombuffer(sequence, np.uint16).tolist())
            assert not held & grams(text), name
    for row in gone[:3]:
        (tmp_path / "text.txt").write_text(row["text"])
        found = run("similar", tmp_path / "text.txt", output, "--json").lines()
        assert row["id"] not in {line["id"] for line in found}
        assert run("show", output, "--id", row["id"]).code == 0
    about = require_json(str(output / "manifest.json"))["taken_out"]
    assert (about[0]["by"], about[0]["documents"]) == (by, len(gone))


def test_what_is_not_concerned_keeps_its_bytes(built: Path, output: Path) -> None:
    some = [trained(built)[n] for n in (2, 50)]
    before, places = records(built), places_by_shard(built)
    untouched = files(built)
    assert take_out(output, "ids", *(row["id"] for row in some)).code == 0
    about = require_json(str(output / "manifest.json"))["taken_out"][0]
    after = records(output)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == set(about["shards"]) < set(before)
    now = places_by_shard(output)
    parts = {row["part"] for row in some}
    same = 0
    for name, found in places.items():
        for place, sequence in zip(found, before[name], strict=True):
            if place in now[name] and after[name][now[name].index(place)] == sequence:
                same += 1
        order = [place for place in found if place in now[name]]
        assert order == now[name]  # in the order of before
    lost = sum(len(found) for found in before.values()) - same
    assert 0 < lost <= 4 * about["sequences"]  # those behind them, in groups of four crops
    now_files = files(output)
    for name, data in untouched.items():
        stem = Path(name).stem.removeprefix("dropped-").removeprefix("sample-")
        if name.endswith((".parquet", ".tokens")) and stem not in {*parts, "files"}:
            assert stem.removeprefix("validation-") in parts or now_files[name] == data, name


def places_by_shard(output: Path):
    build = open_build(str(output))
    return {name: places_of(build, name) for name in shard_names(build)}


def test_sequences_can_be_derived_and_traced(built: Path, output: Path) -> None:
    row = trained(built)[7]
    had = [f"{s}:{n}" for s, n in holding(built, row["id"])]
    assert had
    assert take_out(output, "ids", row["id"]).code == 0
    records_of.cache_clear()
    verified = run("verify", output, "--rederive", "1000")
    assert verified.code == 0, verified.out
    told = run("trace", output, row["id"])
    assert told.code == 0, told.err
    assert [line.strip() for line in told.out.decode().splitlines()[1:]] == sorted(had)
    other = trained(output)[7]
    told = run("trace", output, other["id"]).out.decode().splitlines()[1:]
    assert [line.strip() for line in told] == sorted(
        f"{s}:{n}" for s, n in holding(output, other["id"])
    )


def holding(output: Path, name: str):
    """Each shard and record with tokens of a document, by deriving every sequence."""
    build = open_build(str(output))
    encoder, documents = load_encoder(build.output), partial(stored_documents, build)
    for shard, places in places_by_shard(output).items():
        for key in {(place.parts, place.validation) for place in places}:
            some = [place for place in places if (place.parts, place.validation) == key]
            found = derive_places(build, some, documents, encoder)
            for place in some:
                number, derived = places.index(place), found[place]
                assert derived.tokens.tobytes() == records_of(output, shard)[number]
                if name in {span.document.id for span in derived.spans}:
                    yield shard, number


@cache
def records_of(output: Path, shard: str) -> list[bytes]:
    return records(output)[shard]


def test_copies_do_not_come_back(built: Path, output: Path) -> None:
    lists = [pq.read_table(p).to_pylist() for p in (built / "duplicates").glob("part-*.parquet")]
    twins = {row["twin_id"] for rows in lists for row in rows}
    assert take_out(output, "ids", *twins).code == 0
    about = require_json(str(output / "manifest.json"))["taken_out"][0]
    assert (
        about["copies"]
        == sum(len(rows) for rows in lists)
        - sum(1 for rows in lists for row in rows if row["twin_dropped"])
        or about["copies"] > 0
    )
    names = {row["id"] for row in kept(output)}
    assert not names & twins
    assert len(names) == len(kept(built)) - len(twins & {row["id"] for row in kept(built)})
    copies = {(row["part"], row["row"]) for row in documents(output) if not row["text"]}
    assert len(copies) == about["documents"] + about["copies"]


def test_a_later_build_brings_nothing_back(built: Path, output: Path) -> None:
    row = kept(built)[3]
    assert take_out(output, "ids", row["id"]).code == 0
    before = records(output)
    recipe = built.parent / "r.toml"
    explained = run("build", recipe, "--output", output, "--explain").out.decode().splitlines()
    assert all(line.endswith("up to date") for line in explained)
    whole = files(output)
    again = run("build", recipe, "--output", output)
    assert again.code == 0, again.err
    assert tables(files(output)) == tables(whole)
    for path in (output / "documents").glob("part-*.parquet"):
        path.unlink()  # all are read again
    for path in (output / "tokens").glob("part-*.tokens"):
        path.unlink()
    healed = run("build", recipe, "--output", output)
    assert healed.code == 0, healed.err
    assert row["id"] not in {found["id"] for found in documents(output) if found["text"]}
    assert records(output) == before
    assert tables(files(output)) == tables(whole)
    assert run("verify", output, "--rederive", "50").code == 0


def tables(found: dict[str, bytes]) -> dict[str, bytes]:
    """The files that hold documents, lists, tokens and sequences."""
    return {
        name: data
        for name, data in found.items()
        if name.endswith((".parquet", ".tokens", ".npy", ".model")) or ".tfrecord" in name
        if not name.endswith("files.parquet")
    }


def test_under_other_rules_they_do_not_come_back_unseen(built: Path, output: Path) -> None:
    recipe, other = built.parent / "r.toml", built.parent / "other.toml"
    assert take_out(output, "ids", kept(built)[3]["id"]).code == 0
    before = files(output)
    other.write_text("seed = 1\n" + recipe.read_text())
    refused = run("build", other, "--output", output, "--replace")
    assert "build into another folder" in one_line(refused)
    assert files(output) == before


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


def read_drops(path: Path) -> list[dict]:
    ids = pq.read_table(path.parent.parent / "documents" / path.name)["id"]
    return [row | {"id": ids[row["row"]].as_py()} for row in pq.read_table(path).to_pylist()]


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

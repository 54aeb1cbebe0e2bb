"""Documents are taken out of a finished build: nothing of them is left, and little else moves."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from massivetext.storage.json_files import require_json
from massivetext.tokenizer.tokenizer import Tokenizer
from tests.builds.take_out.taking import (
    chosen,
    grams,
    holding,
    places_by_shard,
    records_of,
    tables,
    take_out,
    trained,
)
from tests.support.commands import check_conserved, one_line, run
from tests.support.outputs import documents, files, kept, records


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


def test_under_other_rules_they_do_not_come_back_unseen(built: Path, output: Path) -> None:
    recipe, other = built.parent / "r.toml", built.parent / "other.toml"
    assert take_out(output, "ids", kept(built)[3]["id"]).code == 0
    before = files(output)
    other.write_text("seed = 1\n" + recipe.read_text())
    refused = run("build", other, "--output", output, "--replace")
    assert "build into another folder" in one_line(refused)
    assert files(output) == before

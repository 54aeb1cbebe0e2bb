"""A finished build that is damaged: every kind of file is named, and made again as it was."""

import json
import random
import re
import shutil
from pathlib import Path

import pytest

from tests.faults.building import STAGES
from tests.faults.damage import (
    READ,
    Small,
    content,
    cut,
    flip,
    forget_after,
    kinds,
    remarks,
    small_build,
    verified,
)
from tests.support.commands import json_lines, one_line, run, stems

pytestmark = pytest.mark.xdist_group("damage")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small_build(tmp_path_factory.mktemp("damage"))


@pytest.fixture
def copy(small: Small, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small.output, tmp_path / "copy"))


def test_a_sound_build_is_one_line(small: Small) -> None:
    finished = run("verify", small.output)
    assert finished.code == 0
    assert len(finished.out.splitlines()) == 1
    assert b"as written" in finished.out
    assert len(kinds(small.output)) >= 44


@pytest.mark.parametrize("damage", [flip, pytest.param(cut, marks=pytest.mark.heavy)])
def test_every_kind_of_file_is_named(small: Small, copy: Path, damage: object) -> None:
    draw = random.Random(f"named {damage}")
    for names in kinds(copy).values():
        for _ in range(2):
            name = draw.choice(names)
            damage(copy / name, draw)  # type: ignore[operator]
            assert verified(copy) == [name]
            shutil.copy(small.output / name, copy / name)
    assert verified(copy) == []


def test_a_plain_rerun_makes_cut_files_of_every_kind_again(small: Small, copy: Path) -> None:
    draw = random.Random("cut")
    chosen = [draw.choice(names) for names in kinds(copy).values()]
    for name in chosen:
        cut(copy / name, draw)
    assert set(verified(copy)) <= set(chosen)  # without its manifest a stage knows less
    finished = run("build", small.recipe, "--output", copy)
    assert finished.code == 0, finished.err
    assert "Traceback" not in finished.err
    assert [line.split(":")[0] for line in remarks(finished)] == FOLDERS
    assert verified(copy) == []
    assert content(copy) == content(small.output)


def test_verifying_first_makes_every_kind_of_file_again(small: Small, copy: Path) -> None:
    draw = random.Random("flip")
    for names in kinds(copy).values():
        flip(copy / draw.choice(names), draw)
    finished = run("build", small.recipe, "--output", copy, "--verify")
    assert finished.code == 0, finished.err
    assert [line.split(":")[0] for line in remarks(finished)] == FOLDERS
    assert verified(copy) == []
    assert content(copy) == content(small.output)


def test_one_damaged_part_is_one_line_and_one_part(small: Small, copy: Path) -> None:
    stem = stems(copy)[1]
    flip(copy / f"documents/{stem}.parquet", random.Random(1))
    others = [path for path in (copy / "documents").glob("*part-*") if stem not in path.name]
    before = {path: path.stat().st_mtime_ns for path in others}
    assert not list(remarks(run("build", small.recipe, "--output", copy)))
    finished = run("build", small.recipe, "--output", copy, "--verify")
    assert list(remarks(finished)) == [
        f"documents: 1 part damaged (documents/{stem}.parquet: checksum), made again"
    ]
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    assert content(copy) == content(small.output)


FOLDERS = [*STAGES[:3], "overlap-matches", *STAGES[3:5], "tokens-held", "tokens-found", STAGES[5]]
OFTEN = ("documents/part-N.parquet", "overlap/part-N.parquet", "tokens/part-N.tokens")


@pytest.mark.parametrize(
    "kind",
    [kind if kind in OFTEN else pytest.param(kind, marks=pytest.mark.heavy) for kind in READ],
)
def test_a_flip_never_gets_into_what_a_stage_makes(small: Small, copy: Path, kind: str) -> None:
    draw = random.Random(kind)
    name = draw.choice(kinds(copy)[kind])
    flip(copy / name, draw)
    forget_after(copy, name.split("/")[0])
    finished = run("build", small.recipe, "--output", copy)
    assert finished.code == 0, finished.err
    assert [line for line in remarks(finished) if name in line], finished.err
    assert "Traceback" not in finished.err
    assert verified(copy) == []
    assert content(copy) == content(small.output)


def test_workers_meet_damage_too(small: Small, copy: Path) -> None:
    """Their error crosses two processes and names the file still."""
    names = sorted(f"documents/{stems(copy)[n]}.parquet" for n in (2, 0))
    for name in names:
        flip(copy / name, random.Random(name))
    forget_after(copy, "documents")
    finished = run("build", small.recipe, "--output", copy, "--workers", 2)
    assert finished.code == 0, finished.err
    assert list(remarks(finished)) == [
        f"documents: 2 parts damaged ({names[0]}: checksum, {names[1]}: checksum), made again"
    ]
    assert content(copy) == content(small.output)


def test_builds_of_older_versions_run_again(small: Small, copy: Path) -> None:
    for path in copy.glob("*/manifest.json"):
        path.write_text('{"stage": "x", "key": "of old", "files": 3}\n')
        path.with_name("files.parquet").unlink()
    finished = run("build", small.recipe, "--output", copy, "--explain")
    first = finished.out.decode().splitlines()[0]
    assert first == "documents   runs: made by an older version, which kept no checksums"
    assert b"documents: made by an older version" in run("verify", copy).out
    assert run("build", small.recipe, "--output", copy).code == 0
    assert content(copy) == content(small.output)


STAGE_FOLDERS = ["documents", "overlap-matches", "tokens", "tokens-held", "sequences"]


@pytest.mark.parametrize("folder", STAGE_FOLDERS)
@pytest.mark.parametrize("what", ["folder", "manifest"])
def test_a_stage_that_is_gone_is_named(copy: Path, folder: str, what: str) -> None:
    if what == "folder":
        shutil.rmtree(copy / folder)
    else:
        (copy / folder / "manifest.json").unlink()
    assert verified(copy) == [f"{folder}/manifest.json"]


@pytest.mark.parametrize("name", ["manifest.json", "inputs.json"])
def test_records_of_the_build_that_are_gone_are_named(small: Small, copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert verified(copy) == [name]
    assert run("build", small.recipe, "--output", copy).code == 0
    assert verified(copy) == []


def without_sum(data: bytes) -> bytes:
    return re.sub(rb',\n "crc32c": "\w+"', b"", data)


OTHER_RECORDS = {
    "without its checksum": without_sum,
    "empty": lambda data: b"{}\n",
    "in UTF-16": lambda data: data.decode().encode("utf-16"),
    "nested": lambda data: b"[" * 100_000,
    "a list": lambda data: b"[]\n",
    "nothing": lambda data: b"",
}


@pytest.mark.parametrize(
    "how",
    [
        how if how == "without its checksum" else pytest.param(how, marks=pytest.mark.heavy)
        for how in OTHER_RECORDS
    ],
)
def test_records_that_no_version_wrote_are_named(small: Small, copy: Path, how: str) -> None:
    names = ["manifest.json", "inputs.json", "tokens/manifest.json", "overlap/manifest.json"]
    summary = f"documents/{stems(copy)[0]}.json"
    for name in [*names, summary]:
        path = copy / name
        path.write_bytes(OTHER_RECORDS[how](path.read_bytes()))
        assert verified(copy) == [name]
        finished = run("build", small.recipe, "--output", copy, "--verify")
        assert finished.code == 0, finished.err
        assert "Traceback" not in finished.err
        assert verified(copy) == []
    assert content(copy) == content(small.output)


def test_files_of_other_builds_are_named_and_deleted(small: Small, copy: Path) -> None:
    shard = next((copy / "sequences").glob("*.tfrecord*"))
    extra = [
        shard.with_name(re.sub(r"\d{5}-of", "00077-of", shard.name)),
        copy / "documents/part-0123456789abcdef.parquet",
        copy / "tokens/part-0123456789abcdef.tokens",
        copy / "overlap/part-0123456789abcdef.json",
    ]
    for path in extra:
        shutil.copy(shard, path)
        assert verified(copy) == [str(path.relative_to(copy))]
        finished = run("build", small.recipe, "--output", copy)
        assert finished.code == 0, finished.err
        assert not path.exists()
        assert verified(copy) == []
    assert content(copy) == content(small.output)


def test_files_of_the_user_are_none_of_the_builds(small: Small, copy: Path) -> None:
    for name in ("sequences/README.md", "tokens/notes.txt", "documents/part-1.csv"):
        (copy / name).write_text("mine")
    assert verified(copy) == []
    assert run("build", small.recipe, "--output", copy).code == 0
    assert (copy / "sequences/README.md").read_text() == "mine"


@pytest.mark.parametrize("name", ["tokens/manifest.json", "manifest.json", "inputs.json"])
def test_a_folder_in_place_of_a_record_is_named(small: Small, copy: Path, name: str) -> None:
    (copy / name).unlink()
    (copy / name / "mine").mkdir(parents=True)
    assert verified(copy) == [name]
    finished = run("build", small.recipe, "--output", copy)
    assert finished.code != 0
    assert name in one_line(finished)
    assert (copy / name / "mine").exists()


def test_no_build_is_one_line(tmp_path: Path) -> None:
    finished = run("verify", tmp_path)
    assert (finished.code, one_line(finished)) == (
        2,
        f"massivetext: no build in {tmp_path}: it has no manifest.json",
    )


def test_a_held_out_set_that_changes_while_it_is_read_fails_its_stage(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "held.jsonl"
    held.write_bytes(json_lines(4))
    words = (
        "--set",
        f'overlap.sets=[{{name="held", path="{held}"}}]',
        "--output",
        tmp_path / "out",
    )

    def write_and_grow(*given: object) -> object:
        facts = write(*given)
        held.write_bytes(json_lines(4, 5))
        return facts

    module = pytest.importorskip("massivetext.pipelines.stages.overlap.run")
    write = module.write_held_out
    monkeypatch.setattr(module, "write_held_out", write_and_grow)
    finished = run("build", small.recipe, *words)
    assert finished.code == 1
    assert "overlap: a list or held-out set of the recipe changed" in one_line(finished)
    monkeypatch.undo()
    assert run("build", small.recipe, *words).code == 0
    assert verified(tmp_path / "out") == []


def test_an_input_that_changes_while_it_is_read_fails_its_part(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(small.recipe.parent / "c4", tmp_path / "c4")
    shutil.copytree(small.recipe.parent / "news", tmp_path / "news")
    words = ("--set", f"root={tmp_path}", "--output", tmp_path / "out")
    path = tmp_path / "c4" / "1.jsonl"
    module = "massivetext.pipelines.stages.documents.write"

    def grow(*given: object) -> object:
        if path.stat().st_size == size:
            path.write_bytes(path.read_bytes() + json_lines(50))
        return judged(*given)

    size = path.stat().st_size
    write = pytest.importorskip(module)
    judged = write.judged
    monkeypatch.setattr(write, "judged", grow)
    finished = run("build", small.recipe, *words)
    assert finished.code == 1
    assert f"{path} changed while it was read" in one_line(finished)
    summaries = (
        json.loads(p.read_text()) for p in (tmp_path / "out/documents").glob("part-*.json")
    )
    assert not [s for s in summaries if s["source"] == "c4" and s["contents"][0][0] == "1.jsonl"]
    assert run("build", small.recipe, *words).code == 0

"""A build against an old one: what the old one has is not built again, and the old one stays."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.storage.files import upload
from massivetext.storage.json_files import require_json, write_summed_json
from tests.builds.conftest import s3_flags
from tests.support.commands import check_conserved, one_line, prose, run, stage, stems, write_recipe


def edited(number: int) -> str:
    """The text of a number with one word of its middle replaced."""
    words = prose(number, 30).split(" ")
    words[len(words) // 2] = "otherwise"
    return " ".join(words)


@pytest.fixture
def new(recipe: Path, tmp_path: Path) -> Path:
    """A recipe of ten documents: three near and two exact copies of old ones, five of its own."""
    own = [prose(n, 30) for n in range(900, 905)]
    texts = [*own, *(prose(n) for n in (3, 104)), *(edited(n) for n in range(905, 908))]
    (tmp_path / "c4").mkdir()
    lines = [json.dumps({"text": text}) for text in texts]
    (tmp_path / "c4" / "new.jsonl").write_text("\n".join(lines) + "\n")
    return write_recipe(tmp_path / "recipe.toml", {"c4": "c4/*"}, tokens='"max"', length=64)


@pytest.fixture(scope="module")
def old(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An old build, which has the originals of the near copies too."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(recipe.parent / "c4", folder / "c4")
    shutil.copytree(recipe.parent / "news", folder / "news")
    more = [json.dumps({"text": prose(n, 30)}) for n in range(905, 908)]
    (folder / "c4" / "more.jsonl").write_text("\n".join(more) + "\n")
    files = {"c4": "c4/*", "news": "news/*"}
    output = folder / "out"
    assert run("build", write_recipe(folder / "r.toml", files), "--output", output).code == 0
    return output


def duplicates(recipe: Path, output: Path, *old: object, **values: str):
    against = json.dumps([str(folder) for folder in old])
    words = ["--set", f"duplicates.against={against}"]
    for name, value in values.items():
        words += ["--set", f"duplicates.{name}={value}"]
    return run("build", recipe, "--output", output, *words)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_copies_of_an_old_build_are_dropped(new: Path, old: Path, tmp_path: Path) -> None:
    before = contents(old)
    finished = duplicates(new, tmp_path / "out", old)
    assert finished.code == 0, finished.err
    check_conserved(tmp_path / "out")
    facts = stage(tmp_path / "out", "duplicates")
    assert facts["sources"]["c4"]["dropped"] == {"exact": 2, "near": 3, "host": 0}
    assert facts["sources"]["c4"]["copies_of_old"] == 5
    (against,) = facts["against"]
    assert (against["folder"], against["documents"]) == (str(old), 63)
    rows = pq.read_table(
        tmp_path / f"out/duplicates/{stems(tmp_path / 'out')[0]}.parquet"
    ).to_pylist()
    for row in rows:
        file = old / "documents" / f"{row['twin_part']}.parquet"
        assert pq.read_table(file)["id"][row["twin_row"]].as_py() == row["twin_id"]
    shown = run("show", tmp_path / "out", "--reason", "near", "-n", "3")
    assert shown.code == 0, shown.err
    assert shown.out.count(b"otherwise") >= 3
    assert contents(old) == before


def test_the_key_has_the_old_builds_digest(new: Path, old: Path, tmp_path: Path) -> None:
    output, moved = tmp_path / "out", tmp_path / "moved"
    assert duplicates(new, output, old).code == 0
    shutil.copytree(old, moved)
    words = ("build", new, "--output", output, "--explain", "--set")
    assert run(*words, f'duplicates.against=["{moved}"]').out.count(b"up to date") == 6
    assert run(*words, "duplicates.against=[]").out.count(b"up to date") == 1
    manifest = str(moved / "duplicates" / "manifest.json")
    table = require_json(manifest)
    table["checksums"][0][-1] = "00000000"
    write_summed_json(manifest, table)
    assert run(*words, f'duplicates.against=["{moved}"]').out.count(b"up to date") == 1


def test_old_builds_on_an_object_store(new: Path, old: Path, tmp_path: Path, s3: str) -> None:
    upload(old, "s3://bucket/old")
    finished = run(
        *("build", new, "--output", tmp_path / "far", *s3_flags(s3)),
        *("--set", 'duplicates.against=["s3://bucket/old"]'),
    )
    assert finished.code == 0, finished.err
    assert duplicates(new, tmp_path / "near", old).code == 0
    lists = [
        pq.read_table(
            tmp_path / name / f"duplicates/{stems(tmp_path / name)[0]}.parquet"
        ).drop_columns("twin_build")
        for name in ("far", "near")
    ]
    assert lists[0].equals(lists[1])
    assert lists[0].num_rows == 5


def test_what_cannot_be_compared_with_is_one_line(new: Path, old: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert "no build in" in one_line(duplicates(new, output, tmp_path / "nothing"))
    assert "named twice" in one_line(duplicates(new, output, old, f"{old}/"))
    assert "shingles of 13 words" in one_line(duplicates(new, output, old, shingle_words="5"))
    marks = duplicates(new, output, old, punctuation='"delete"')
    assert 'punctuation = "space"' in one_line(marks)
    sources = json.dumps(["web", "books", "c4", "news", "github", "wikipedia"] + ["web"] * 2)
    assert "at most 7" in one_line(duplicates(new, output, old, preference=sources))
    assert not output.exists()


@pytest.mark.parametrize("name", ["documents/{1}.parquet", "duplicates/{2}.json"])
def test_an_old_build_with_a_part_gone(new: Path, old: Path, tmp_path: Path, name: str) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(old, broken)
    name = name.format(*stems(old))
    (broken / name).unlink()
    assert f"{broken}/{name} is gone" in one_line(duplicates(new, tmp_path / "out", broken))
    assert not (tmp_path / "out").exists()


def test_an_old_build_with_signatures_of_another_kernel(
    new: Path, old: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(old, broken)
    path = broken / "documents" / f"{stems(old)[0]}.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("signature")
    column = pa.array([bytes(512)] * len(table), table.schema.field(place).type)
    changed = table.set_column(place, table.schema.field(place), [column])
    pq.write_table(changed, path)
    line = one_line(duplicates(new, tmp_path / "out", broken))
    assert "signatures of another version" in line
    assert not (tmp_path / "out").exists()


def test_an_old_build_that_documents_were_taken_out_of(
    new: Path, old: Path, tmp_path: Path
) -> None:
    """They have no text to be signed again; their exact copies are still found."""
    broken = tmp_path / "less"
    shutil.copytree(old, broken)
    names = [name for stem in stems(old)[:2] for name in ids(old, stem)]
    (tmp_path / "list.txt").write_text("\n".join(names) + "\n")
    assert run("take-out", broken, "--ids", tmp_path / "list.txt").code == 0
    assert duplicates(new, tmp_path / "before", old).code == 0
    finished = duplicates(new, tmp_path / "out", broken)
    assert finished.code == 0, finished.err
    dropped = [
        stage(tmp_path / name, "duplicates")["sources"]["c4"]["dropped"]
        for name in ("before", "out")
    ]
    assert dropped[0]["exact"] == dropped[1]["exact"] == 2


def ids(output: Path, stem: str) -> list[str]:
    found: list[str] = pq.read_table(output / "documents" / f"{stem}.parquet")["id"].to_pylist()
    return found


@pytest.mark.parametrize("how", ["{}", "{}/", "{}/../out", "link"])
def test_a_build_is_not_compared_with_itself(
    recipe: Path, old: Path, tmp_path: Path, how: str
) -> None:
    """It would be deleted first, and then be missed."""
    output = tmp_path / "out"
    shutil.copytree(old, output)
    (tmp_path / "link").symlink_to(output)
    before = contents(output)
    folder = how.format(output) if how != "link" else str(tmp_path / "link")
    against = f"duplicates.against={json.dumps([folder])}"
    words = ("build", old.parent / "r.toml", "--output", output, "--replace", "--set", against)
    assert "is the --output itself" in one_line(run(*words))
    assert contents(output) == before
    twice = duplicates(recipe, tmp_path / "x", output, tmp_path / "link")
    assert "named twice" in one_line(twice)


def test_an_old_build_of_an_older_one_asks_for_that_too(
    new: Path, old: Path, tmp_path: Path
) -> None:
    middle = tmp_path / "middle"
    assert duplicates(new, middle, old).code == 0
    (tmp_path / "later" / "c4").mkdir(parents=True)
    lines = [json.dumps({"text": prose(n, 30)}) for n in (900, 910, 911, 912)]
    (tmp_path / "later" / "c4" / "a.jsonl").write_text("\n".join([*lines, json_line(3)]) + "\n")
    values = {"tokens": '"max"', "length": 64}
    later = write_recipe(tmp_path / "later" / "r.toml", {"c4": "c4/*"}, **values)
    warned = duplicates(later, tmp_path / "one", middle)
    line = f"{middle} was itself compared with {old}, which is not named"
    assert line in warned.err
    assert any(line in found for found in stage(tmp_path / "one", "duplicates")["remarks"])
    assert line not in duplicates(later, tmp_path / "both", middle, old).err
    assert stage(tmp_path / "both", "duplicates")["remarks"] == []


def json_line(number: int) -> str:
    return json.dumps({"text": prose(number)})


def test_damage_of_an_old_part_is_named(new: Path, old: Path, tmp_path: Path) -> None:
    """What is read is checked; nothing of another build is made again."""
    broken = tmp_path / "broken"
    shutil.copytree(old, broken)
    path = broken / "duplicates" / f"{stems(old)[1]}.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    finished = duplicates(new, tmp_path / "out", broken)
    assert finished.code == 1
    assert str(path) in one_line(finished)

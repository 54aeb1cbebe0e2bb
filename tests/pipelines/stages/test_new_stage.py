"""A new stage costs its folder and its row in the list of stages: the rest derives from these."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import massivetext
from tests.support.commands import json_lines, run, write_recipe

STAGE = """
from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.folder.file_names import FileNames


def _run(build):
    from massivetext.pipelines.stages.letters.run import run_letters

    return run_letters(build)


STAGE = StageSpec(
    name="letters",
    help="counts letters",
    format=1,
    reads=lambda inputs: {"parts": inputs.values["parts"]},
    run=_run,
    names=FileNames(of_part=("{}.count",)),
    machine="n2-highmem-2",
)
"""
RUN = """
from functools import partial

from massivetext.pipelines.flow import flow
from massivetext.pipelines.engine.run_parts import finish_parts, run_parts, summary_of
from massivetext.storage.files import write_bytes
from massivetext.storage.json_files import write_json
from massivetext.pipelines.stages.survivors import dropped_rows, read_wanted


def run_letters(build):
    stage = build.stages["letters"]
    add = partial(add_letters, stage=stage, output=build.output)
    summaries, facts = run_parts(stage, build.parts, add, build.execution)
    facts["letters"] = sum(summary["letters"] for summary in summaries)
    return finish_parts(stage, build.parts, summaries, facts)


def add_letters(parts, stage, output):
    _ = parts | "count letters" >> flow.mapped(count_letters, stage, output)


def count_letters(part, stage, output):
    rows = read_wanted(output, part.stem, ["id"], bool, dropped_rows(output, part.stem))
    letters = sum(len(row["text"]) for row in rows)
    write_bytes(stage.path(f"{part.stem}.count"), str(letters).encode())
    summary = summary_of(stage, part) | {"letters": letters}
    write_json(stage.path(f"{part.stem}.json"), summary)
"""
IMPORT = "from massivetext.pipelines.stages.letters import stage as letters\n"
START = """
import sys

sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in type(f).__module__]
sys.path.insert(0, {site!r})
from massivetext.cli.main import main

sys.exit(main())
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the command line of a copy of this program that has one stage more."""
    site = tmp_path_factory.mktemp("site")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(massivetext.__file__).parent, site / "massivetext", ignore=ignore)
    pipelines = site / "massivetext" / "pipelines"
    folder = pipelines / "stages" / "letters"
    folder.mkdir()
    for name, text in {"__init__": '"""Letters."""\n', "stage": STAGE, "run": RUN}.items():
        (folder / f"{name}.py").write_text(text)
    rows = (pipelines / "stage_list.py").read_text()
    rows = rows.replace("    sequences.STAGE,\n", "    sequences.STAGE,\n    letters.STAGE,\n")
    (pipelines / "stage_list.py").write_text(IMPORT + rows)
    start = site / "start.py"
    start.write_text(START.format(site=str(site)))
    return start


def call(program: Path, *words: object) -> str:
    command = [sys.executable, str(program), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Returns the arguments of a small build that the program as it is has finished."""
    folder = tmp_path_factory.mktemp("small")
    for number in range(3):
        first = 40 * number
        (folder / f"{number}.jsonl").write_bytes(json_lines(*range(first, first + 40)))
    recipe = write_recipe(folder / "recipe.toml", {"c4": "*.jsonl"})
    words = [str(recipe), "--output", str(folder / "out")]
    assert run("build", *words).code == 0
    return words


def reasons(program: Path, words: list[str]) -> list[str]:
    """Returns why each stage would run."""
    lines = call(program, "build", *words, "--explain").splitlines()
    return [line.split(maxsplit=1)[1] for line in lines]


def test_a_new_stage_is_its_folder_and_one_row(program: Path, words: list[str]) -> None:
    stages = [line.split() for line in call(program, "--help").splitlines() if " stage " in line]
    assert stages[-1] == ["letters", "stage", "7:", "counts", "letters"]
    assert reasons(program, words) == ["up to date"] * 6 + ["runs: nothing there"]
    call(program, "letters", *words, "--workers", "1")
    folder = Path(words[-1], "letters")
    manifest = json.loads((folder / "manifest.json").read_text())
    counts = [int(path.read_text()) for path in sorted(folder.glob("*.count"))]
    assert len(counts) == 3
    assert manifest["letters"] == sum(counts) > 0
    assert reasons(program, words) == ["up to date"] * 7

    names = sorted(path.name for path in folder.glob("*.count"))
    (folder / names[1]).unlink()
    assert reasons(program, words) == ["up to date"] * 6 + ["runs: files are gone (1)"]
    (folder / "notes.txt").write_bytes(b"a user's")
    (folder / f"part-{7:016x}.count").write_bytes(b"of another plan")
    (folder / "part-00007.count").write_bytes(b"of an older version")
    (folder / names[2]).unlink()
    (folder / names[0]).unlink()
    call(program, "build", *words, "--workers", "1")
    left = sorted(path.name for path in folder.glob("*") if path.suffix in (".count", ".txt"))
    assert left == ["notes.txt", *names]
    assert "letters" in json.loads(Path(words[-1], "manifest.json").read_text())["stages"]

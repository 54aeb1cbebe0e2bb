"""The user's own modules are theirs, and ours are ours: installed from a wheel, and editable."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.commands import json_lines, model_path, write_recipe

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a user's working folder, with modules of our folders' names."""
    for name in ("train", "pipelines"):
        (tmp_path / f"{name}.py").write_text("MINE = True\n")
    for name in ("filters", "tokenizer"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("MINE = True\n")
    (tmp_path / "a.jsonl").write_bytes(json_lines(*range(30)))
    (tmp_path / "b.jsonl").write_bytes(json_lines(*range(30, 60)))
    return tmp_path


def run(folder: Path, *words: object) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done.stdout


def ways(python: Path) -> list[tuple[object, ...]]:
    """Returns how the command is started: by its script, and as a module."""
    return [(python.parent / "massivetext",), (python, "-m", "massivetext")]


def imports_are_the_users(folder: Path, python: Path) -> None:
    for name in ("train", "filters", "pipelines", "tokenizer"):
        program = f"import massivetext.{name}.cli, {name}; print({name}.MINE)"
        assert run(folder, python, "-c", program) == "True\n"


def commands_run(folder: Path, python: Path) -> None:
    for number, command in enumerate(ways(python)):
        words = ("a.jsonl", "-o", f"out{number}.jsonl")
        run(folder, *command, "filter", *words, "--language-model", model_path())
        assert (folder / f"out{number}.jsonl").read_bytes().count(b"\n") == 30
        (folder / f"out{number}.jsonl").unlink()


def builds_and_trains(folder: Path, python: Path) -> None:
    recipe = write_recipe(folder / "recipe.toml", {"c4": "*.jsonl"}, length=256)
    for number, command in enumerate(ways(python)):
        out = f"out{number}"
        run(folder, *command, "build", recipe, "--output", out, "--workers", 2)
        words = ("--data", out, "--output", f"model{number}", "--steps", 2)
        run(folder, *command, "train", "nano", *words)
    shards = [sorted((folder / f"out{n}" / "sequences").glob("*.tfrecord*")) for n in (0, 1)]
    assert [path.read_bytes() for path in shards[0]] == [path.read_bytes() for path in shards[1]]
    assert len(shards[0]) == 3


def test_an_editable_install_takes_no_name(folder: Path) -> None:
    imports_are_the_users(folder, Path(sys.executable))
    commands_run(folder, Path(sys.executable))


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_an_editable_install_builds_and_trains(folder: Path) -> None:
    builds_and_trains(folder, Path(sys.executable))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(ROOT, sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ".")
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the Python of an environment with the wheel, which sees this one's packages.

    A path in a .pth file is only looked in: the editable install of this environment is not seen.
    """
    place = tmp_path_factory.mktemp("environment")
    venv.create(place)
    python = place / "bin" / "python"
    (site,) = place.glob("lib/python*/site-packages")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
    run(place, *pip, "--no-deps", "--no-index", wheel)
    (site / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.mark.heavy
def test_a_wheel_brings_one_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"massivetext"}
    assert len(tops) == 2


@pytest.mark.heavy
@pytest.mark.timeout(900)
def test_a_wheel_takes_no_name(installed: Path, folder: Path) -> None:
    where = run(folder, installed, "-c", "import massivetext; print(massivetext.__file__)")
    assert Path(where).is_relative_to(installed.parents[1])
    imports_are_the_users(folder, installed)
    commands_run(folder, installed)
    builds_and_trains(folder, installed)


@pytest.mark.heavy
def test_examples_are_typed_against_the_wheel(installed: Path, folder: Path) -> None:
    examples = sorted((ROOT / "examples").glob("*.py"))
    words = ("--strict", "--python-executable", installed, "--cache-dir", folder / "cache")
    out = run(folder, sys.executable, "-m", "mypy", *words, *examples)
    assert out == f"Success: no issues found in {len(examples)} source files\n"

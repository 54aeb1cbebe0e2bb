"""What `benchmarks` takes of the package is there, and the growth of the duplicates stage runs."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.duplicates import growth

FOLDER = Path(growth.__file__).parents[1]


def taken(path: Path) -> Iterator[tuple[str, str]]:
    """Yields module and name of what a file imports from the package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("massivetext"):
            yield from ((node.module or "", alias.name) for alias in node.names)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_names_taken_from_the_package_are_there(path: Path) -> None:
    for module, name in taken(path):
        if not hasattr(importlib.import_module(module), name):
            importlib.import_module(f"{module}.{name}")


def test_an_increment_is_measured_against_all_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    growth.main(400)
    *runs, last = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in runs] == [["400", "0"], ["380", "0"], ["20", "380"]]
    assert last.startswith("increment of 5%: ")

"""Imports point downwards only: a test walks them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED: dict[str, set[str]] = {
    "massivetext": set(),
    "filters": set(),
    "tokenizer": set(),
    "pipelines": {"massivetext.filters", "massivetext.tokenizer", "apache_beam"},
    "train": {"massivetext.tokenizer", "jax", "optax", "orbax"},
}
ROOMS = {f"massivetext.{room}" for room in ALLOWED} - {"massivetext.massivetext"}
GUARDED = ROOMS | set().union(*ALLOWED.values())
FRONT_DOOR = ROOT / "massivetext" / "cli" / "main.py"  # imports commands by name
PUBLIC = ROOT / "massivetext" / "__init__.py"  # imports its names when they are used


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module


@pytest.mark.parametrize("room", ALLOWED)
def test_rooms_import_only_downwards(room: str) -> None:
    forbidden = GUARDED - ALLOWED[room] - {f"massivetext.{room}"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in imported(path)
        if path != PUBLIC
        if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)
    ]
    assert not wrong


def test_front_door_imports_no_command_at_the_top() -> None:
    assert not any(name.startswith(tuple(ROOMS)) for name in imported(FRONT_DOOR))


@pytest.mark.parametrize("room", ALLOWED)
def test_files_and_functions_keep_their_size(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name.startswith("_unicode"):
            continue
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                assert size <= 40, f"{path}:{node.name} has {size} lines"

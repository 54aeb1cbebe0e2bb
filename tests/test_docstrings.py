"""Docstrings have one form: Google's, two spaces in a section, Yields for generators."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.imports import PRODUCT, ROOT, files_of

SECTIONS = ("Args", "Attributes", "Raises", "Returns")
_HEAD = re.compile(r"^( *)(\w+):$")
_ENTRY = re.compile(r"[A-Za-z_*][\w.*, ]*: \S")
_INLINE = re.compile(r"(?:^|[.;] )Raises [`A-Z]")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def documented(path: Path) -> Iterator[tuple[str, ast.AST, str]]:
    """Yields the place, node and docstring of each function and class of a file that has one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function | ast.ClassDef) and (text := ast.get_docstring(node)):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node, text


def yields(node: ast.AST) -> bool:
    """Returns whether a function is a generator, of items or of a context."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        child = waiting.pop()
        if isinstance(child, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(child, Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(child)
    return False


def faults(node: ast.AST, text: str) -> Iterator[str]:
    """Yields what of a docstring has another form."""
    if isinstance(node, Function) and len(node.body) > 1:  # else it is a protocol's
        if yields(node) and text.startswith("Returns "):
            yield "a generator yields"
        if not yields(node) and text.startswith("Yields "):
            yield "yields, but is no generator"
    if _INLINE.search(" ".join(text.partition("\nRaises:")[0].split())[1:]):
        yield "raises inside a sentence: make it a section"
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if (head := _HEAD.match(line)) and head[2] in SECTIONS:
            yield from _entries(head[2], lines[number + 1 :], len(head[1]))


def _entries(section: str, lines: list[str], indent: int) -> Iterator[str]:
    entries = 0
    for line in lines:
        size = len(line) - len(line.lstrip())
        if not line.strip() or size <= indent:
            break
        if size == indent + 2:
            entries += 1
            if section != "Returns" and not _ENTRY.match(line.strip()):
                yield f"{section}: {line.strip()!r} names nothing"
        elif size != indent + 4 or not entries:
            yield f"{section}: {size - indent} spaces before {line.strip()!r}"
    if not entries:
        yield f"{section}: empty"


@pytest.mark.parametrize("room", PRODUCT)
def test_docstrings_have_one_form(room: str) -> None:
    found = [
        f"{place}: {fault}"
        for path in files_of(room).values()
        for place, node, text in documented(path)
        for fault in faults(node, text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ('def f():\n  """Returns all."""\n  yield 1', "a generator yields"),
        ('def f():\n  """Yields all."""\n  return g()', "yields, but is no generator"),
        ('def f():\n  """Yields all."""\n  def g(): yield 1\n  return g()', "is no generator"),
        ('def f():\n  """Does.\n\n  Raises:\n      E: if.\n  """', "4 spaces"),
        ('def f():\n  """Does.\n\n  Raises:\n    When it must.\n  """', "names nothing"),
        ('def f():\n  """Does. Raises E if it must."""', "make it a section"),
        ('def f():\n  """Does.\n\n  Args:\n    a: one\n      more.\n  """', ""),
        ('def f():\n  """Yields all.\n\n  Raises:\n    E: if.\n  """\n  yield 1', ""),
    ],
)
def test_another_form_is_found(code: str, fault: str) -> None:
    node = ast.parse(code).body[0]
    found = list(faults(node, ast.get_docstring(node) or ""))
    assert any(fault in one for one in found) if fault else not found

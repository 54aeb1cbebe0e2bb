"""The imports of this repository as a graph: of files, and of the folders that they lie in."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("massivetext", "filters", "tokenizer", "pipelines", "train")
PYTHON = (*PRODUCT, "tests", "benchmarks", "examples")
# Packages whose __init__ shows users their names: it may import what lies below it, which no file
# of ours may do through it. Every other __init__ imports nothing.
DOORS = ("massivetext", *(f"massivetext.{room}" for room in PRODUCT[1:]))

Graph = Mapping[str, set[str]]


@cache
def files_of(room: str) -> dict[str, Path]:
    """Returns the Python files of a top folder by the name they are imported by."""
    above = ["massivetext"] if room in PRODUCT and room != "massivetext" else []
    found = {}
    for path in sorted((ROOT / room).rglob("*.py")):
        inside = path.relative_to(ROOT)
        if not any((ROOT / parent).is_symlink() for parent in inside.parents):
            parts = [*above, *inside.with_suffix("").parts]
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def all_files() -> dict[str, Path]:
    """Returns the Python files of the whole repository."""
    return {name: path for room in PYTHON for name, path in files_of(room).items()}


def imported(path: Path) -> Iterator[str]:
    """Yields what a file imports, wherever in it: modules of ours by their own name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in all_files() else node.module


@cache
def imports() -> Graph:
    """Returns which of our files each of our files imports."""
    files = all_files()
    return {
        name: {other for other in imported(path) if other in files and other != name}
        for name, path in files.items()
    }


def folder(module: str) -> str:
    """Returns the folder of a module, below the repository's root.

    ``__main__`` is a program's entrance, imports what it starts, and is imported by nobody: it
    counts as a place of its own.
    """
    path = all_files()[module].relative_to(ROOT)
    return str(path if path.name == "__main__.py" else path.parent)


def without_doors() -> Graph:
    """Returns the graph without what the packages that users import from show."""
    return {module: set() if module in DOORS else found for module, found in imports().items()}


def folders(graph: Graph) -> Graph:
    """Returns which folders each folder imports from."""
    found: dict[str, set[str]] = {folder(module): set() for module in graph}
    for module, others in graph.items():
        found[folder(module)] |= {folder(other) for other in others} - {folder(module)}
    return found


def within(graph: Graph, names: set[str]) -> Graph:
    """Returns the part of a graph that has these names only."""
    return {name: others & names for name, others in graph.items() if name in names}


def longest_chain(graph: Graph) -> list[str]:
    """Returns the longest chain of imports, the importer of all first.

    Raises:
      AssertionError: there is a circle; the message names it.

    >>> longest_chain({"a": {"b", "c"}, "b": {"c"}, "c": set()})
    ['a', 'b', 'c']
    """
    chains: dict[str, list[str]] = {}

    def chain(name: str, above: tuple[str, ...]) -> list[str]:
        assert name not in above, f"a circle: {' -> '.join((*above, name))}"
        if name not in chains:
            below = (chain(other, (*above, name)) for other in sorted(graph.get(name, ())))
            chains[name] = [name, *max(below, key=len, default=[])]
        return chains[name]

    return max((chain(name, ()) for name in sorted(graph)), key=len, default=[])

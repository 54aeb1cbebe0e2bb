"""The house: how many files a folder shows, how they are called, and how deep their imports go."""

import ast
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.support.imports import (
    DOORS,
    PRODUCT,
    PYTHON,
    ROOT,
    all_files,
    files_of,
    folder,
    folders,
    imports,
    longest_chain,
    within,
    without_doors,
)

MODULES = 12  # in a folder
SAME_PREFIX = 2
CHAIN = 5  # files, inside a folder
LEVELS = {"pipelines": 7, "train": 8}  # of folders

IN_A_DOOR = ("_MODULES", "_PLACES", "__all__", "__getattr__", "__dir__", "__version__")


def by_folder(rooms: tuple[str, ...] = PYTHON) -> dict[Path, list[str]]:
    """Returns the stems of the modules of each folder."""
    found = defaultdict(list)
    for room in rooms:
        for path in files_of(room).values():
            if path.name != "__init__.py":
                found[path.parent.relative_to(ROOT)].append(path.stem)
    return found


@pytest.mark.parametrize("room", PYTHON)
def test_a_folder_can_be_seen_at_a_glance(room: str) -> None:
    for place, stems in by_folder((room,)).items():
        assert len(stems) <= MODULES, f"{place} lists {len(stems)} modules: {sorted(stems)}"


@pytest.mark.parametrize("room", PYTHON)
def test_a_common_prefix_is_a_folder(room: str) -> None:
    for place, stems in by_folder((room,)).items():
        words = [stem.removeprefix("test_").lstrip("_").split("_")[0] for stem in stems]
        often = {word for word, count in Counter(words).items() if count > SAME_PREFIX}
        assert not often, f"{place}: {sorted(often)} begin more than {SAME_PREFIX} names"


def test_no_circle_of_files() -> None:
    assert longest_chain(without_doors())


def test_no_circle_of_folders() -> None:
    assert longest_chain(folders(without_doors()))


@pytest.mark.parametrize("room", LEVELS)
def test_a_room_has_few_floors(room: str) -> None:
    inside = within(without_doors(), set(files_of(room)))
    chain = longest_chain(folders(inside))
    assert len(chain) <= LEVELS[room], chain


def test_a_folder_is_read_in_few_steps() -> None:
    graph, inside = without_doors(), defaultdict(set)
    for module in graph:
        inside[folder(module)].add(module)
    for names in inside.values():
        chain = longest_chain(within(graph, names))
        assert len(chain) <= CHAIN, chain


def test_packages_show_names_only_at_their_doors() -> None:
    for module, path in all_files().items():
        if path.name != "__init__.py":
            continue
        if module not in DOORS:
            assert not imports()[module], f"{module} is no door for users: it imports nothing"
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assert _shows_names(node), f"{path}:{node.lineno}: a door only shows names"


def _shows_names(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # the docstring
    if isinstance(node, ast.Assign):
        return all(isinstance(t, ast.Name) and t.id in IN_A_DOOR for t in node.targets)
    if isinstance(node, ast.FunctionDef):
        return node.name in IN_A_DOOR
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.Import | ast.ImportFrom)


def test_no_file_of_ours_goes_through_a_door() -> None:
    ours = {name for room in PRODUCT for name in files_of(room)}
    wrong = {name: found & set(DOORS) for name, found in imports().items() if name in ours}
    assert not {name: found for name, found in wrong.items() if found}


def test_a_circle_is_found_and_named() -> None:
    with pytest.raises(AssertionError, match="a -> b -> c -> a"):
        longest_chain({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})
    assert longest_chain({"a": {"c"}, "b": {"a", "c"}, "c": set()}) == ["b", "a", "c"]


def test_folders_are_seen_through_their_files() -> None:
    name = "massivetext.pipelines.stages.tokens.run"
    graph = {name: {"massivetext.pipelines.plan"}, "massivetext.pipelines.plan": {name}}
    with pytest.raises(AssertionError, match="a circle: pipelines -> pipelines/stages/tokens"):
        longest_chain(folders(graph))

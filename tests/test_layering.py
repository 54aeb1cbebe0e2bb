"""Imports point downwards only: a test walks them all."""

import ast

import pytest

from tests.support.imports import PRODUCT, ROOT, files_of, folder, folders, imported, without_doors

# What else than massivetext's own folders each room may import.
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

# The folders of each room, from the ground up: a folder imports from lines above its own.
FLOORS: dict[str, tuple[str, ...]] = {
    "massivetext": (
        "massivetext",
        "massivetext/text",
        "massivetext/storage massivetext/mixture massivetext/shards"
        " massivetext/readers/markup massivetext/processes",
        "massivetext/readers/html/blocks",
        "massivetext/readers/html/salience",
        "massivetext/config massivetext/dedup massivetext/readers/bytes massivetext/readers/html"
        " massivetext/readers/wikipedia/templates",
        "massivetext/corpus massivetext/decontaminate massivetext/readers/rows"
        " massivetext/finished",
        "massivetext/card massivetext/comparison massivetext/exports massivetext/similar",
        "massivetext/readers/books massivetext/readers/code massivetext/readers/warc"
        " massivetext/readers/wikipedia massivetext/decontaminate/selftest"
        " massivetext/exports/sequences",
        "massivetext/readers",
        "massivetext/cli massivetext/sample/material",
        "massivetext/sample/planted",
        "massivetext/sample/check massivetext/sample/formats",
        "massivetext/sample",
    ),
    "filters": (
        "filters/rules filters/safety/text",
        "filters/language filters/own filters/personal filters/safety",
        "filters",
        "filters/explain",
        "filters/rejudge filters/show",
        "filters/public",
    ),
    "tokenizer": ("tokenizer",),
    "pipelines": (
        "pipelines/folder",
        "pipelines/changes pipelines/dataflow pipelines/flow pipelines/portable",
        "pipelines/engine pipelines/stages",
        "pipelines/stages/documents pipelines/stages/duplicates pipelines/stages/overlap"
        " pipelines/stages/vocabulary pipelines/stages/tokens pipelines/stages/sequences",
        "pipelines/transforms",
        "pipelines",
        "pipelines/audit pipelines/estimate",
        "pipelines/cli pipelines/take_out",
        "pipelines/rejudge",
    ),
    "train": (
        "train/config",
        "train/data train/fused",
        "train/model",
        "train/inference",
        "train/evaluation",
        "train train/run",
        "train/laboratory",
        "train/cli",
    ),
}


@pytest.mark.parametrize("room", ALLOWED)
def test_rooms_import_only_downwards(room: str) -> None:
    forbidden = GUARDED - ALLOWED[room] - {f"massivetext.{room}"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of(room).values()
        for name in imported(path)
        if path != PUBLIC
        if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)
    ]
    assert not wrong


@pytest.mark.parametrize("room", ALLOWED)
def test_folders_import_only_from_the_floors_below(room: str) -> None:
    floor = {name: n for n, names in enumerate(FLOORS[room]) for name in names.split()}
    graph = folders(without_doors())
    for name, others in graph.items():
        if name.split("/")[0] != room or name.endswith("__main__.py"):
            continue
        assert name in floor, f"{name} is new: give it a floor in FLOORS"
        for other in (other for other in others if other.split("/")[0] == room):
            assert floor[other] < floor[name], f"{name} imports from {other}"


def test_stages_are_strangers_to_each_other() -> None:
    """The stages know nothing of each other, and the engine nothing of them."""
    graph = folders(without_doors())
    stages = {name for name in graph if name.startswith("pipelines/stages/")}
    assert len(stages) >= 6
    assert not any(graph[name] & stages for name in stages)
    assert not graph["pipelines/engine"] & stages
    assert not graph["pipelines/dataflow"] & {"pipelines/engine", *stages}
    assert folder("massivetext.pipelines.stage_list") == "pipelines"


def test_front_door_imports_no_command_at_the_top() -> None:
    assert not any(name.startswith(tuple(ROOMS)) for name in imported(FRONT_DOOR))


@pytest.mark.parametrize("room", PRODUCT)
def test_files_and_functions_keep_their_size(room: str) -> None:
    for path in files_of(room).values():
        text = path.read_text(encoding="utf-8")
        if path.name.startswith("_unicode"):
            continue
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                assert size <= 40, f"{path}:{node.name} has {size} lines"

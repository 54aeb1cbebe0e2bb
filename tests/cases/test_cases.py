"""Small files and what must come out of them, from folders: a case is added without Python.

A folder holds inputs and an `expected.json`, a list of objects: `file`; `cmd` (extract: as the
command reads it; github: as the source github reads it); `docs`, the number of documents; `must`
and `mustnot`, strings that must and must not stand in their texts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from massivetext.cli.files import read_inputs
from massivetext.document import Document, Origin, Record
from massivetext.readers.formats import format_of, reader_for

HERE = Path(__file__).parent
SHARED = HERE.parent.parent.parent / "shared" / "cases"  # beside the project; not everywhere


def cases(root: Path) -> Iterator[Any]:
    for table in sorted(root.rglob("expected.json")):
        for case in json.loads(table.read_text(encoding="utf-8")):
            path = table.parent / case["file"]
            yield pytest.param(path, case, id=str(path.relative_to(root)))


def records(path: Path, command: str) -> Iterator[Record]:
    if command == "extract":
        yield from read_inputs([str(path)], "web")
        return
    read = reader_for(command, format_of(command, path.name))
    with path.open("rb") as file:
        yield from read(file, Origin(command, path.name), 0, None)


def check(path: Path, case: dict[str, Any]) -> None:
    found = list(records(path, case["cmd"]))
    texts = [record.text for record in found if isinstance(record, Document)]
    whole = "\n\n".join(texts)
    assert [words for words in case["must"] if words not in whole] == [], found
    assert [words for words in case["mustnot"] if words in whole] == [], found
    assert len(texts) == case["docs"], found


@pytest.mark.parametrize(("path", "case"), list(cases(HERE)))
def test_our_cases(path: Path, case: dict[str, Any]) -> None:
    check(path, case)


@pytest.mark.skipif(not SHARED.is_dir(), reason="no ../shared/cases")
@pytest.mark.parametrize(("path", "case"), list(cases(SHARED)))
def test_shared_cases(path: Path, case: dict[str, Any]) -> None:
    check(path, case)

"""Code whose rows have keys that a recipe names: the rules of the export hold all the same."""

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from massivetext.config.recipe import load_recipe
from massivetext.document import Broken, Document, Dropped, Origin, Record
from massivetext.pipelines.stages.documents.sources import source_works
from massivetext.readers.formats import reader_for
from massivetext.readers.rows.rows import Fields
from massivetext.reasons import Reason
from tests.massivetext.readers.code.test_read import ROW, read
from tests.support.commands import write_recipe

ORIGIN = Origin("code", "a")
KEYS = {
    "text": "text_key='body'",
    "the text of the export": "text_key='content'",
    "id": "id_key='id'",
    "url": "url_key='link'",
    "keep": "keep=['stars']",
}
CHANGES: list[tuple[dict[str, Any], Reason | None]] = [
    ({}, None),
    ({"license": "gpl-3.0"}, Reason.LICENCE),
    ({"license": ""}, Reason.LICENCE),
    ({"license": None}, Reason.LICENCE),
    ({"license": "MIT"}, None),
    ({"content": None}, Reason.BINARY),
    ({"content": "a\0b"}, Reason.BINARY),
    ({"binary": True}, Reason.BINARY),
    ({"content": " \n"}, Reason.EMPTY),
    ({"symlink_target": "../a"}, Reason.EMPTY),
    ({"size": "1048577"}, Reason.TOO_LARGE),
    ({"path": "yarn.lock"}, Reason.GENERATED),
]


def fields_for(folder: Path, keys: str) -> Fields:
    recipe = write_recipe(folder / "recipe.toml", {"web": "a"})
    source = f"sources.code={{files=['a'], like='github', {keys}}}"
    found = source_works(load_recipe(str(recipe), (source,)))["code"].fields
    assert found is not None
    return found


def row_of(keys: str, changes: dict[str, Any]) -> dict[str, Any]:
    row = ROW | {"stars": 3, "link": "http://a/"} | changes
    return row | {"body": row.pop("content")} if "body" in keys else row


def records(format: str, row: dict[str, Any], fields: Fields) -> list[Record]:
    file = io.BytesIO()
    if format == "github-parquet":
        pq.write_table(pa.Table.from_pylist([row]), file)
    else:
        file.write(json.dumps(row).encode())
    return list(reader_for("github", format, fields)(file, ORIGIN, 0, None))


@pytest.mark.parametrize("format", ["github-jsonl", "github-parquet"])
@pytest.mark.parametrize("keys", KEYS)
def test_the_first_reason_is_that_of_the_export(tmp_path: Path, keys: str, format: str) -> None:
    fields = fields_for(tmp_path, KEYS[keys])
    for changes, expected in CHANGES:
        (found,) = records(format, row_of(KEYS[keys], changes), fields)
        (plain,) = read(ROW | changes)
        for record in (found, plain):
            reason = record.reasons[0] if isinstance(record, Dropped) else None
            assert reason == expected, (changes, record)
            assert not isinstance(record, Broken), changes


@pytest.mark.parametrize("format", ["github-jsonl", "github-parquet"])
def test_what_is_named_comes_with_what_the_export_has(tmp_path: Path, format: str) -> None:
    fields = fields_for(tmp_path, "id_key='id', url_key='link', keep=['stars']")
    (found,) = records(format, row_of("", {}), fields)
    assert isinstance(found, Document)
    (plain,) = read(ROW)
    assert isinstance(plain, Document)
    assert (found.text, found.signals) == (plain.text, plain.signals)
    assert (found.source_id, found.url, found.extra) == ("2bd6", "http://a/", '{"stars":3}')
    bare = fields_for(tmp_path, "keep=['stars']")
    (unnamed,) = records(format, row_of("", {}), bare)
    assert isinstance(unnamed, Document)
    assert unnamed.url == plain.url


def test_a_row_that_names_no_licence_is_not_judged_by_one(tmp_path: Path) -> None:
    fields = fields_for(tmp_path, "text_key='body'")
    row = {"body": "x = 1\n", "path": "a.py"}
    (found,) = records("github-jsonl", row, fields)
    assert isinstance(found, Document)
    assert (found.signals.licence, found.signals.path) == ("", "a.py")
    assert isinstance(records("github-jsonl", {"text": "x"}, fields)[0], Broken)

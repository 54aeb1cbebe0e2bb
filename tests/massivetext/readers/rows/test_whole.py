"""Rows that come back whole, whatever they hold, by both ways of reading a line."""

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from massivetext.document import Document, Origin
from massivetext.readers.rows import jsonl
from massivetext.readers.rows.rows import COMMAND, Fields
from massivetext.readers.rows.whole import row_of

WHOLE = COMMAND._replace(whole=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXTS
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    PLAIN | FLOATS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=9
)


def document(row: object, fields: Fields = WHOLE) -> Document:
    data = row if isinstance(row, bytes) else json.dumps(row).encode()
    (found,) = jsonl.read_jsonl(io.BytesIO(data), Origin("web", "a.jsonl"), fields=fields)
    assert isinstance(found, Document)
    return found


@pytest.mark.parametrize("small", [jsonl.SMALL_BYTES, 0], ids=["parsed", "scanned"])
@settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(row=st.dictionaries(TEXTS.filter(lambda key: "." not in key), VALUES, max_size=5))
def test_a_row_comes_back_as_it_was(
    small: int, row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "SMALL_BYTES", small)
    row |= {"text": "Some text.", "id": "n"}
    found = row_of(document(row), WHOLE)
    assert found == row
    assert list(found) == list(row)


def test_the_text_goes_where_it_came_from() -> None:
    nested = {"text": "other", "a": {"b.c": "deep", "d": 1}, "a.b": {"c": "no"}}
    for key, row, place in (
        ("a.b.c", nested, ("a", "b.c")),
        ("x.text", {"x.text": "flat", "x": {"text": "inner"}}, ("x.text",)),
    ):
        fields = Fields(text=key, whole=True)
        found: Any = row_of(document(row, fields)._replace(text="judged", id="i"), fields)
        assert found.pop("id") == "i"
        expected: Any = json.loads(json.dumps(row))
        inside = expected
        for name in place[:-1]:
            inside = inside[name]
        inside[place[-1]] = "judged"
        assert found == expected


@pytest.mark.parametrize(
    ("value", "written"),
    [(b'"half \\ud83d"', "half \ufffd"), (b"NaN", None), (b"1e999", None)],
)
def test_what_json_cannot_hold_is_written_as_near_as_it_can(value: bytes, written: object) -> None:
    found = document(b'{"text": "Some text.", "id": "n", "more": ' + value + b"}")
    assert row_of(found, WHOLE)["more"] == written


BEYOND = st.integers(2**63 - 2, 2**80) | st.integers(-(2**80), 2 - 2**63)
NUMBERS = BEYOND | FLOATS | TEXTS | st.lists(BEYOND) | st.dictionaries(TEXTS, BEYOND)


@settings(max_examples=100)
@given(st.dictionaries(TEXTS, NUMBERS, max_size=5), st.lists(BEYOND, min_size=1))
def test_whole_numbers_of_more_than_64_bits_are_exact(
    row: dict[str, object], more: list[int]
) -> None:
    row |= {"m": {"a": {"b": more}}, "text": "a"}
    ((_, found),) = jsonl.json_rows(io.BytesIO(json.dumps(row).encode()), None)
    assert repr(found) == repr(row)
    fields = Fields(source_id=("m.a.id",), keep=("m.a",))
    data = {"text": "a", "m": {"a": {"id": more[0], "b": more}}}
    kept = document(data, fields)
    assert kept.source_id == str(more[0])
    assert [int(one) for one in json.loads(kept.extra)["m.a"]["b"]] == more


def test_a_row_of_no_rows_format_is_made() -> None:
    made = Document("i", "books", "text", title="T")
    assert row_of(made, WHOLE) == {
        "id": "i", "source": "books", "url": "", "timestamp": "", "title": "T", "text": "text"
    }  # fmt: skip

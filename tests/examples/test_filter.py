"""The two examples of the filters: a table, and a pipeline."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.commands import json_lines, model_path, prose

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def model() -> None:
    model_path()


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_table_is_filtered(tmp_path: Path) -> None:
    texts = [
        prose(1),
        "",
        "Das ist auf Deutsch geschrieben und also kein Englisch.",
        None,
        prose(2),
    ]
    table = pa.table({"text": texts, "n": range(5)})
    kept, reasons = load("filter_table").filter_table(table)
    assert kept["n"].to_pylist() == [0, 4]
    assert kept.schema == table.schema
    assert reasons == {"empty": 2, "language": 1}
    kept, reasons = load("filter_table").filter_table(table.slice(0, 0))
    assert (len(kept), reasons) == (0, {})
    pq.write_table(table, tmp_path / "in.parquet")
    words = [EXAMPLES / "filter_table.py", tmp_path / "in.parquet", tmp_path / "out.parquet"]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
    assert done.stdout == "2 rows kept; dropped: {'empty': 2, 'language': 1}\n"
    assert pq.read_table(tmp_path / "out.parquet")["n"].to_pylist() == [0, 4]


def test_a_pipeline_filters(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(json_lines(1, 2) + b'{"text": "short"}\n{bad\n')
    places = [str(tmp_path / name) for name in ("in.jsonl", "kept", "reasons")]
    load("filter_in_beam").run(*places, [])
    (kept,) = tmp_path.glob("kept*.jsonl")
    lines = kept.read_text().splitlines()
    assert {json.loads(line)["text"] for line in lines} == {prose(1), prose(2)}
    (reasons,) = tmp_path.glob("reasons*.txt")
    assert reasons.read_text() in ("language: 1\n", "word_count: 1\n")

"""The example writes exactly the documents that the last stage counts, and so does its text."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("sample")
SCRIPT = Path(__file__).parents[2] / "examples" / "surviving_text.py"


def test_the_documents_that_survive_are_written(sample: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT, sample], capture_output=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    manifest = json.loads((sample / "manifest.json").read_text())
    kept = manifest["stages"]["overlap"]["sources"]
    assert Counter(line["source"] for line in lines) == {s: kept[s]["kept"] for s in kept}
    assert all(line["text"] and line["id"] for line in lines)
    assert len({line["id"] for line in lines}) == len(lines)

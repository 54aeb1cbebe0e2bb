"""A pipeline of one's own around the filters: JSON lines in, kept texts and reasons out.

python examples/filter_in_beam.py 'in/*.jsonl' out/kept out/reasons [Beam's flags]
"""

# mypy: allow-untyped-calls
# Beam's own transforms are untyped.

import json
import sys
from typing import cast

import apache_beam as beam
from apache_beam.io import WriteToText
from apache_beam.transforms.combiners import Count

from massivetext import Verdict
from massivetext.pipelines import FilterDocuments, Filtered, ReadDocuments


def line(verdict: Verdict) -> str:
    """Returns what is written of a kept document."""
    return json.dumps({"url": verdict.document.url, "text": verdict.document.text})


def run(pattern: str, kept_path: str, reasons_path: str, flags: list[str]) -> None:
    """Filters the files that match a pattern."""
    with beam.Pipeline(argv=flags) as pipeline:
        out = pipeline | ReadDocuments("web", pattern) | FilterDocuments()
        kept, dropped, _ = cast("Filtered", out)  # Beam does not tell checkers what comes out
        _ = kept | beam.Map(line) | "Kept" >> WriteToText(kept_path, ".jsonl")
        reasons = dropped | beam.Map(lambda verdict: str(verdict.reasons[0]))
        counts = reasons | Count.PerElement() | beam.MapTuple("{}: {}".format)
        _ = counts | "Reasons" >> WriteToText(reasons_path, ".txt")


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])

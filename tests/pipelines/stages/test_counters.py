"""Beam's counters of stage 1, read from the runner: whole, and equal to the part's summary."""

import json
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics.metric import MetricResults, MetricsFilter

from massivetext.config.recipe import Filters
from massivetext.corpus.parts import Part, Slice
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.flow import flow
from massivetext.pipelines.flow.on_beam import OnBeam
from massivetext.pipelines.folder.models import ModelPaths
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stages.documents.write import DocumentsWork, add_documents
from tests.support.commands import json_lines, model_path, prose

GERMAN = b'{"text": "Der Hund geht heute mit seinem Freund langsam durch den Wald."}\n'


def test_documents_are_counted_and_their_bytes_distributed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json_lines(1, 2, 3) + GERMAN + b"{broken\n")
    part = Part(0, "c4", "jsonl", (Slice("a", str(path), 0, None),), path.stat().st_size)
    stage = Stage("documents", str(tmp_path / "documents"), "k")
    work = DocumentsWork(stage, Filters(), ModelPaths(str(model_path()), "", ()), 0)
    pipeline = beam.Pipeline(options=Execution().options())
    add_documents(OnBeam(pipeline) | "parts" >> flow.create([part]), work)
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(MetricsFilter())
    summary = json.loads((tmp_path / "documents" / f"{part.stem}.json").read_text())
    counters = {
        (c.key.metric.namespace, c.key.metric.name): c.committed
        for c in found[MetricResults.COUNTERS]
    }
    expected = {("documents", name): summary[name] for name in ("records", "kept", "errors")}
    expected |= {("dropped", reason): count for reason, count in summary["dropped"].items()}
    assert counters == expected
    assert (summary["records"], summary["kept"], summary["errors"]) == (5, 3, 1)
    (sizes,) = found[MetricResults.DISTRIBUTIONS]
    assert sizes.key.metric.name == "text_bytes"
    lengths = [len(prose(number).encode()) for number in (1, 2, 3)]
    assert sizes.committed.count == 3
    assert sizes.committed.sum == summary["text_bytes"] == sum(lengths)
    assert (sizes.committed.min, sizes.committed.max) == (min(lengths), max(lengths))

"""What a running job has to say, in lines beside the progress of its stage."""

import sys
from typing import Any

from apache_beam.metrics.metric import MetricResults


def say(line: str) -> None:
    """Writes a line on standard error, clear of the progress line of a terminal."""
    sys.stderr.write(("\r\x1b[K" if sys.stderr.isatty() else "") + line + "\n")


def counters_of(results: MetricResults) -> dict[str, int]:
    """Returns our counters of a job, as far as its runner tells them; committed, else attempted."""
    totals: dict[str, int] = {}
    for found in results.query()[MetricResults.COUNTERS]:
        if found.key.metric.namespace == "beam":
            continue  # the SDK's own, of its plumbing
        name = f"{found.key.metric.namespace}: {found.key.metric.name}"
        value = found.committed if found.committed is not None else found.attempted
        totals[name] = totals.get(name, 0) + int(value or 0)
    return dict(sorted(totals.items()))


def counted(counters: dict[str, Any]) -> str:
    """Returns counters in one line.

    >>> counted({"documents: kept": 12345, "documents: records": 20000})
    'documents: kept 12,345, documents: records 20,000'
    """
    return ", ".join(f"{name} {value:,}" for name, value in counters.items())

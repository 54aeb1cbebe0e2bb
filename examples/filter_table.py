"""Filters a table of texts by the paper's rules: what is kept, and why the rest is not.

python examples/filter_table.py IN.parquet KEPT.parquet
"""

import sys
from collections import Counter

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from massivetext import judge


def filter_table(table: pa.Table, column: str = "text") -> tuple[pa.Table, Counter[str]]:
    """Returns the rows whose text is kept, and how many rows go for which first reason."""
    verdicts = [judge(text or "") for text in table[column].to_pylist()]
    kept = table.filter(pa.array([not verdict.reasons for verdict in verdicts], pa.bool_()))
    return kept, Counter(str(verdict.reasons[0]) for verdict in verdicts if verdict.reasons)


if __name__ == "__main__":
    rows, reasons = filter_table(pq.read_table(sys.argv[1]))
    pq.write_table(rows, sys.argv[2])
    sys.stdout.write(f"{len(rows):,} rows kept; dropped: {dict(reasons.most_common())}\n")

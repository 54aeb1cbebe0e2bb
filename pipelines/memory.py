"""What a local run will need: it stops before it starts where this machine has not enough.

The local runner keeps what crosses a shuffle in memory. Measured by tests/scale: every process has
a base, the duplicates stage grows with documents, and more with those that have near copies; the
other stages are flat.
"""

import psutil

from massivetext.errors import StageError
from pipelines.runner import Execution

PROCESS_BYTES = 600 << 20  # of one process with its models, at most; measured: 350 MB
DOCUMENT_BYTES = 1_500  # of a document in the duplicates stage's shuffles; measured: 740
NEAR_COPY_BYTES = 28_500  # and of one that is compared with others, of 600 words: its shingles
NEAR_COPIES = 0.1  # share of the documents that are
INPUT_BYTES_PER_DOCUMENT = 700  # gzip of a short page: errs towards more documents


def predicted(documents: int, workers: int) -> int:
    """Returns the peak memory of a local build in bytes.

    >>> predicted(1_000_000, 2) // 10**6
    6237
    """
    each = DOCUMENT_BYTES + NEAR_COPIES * NEAR_COPY_BYTES
    return (1 + workers) * PROCESS_BYTES + int(documents * each)


def documents_of(input_bytes: int) -> int:
    """Returns how many documents inputs may hold, from their size alone."""
    return input_bytes // INPUT_BYTES_PER_DOCUMENT


def check_memory(documents: int, execution: Execution, available: int | None = None) -> None:
    """Checks that a local build of so many documents fits this machine's free memory.

    Raises:
      StageError: it does not; the message names the alternatives.
    """
    if not execution.is_local:
        return
    free = psutil.virtual_memory().available if available is None else available
    need = predicted(documents, execution.workers)
    if need > free:
        raise StageError(
            f"a local run over about {documents:,} documents would need {need / 1e9:.1f} GB of"
            f" memory, {free / 1e9:.1f} GB are free: use fewer --workers, build from fewer files,"
            " or run it on Flink or Dataflow with --runner"
        )

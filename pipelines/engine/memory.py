"""What a local run will need: it stops before it starts where this machine has not enough.

Every process has a base, and training the vocabulary grows with its sample. What crosses a shuffle
lies in files (`flow/held.py`); of each of its blocks a key and a place stay in memory. They are few
but in the duplicates stage, where every document that is compared is a block.
"""

from collections.abc import Iterable

import psutil

from massivetext.corpus.parts import InputFile
from massivetext.errors import StageError
from massivetext.pipelines.engine.runner import Execution

PROCESS_BYTES = 600 << 20  # of one process with its models, at most; measured: 350 MB
# Of a document in the duplicates stage, where one in four is compared with others. Measured: 400 of
# one that is (40,000 to 160,000 documents, all in pairs: 185 to 233 MiB), none of one that is not
# (80,000 to 320,000: 164 and 151 MiB).
DOCUMENT_BYTES = 100
SAMPLE_BYTE_BYTES = 5  # of a byte of the vocabulary's sample; measured: 3.9 from 38 to 107 MB
TEXT_BYTES = 10  # of a byte of input, at most: compressed text
# Bytes of input for a document: fewer than in any real file we have, so as to foresee too many
# documents rather than too few. A web page is 5 KB as compressed text (WET), 50 KB as HTML.
BYTES_OF_A_DOCUMENT = {
    "warc": 4_000,
    "text": 20_000,
    "epub": 20_000,
    "jsonl": 2_000,
    "wiki-xml": 2_000,
    "github-jsonl": 2_000,
}
OTHERWISE = 700  # compressed lines of short pages


def predicted(documents: int, workers: int, sample_bytes: int = 0) -> int:
    """Returns the peak memory of a local build in bytes.

    Args:
      documents: that are compared.
      workers: local processes beside the parent.
      sample_bytes: of the text that the vocabulary is trained on.

    >>> predicted(1_000_000, 2) // 10**6
    1987
    """
    grown = max(documents * DOCUMENT_BYTES, sample_bytes * SAMPLE_BYTE_BYTES)
    return (1 + workers) * PROCESS_BYTES + grown


def documents_in(files: Iterable[InputFile]) -> int:
    """Returns how many documents inputs may hold, from their formats and sizes alone."""
    return sum(f.size // BYTES_OF_A_DOCUMENT.get(f.format, OTHERWISE) for f in files)


def sample_in(files: Iterable[InputFile], wanted: int) -> int:
    """Returns how many bytes of the sample that a vocabulary wants the inputs may hold."""
    return min(wanted, TEXT_BYTES * sum(file.size for file in files))


def check_memory(
    execution: Execution,
    documents: int,
    workers: int = 1,
    sample_bytes: int = 0,
    available: int | None = None,
) -> None:
    """Checks that a local build fits this machine's free memory; see `predicted`.

    Raises:
      StageError: it does not; the message names the alternatives.
    """
    if not execution.is_local:
        return
    free = psutil.virtual_memory().available if available is None else available
    need = predicted(documents, workers, sample_bytes)
    if need > free:
        raise StageError(
            f"a local run over about {documents:,} documents and {sample_bytes / 1e6:,.0f} MB of"
            f" text for the vocabulary would need {need / 1e9:.1f} GB of memory,"
            f" {free / 1e9:.1f} GB are free: use fewer --workers, fewer files or a smaller"
            " vocabulary.sample_bytes, or run it on Flink or Dataflow with --runner"
        )

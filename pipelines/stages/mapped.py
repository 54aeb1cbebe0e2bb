"""Arrays of a stage, mapped: workers of one machine share their memory."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from massivetext.pipelines.folder.sums import open_summed
from massivetext.storage.checksums import BLOCK_BYTES
from massivetext.storage.files import read_bytes
from massivetext.storage.paths import is_local


def map_array(path: str, summary: str) -> Any:
    """Returns an array of ``.npy``, mapped: a copy of a remote file, which goes when unmapped.

    Args:
      path: of the array.
      summary: of the file that holds its checksums; each worker reads the array through once.

    Raises:
      DamagedFile: it is not what was written.
    """
    with open_summed(path, summary) as file:
        while file.read(BLOCK_BYTES):
            pass
    if is_local(path):
        return np.load(path, mmap_mode="r", allow_pickle=False)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "table.npy"
        copy.write_bytes(read_bytes(path))
        return np.load(copy, mmap_mode="r", allow_pickle=False)  # stays mapped when unlinked

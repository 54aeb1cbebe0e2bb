"""Exports in libraries that have environments of their own. Part of ``make test-transformers``."""

from pathlib import Path

import numpy as np
import pytest

from tests.massivetext.exports.conftest import LENGTH, SPLITS, exported, tokens_of

pytestmark = pytest.mark.heavy
WITHOUT = "torch has an environment of its own, .venv-transformers"


def test_torch_maps_bare_tokens(build: Path, tmp_path: Path) -> None:
    """As bytes of a file, and as nanoGPT's `get_batch` cuts windows from numpy's map."""
    torch = pytest.importorskip("torch", reason=WITHOUT)
    out = exported(build, tmp_path / "bin", "bin")
    expected = tokens_of(build, "train").reshape(-1)
    path = str(out / "train.bin")
    mapped = torch.from_file(path, shared=False, size=len(expected), dtype=torch.uint16)
    assert torch.equal(mapped.long(), torch.from_numpy(expected.astype(np.int64)))
    data = np.memmap(path, np.uint16, "r")
    for start in (0, LENGTH, len(data) - LENGTH - 1):
        x = torch.from_numpy(data[start : start + LENGTH].astype(np.int64))
        y = torch.from_numpy(data[start + 1 : start + 1 + LENGTH].astype(np.int64))
        assert x.tolist() == expected[start : start + LENGTH].tolist()
        assert y[:-1].tolist() == x[1:].tolist()


def test_torch_loads_mapped_arrays(build: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=WITHOUT)
    out = exported(build, tmp_path / "npy", "npy")
    files = sorted(out.glob("massivetext-train-*-of-00003.npy"))
    rows = torch.cat([torch.from_numpy(np.load(file, mmap_mode="c")) for file in files])
    assert (rows.dtype, tuple(rows.shape)) == (torch.uint16, (sum(SPLITS["train"]), LENGTH + 1))
    loader = torch.utils.data.DataLoader(rows.long(), batch_size=100)
    found = torch.cat(list(loader))
    assert np.array_equal(found.numpy(), tokens_of(build, "train"))


def test_megatron_reads_its_files(build: Path, tmp_path: Path) -> None:
    """Megatron's own reader, where `pip install --no-deps megatron-core` put it beside torch."""
    pytest.importorskip("torch", reason=WITHOUT)
    indexed = pytest.importorskip(
        "megatron.core.datasets.indexed_dataset", reason="megatron-core is not installed"
    )
    out = exported(build, tmp_path / "megatron", "megatron")
    for split, counts in SPLITS.items():
        stems = [f"massivetext-{split}-{n:05d}-of-{len(counts):05d}" for n in range(len(counts))]
        sets = [
            indexed.IndexedDataset(str(out / stem))
            for stem, count in zip(stems, counts, strict=True)
            if count
        ]
        rows = [np.asarray(one[n]) for one in sets for n in range(len(one))]
        assert np.array_equal(
            np.array(rows, np.uint16).reshape(-1, LENGTH + 1), tokens_of(build, split)
        )

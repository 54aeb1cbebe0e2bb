"""What became of every document of a build, in memory: 18 bytes a document."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.finished.build import FinishedBuild
from massivetext.shards.parquet_files import read_column, read_table
from massivetext.storage.files import open_file

KEPT = "kept"
_ID_BYTES = 16  # an id is 32 hexadecimal digits


class Fates(NamedTuple):
    """Documents and what became of each: `names[codes[i]]` is (source, fate) of `ids[i]`."""

    ids: NDArray[np.bytes_]  # (documents,) S16, ascending
    codes: NDArray[np.uint16]  # (documents,)
    names: list[tuple[str, str]]  # source, and the reason of its drop or KEPT


def read_fates(build: FinishedBuild) -> Fates:
    """Returns what became of every document of a build, by its first reason."""
    names: dict[tuple[str, str], int] = {}
    ids, codes = [], []
    for part in build.parts:
        for found, fates in (_kept(build, part.stem), _dropped(build, part.stem)):
            ids.append(np.frombuffer(bytes.fromhex("".join(found)), f"S{_ID_BYTES}"))
            numbers = [names.setdefault((part.source, fate), len(names)) for fate in fates]
            codes.append(np.array(numbers, np.uint16))
    every = np.concatenate(ids) if ids else np.empty(0, f"S{_ID_BYTES}")
    order = np.argsort(every, kind="stable")
    return Fates(every[order], np.concatenate(codes)[order], list(names))


def _kept(build: FinishedBuild, stem: str) -> tuple[list[str], list[str]]:
    """Returns ids and fates of a part's documents that stage 1 kept."""
    with open_file(build.path("documents", f"{stem}.parquet")) as file:
        ids = read_column(file, "id")
    fates = [KEPT] * len(ids)
    for stage in ("duplicates", "overlap"):
        with open_file(build.path(stage, f"{stem}.parquet")) as file:
            drops = read_table(file, ["row", "kind"]).to_pylist()
        for drop in drops:
            fates[drop["row"]] = drop["kind"]
    return ids, fates


def _dropped(build: FinishedBuild, stem: str) -> tuple[list[str], list[str]]:
    with open_file(build.path("documents", f"dropped-{stem}.parquet")) as file:
        table = read_table(file, ["id", "reasons"])
    return table["id"].to_pylist(), [reasons[0].as_py() for reasons in table["reasons"]]


def hex_id(value: bytes) -> str:
    """Returns an id as its 32 digits; numpy leaves zero bytes at the end out.

    >>> hex_id(bytes([1, 255]))[:6]
    '01ff00'
    """
    return value.ljust(_ID_BYTES, b"\0").hex()

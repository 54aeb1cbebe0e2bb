"""Which documents of a build a list names: by URL, host, repository or id; and their copies."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from massivetext.errors import ConfigError
from massivetext.finished.taken_out import read_taken_out
from massivetext.pipelines.engine.build_plan import Build
from massivetext.pipelines.folder.interrupts import check_interrupt
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.shards.parquet_files import open_parquet
from massivetext.storage.paths import join

By = Literal["urls", "hosts", "repositories", "ids"]
COLUMNS: dict[By, str] = {"urls": "url", "hosts": "host", "repositories": "repository", "ids": "id"}


class Rows(NamedTuple):
    """Rows of a part's two files of documents."""

    kept: set[int]
    dropped: set[int]


def read_list(data: bytes, path: str) -> frozenset[str]:
    """Returns the names in a file, one a line; empty lines and what follows a "#" line are none.

    Raises:
      ConfigError: it is not UTF-8, or has no name.
    """
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8; one name a line is expected") from error
    names = frozenset(line for line in lines if line and not line.startswith("# "))
    if not names:
        raise ConfigError(f"{path}: it names nothing; write one name a line")
    return names


def _keys(by: By, value: str) -> Iterator[str]:
    """Yields by what a document's value may be named: a host by the domains above it too."""
    if by != "hosts":
        yield value
        return
    labels = value.lower().rstrip(".").split(".")
    yield from (".".join(labels[n:]) for n in range(len(labels)))


class Named(NamedTuple):
    """What a list names in a build."""

    rows: dict[str, Rows]  # by the part's stem; without those that are taken out already
    unknown: int  # names that name nothing


def find_named(build: Build, by: By, names: frozenset[str]) -> Named:
    """Returns the rows that a list names, and how many of its names name none.

    A host stands for those below it too. All files are read through, checked.

    Raises:
      ConfigError: none of the names is in the build, or an id is not, or all are taken out.
    """
    wanted = frozenset(n.lower().rstrip(".") for n in names) if by == "hosts" else names
    found: dict[str, Rows] = {}
    met: set[str] = set()
    for part in build.parts:
        rows = Rows(set(), set())
        for side, prefix in zip(rows, ("", "dropped-"), strict=True):
            path = join(build.output, "documents", f"{prefix}{part.stem}.parquet")
            for row, value in enumerate(_column(path, COLUMNS[by])):
                hits = wanted.intersection(_keys(by, value or ""))
                if hits:
                    side.add(row)
                    met |= hits
        if rows.kept or rows.dropped:
            found[part.stem] = rows
    _check_met(by, wanted, met, build.output)
    leave_taken(build, found)
    if not found:
        raise ConfigError(
            f"all that the list names is taken out of {build.output} already; nothing was changed"
        )
    return Named(found, len(wanted - met))


def leave_taken(build: Build, found: dict[str, Rows]) -> None:
    """Leaves out of what was found the rows that are taken out already."""
    for stem, rows in [*found.items()]:
        before = read_taken_out(build.output, stem)
        rows.kept.difference_update(before.rows)
        rows.dropped.difference_update(before.dropped)
        if not (rows.kept or rows.dropped):
            del found[stem]


def _column(path: str, name: str) -> Iterator[str | None]:
    with open_part_file(path) as file:
        for batch in open_parquet(file).iter_batches(10_000, columns=[name]):
            check_interrupt()
            yield from batch.column(0).to_pylist()


def _check_met(by: By, wanted: frozenset[str], met: set[str], output: str) -> None:
    unknown = sorted(wanted - met)
    if by == "ids" and unknown:
        more = f" and {len(unknown) - 1:,} more" if len(unknown) > 1 else ""
        raise ConfigError(f"no document {unknown[0]}{more} in {output}; nothing was changed")
    if not met:
        raise ConfigError(
            f"none of the {len(wanted):,} {by} is in {output}, as {unknown[0]}; nothing was changed"
        )


def add_copies(build: Build, found: dict[str, Rows]) -> None:
    """Adds the documents that stage 2 dropped as copies of those found, but those taken out before.

    They were not in the corpus, and must not be once the document that stood for them is gone.
    """
    copies: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
    for part in build.parts:
        for row, twin in _twins(build, part.stem):
            copies[twin].append((part.stem, row))
    asked = [(stem, row) for stem, rows in found.items() for row in rows.kept]
    while asked:
        for stem, row in copies.pop(asked.pop(), ()):
            rows = found.setdefault(stem, Rows(set(), set()))
            if row not in rows.kept:
                rows.kept.add(row)
                asked.append((stem, row))
    leave_taken(build, found)


def _twins(build: Build, stem: str) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yields each dropped row of a part with its twin's place, if that is in this build."""
    with open_part_file(join(build.output, "duplicates", f"{stem}.parquet")) as file:
        parquet = open_parquet(file)
        names = ["row", "twin_part", "twin_row"]
        elsewhere = "twin_build" in parquet.schema_arrow.names
        table = parquet.read([*names, "twin_build"] if elsewhere else names, use_threads=False)
    for found in table.to_pylist():
        if found["twin_row"] is not None and found.get("twin_build") is None:
            yield found["row"], (found["twin_part"], found["twin_row"])

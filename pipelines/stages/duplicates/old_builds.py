"""The finished builds that a recipe's documents are compared with: found and checked at the start.

An old build serves if its signatures are those that this version would make of its texts: so the
first documents of it are signed again, which tells of other shingles and other kernels alike.
"""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

from massivetext.config.recipe import Recipe, digest
from massivetext.dedup.signature import Shingles, sign
from massivetext.errors import ConfigError
from massivetext.finished.build import FinishedBuild, open_build
from massivetext.pipelines.folder.file_names import FILES, MANIFEST
from massivetext.pipelines.folder.sums import SUMS
from massivetext.pipelines.stages.duplicates.against import old_folders, place_of
from massivetext.pipelines.stages.duplicates.read import DocumentPart
from massivetext.shards.parquet_files import open_parquet, read_table
from massivetext.storage.files import list_names, open_file
from massivetext.storage.json_files import require_json
from massivetext.storage.paths import join

STAGES = ("documents", "duplicates")  # that an old build must have
_SIGNED_AGAIN = 8  # documents


class OldBuild(NamedTuple):
    """An old build: its folder, what its files' contents are known by, and its parts."""

    folder: str
    digest: str
    parts: tuple[DocumentPart, ...]  # numbered by their places
    against: tuple[str, ...] = ()  # builds that it was compared with itself


def unnamed(builds: list[OldBuild]) -> list[str]:
    """Returns a line for each build that an old one was compared with and that is not among them.

    What the old one left to that build is compared with exact copies alone, or not at all.
    """
    named = {place_of(build.folder) for build in builds}
    return [
        f"duplicates.against: {build.folder} was itself compared with {folder}, which is not named:"
        " copies of what is there stay; name it too"
        for build in builds
        for folder in build.against
        if place_of(folder) not in named
    ]


def old_builds(recipe: Recipe) -> list[OldBuild]:
    """Returns the old builds of a recipe, in its order.

    Raises:
      ConfigError: one is no finished build, lacks a file, has other shingles or signatures, or is
        named twice.
      DamagedFile: its records are not what was written.
    """
    return [_old_build(folder, recipe) for folder in old_folders(recipe)]


def _old_build(folder: str, recipe: Recipe) -> OldBuild:
    try:
        build = open_build(folder, STAGES)
    except ConfigError as error:
        raise ConfigError(f"duplicates.against: {error}") from error
    _check_shingles(build, recipe)
    parts = _parts(build)
    _check_signatures(parts, recipe)
    key = digest([_contents_of(folder, stage) for stage in STAGES])
    facts = build.manifest["stages"]["duplicates"].get("against", ())
    return OldBuild(folder, key, parts, tuple(found["folder"] for found in facts))


def _contents_of(folder: str, stage: str) -> dict[str, Any]:
    manifest = require_json(join(folder, stage, MANIFEST))
    return {name: manifest[name] for name in ("key", SUMS)}


def _shingles(rules: dict[str, Any]) -> Shingles:
    return Shingles(rules.get("shingle_words", 13), rules.get("punctuation", "delete"))


def _check_shingles(build: FinishedBuild, recipe: Recipe) -> None:
    old = _shingles(build.manifest["recipe"]["duplicates"])
    ours = Shingles(recipe.duplicates.shingle_words, recipe.duplicates.punctuation)
    if old != ours:
        raise ConfigError(
            f"duplicates.against: {build.output} has shingles of {old.words} words, punctuation ="
            f' "{old.punctuation}", this recipe of {ours.words}, "{ours.punctuation}"; set'
            " duplicates.shingle_words and .punctuation as there, or build that again"
        )


def _parts(build: FinishedBuild) -> tuple[DocumentPart, ...]:
    names = {stage: set(list_names(build.path(stage))) for stage in STAGES}
    with open_file(build.path("documents", FILES)) as file:
        rows = read_table(file, ["part", "source", "kept"]).to_pylist()
    parts = []
    for number, row in enumerate(rows):
        stem = str(row["part"])
        for stage in STAGES:
            for name in (f"{stem}.parquet", f"{stem}.json"):
                if name not in names[stage]:
                    raise ConfigError(
                        f"duplicates.against: {build.path(stage, name)} is gone; restore it, or"
                        " build that corpus again"
                    )
        kept, drops = (build.path(stage, f"{stem}.parquet") for stage in STAGES)
        dropped = build.path("documents", f"dropped-{stem}.parquet")
        files = row["source"], kept, dropped, row["kept"], drops
        parts.append(DocumentPart(number, *files, stem))
    return tuple(parts)


def _check_signatures(parts: tuple[DocumentPart, ...], recipe: Recipe) -> None:
    shingles = Shingles(recipe.duplicates.shingle_words, recipe.duplicates.punctuation)
    signed = (found for part in parts if part.rows for found in _signed(part.kept))
    for path, text, *signature in itertools.islice(signed, _SIGNED_AGAIN):
        if tuple(signature) != sign(text, shingles):
            raise ConfigError(
                f"duplicates.against: {path} has signatures of another version; build that corpus"
                " again with this one"
            )


def _signed(path: str) -> Iterator[tuple[str, str, bytes, bytes]]:
    """Yields path, text, and signature of documents; those taken out have no text any more."""
    columns = ["text", "content_hash", "signature"]
    with open_file(path) as file:
        for batch in open_parquet(file).iter_batches(
            _SIGNED_AGAIN, columns=columns, use_threads=False
        ):
            for text, content, minhash in zip(*batch.to_pydict().values(), strict=True):
                if text:
                    yield path, text, content, minhash


def numbered(builds: list[OldBuild], first: int) -> tuple[list[DocumentPart], list[int]]:
    """Returns the parts of all old builds, numbered on from `first`, and each build's first number.

    >>> part = DocumentPart(0, "web", "a", "b", 9, "c", "part-00000")
    >>> parts, firsts = numbered([OldBuild("x", "", (part,)), OldBuild("y", "", (part,))], 10)
    >>> [part.part for part in parts], firsts
    ([10, 11], [10, 11])
    """
    parts: list[DocumentPart] = []
    firsts: list[int] = []
    for build in builds:
        firsts.append(first + len(parts))
        parts += [part._replace(part=firsts[-1] + part.part) for part in build.parts]
    return parts, firsts

"""A finished build as those see it who read it afterwards: its manifest, its recipe, its parts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from massivetext.config.dataclass_toml import build as from_values
from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.finished.taken_out import check_whole
from massivetext.shards.parquet_files import read_table
from massivetext.storage.files import list_names, open_file
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join

MANIFEST = "manifest.json"
SPLITS = ("train", "validation", "all")
FILTERING = ("documents", "duplicates", "overlap")  # the stages that drop documents
EVERY = (*FILTERING, "vocabulary", "tokens", "sequences")


class BuiltPart(NamedTuple):
    """A part of a build: its source, and how many documents survive in it."""

    stem: str  # of its files' names
    source: str
    train: int  # surviving documents
    validation: int  # held out
    left_out: int = 0  # of them: train has their text, so they are in neither split

    def count(self, split: str) -> int:
        """Returns the surviving documents of a split; "all" is every one.

        >>> BuiltPart("part-00000", "web", 7, 2).count("all")
        9
        """
        counts = {"train": self.train, "validation": self.validation - self.left_out}
        return counts.get(split, self.train + self.validation)


class FinishedBuild(NamedTuple):
    """A build that has ended: its folder, its manifest, its parts in order."""

    output: str
    manifest: dict[str, Any]
    parts: tuple[BuiltPart, ...]

    @property
    def recipe(self) -> Recipe:
        """The recipe that it was made by."""
        return from_values(Recipe, _as_toml(self.manifest["recipe"]))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources it holds, in the order of the manifest."""
        return tuple(self.manifest["stages"]["documents"]["sources"])

    def facts(self, stage: str) -> dict[str, dict[str, Any]]:
        """Returns the account of a stage by source."""
        found: dict[str, dict[str, Any]] = self.manifest["stages"][stage]["sources"]
        return found

    def path(self, *names: str) -> str:
        """Returns the path of a file of the build."""
        return join(self.output, *names)


def open_build(folder: str, stages: tuple[str, ...] = FILTERING) -> FinishedBuild:
    """Returns the build in a folder, of which the named stages must be whole.

    Raises:
      ConfigError: there is none, it has not ended, or a stage of it is being made again, or a
        take-out was stopped.
    """
    output = folder.rstrip("/")
    manifest = read_manifest(output)
    check_whole(output)
    for stage in stages:
        _check_whole(output, stage, manifest["stages"].get(stage))
    parts = _parts(output, "tokens" in stages) if set(FILTERING) <= set(stages) else ()
    return FinishedBuild(output, manifest, parts)


def read_manifest(output: str) -> dict[str, Any]:
    """Returns the manifest of the build in a folder.

    Raises:
      ConfigError: there is none, or it is not that of a build.
      DamagedFile: it is not what was written.
    """
    try:
        manifest = read_json(join(output, MANIFEST))
    except NotADirectoryError as error:
        raise ConfigError(f"{output} is a file; name the --output of a build") from error
    if manifest is None:
        raise ConfigError(f"no build in {output}: it has no {MANIFEST}; name the --output of one")
    if not isinstance(manifest.get("stages"), Mapping) or "recipe" not in manifest:
        raise ConfigError(f"{output}: its {MANIFEST} is not of a build; name the --output of one")
    return manifest


def _check_whole(output: str, stage: str, facts: Mapping[str, Any] | None) -> None:
    found = read_json(join(output, stage, MANIFEST))
    if facts is None or found is None:
        raise ConfigError(
            f"{output}: the build is not finished, stage {stage} is missing; run its command again"
        )
    if found["key"] != facts["key"]:
        raise ConfigError(
            f"{output}: stage {stage} was made again after the build ended; run massivetext build"
        )


def _parts(output: str, tokenized: bool) -> tuple[BuiltPart, ...]:
    counts = {row["part"]: row for row in _files(output, "overlap")}
    split_of = {row["part"]: row for row in _files(output, "tokens")} if tokenized else {}
    names = set(list_names(join(output, "documents")))
    parts = []
    for row in _files(output, "documents"):
        stem, left = row["part"], counts[row["part"]]
        if f"{stem}.parquet" not in names:
            raise ConfigError(f"{output}/documents/{stem}.parquet is gone; build it again")
        held = left["validation_documents"]
        used = split_of.get(row["part"], {}).get("validation_documents", held)
        parts.append(BuiltPart(stem, row["source"], left["train_documents"], held, held - used))
    return tuple(parts)


def _files(output: str, stage: str) -> list[dict[str, Any]]:
    with open_file(join(output, stage, "files.parquet")) as file:
        rows: list[dict[str, Any]] = read_table(file).to_pylist()
    return rows


def _as_toml(value: Any) -> Any:
    """Returns JSON values as the recipe's file would have them: TOML has no null."""
    if isinstance(value, Mapping):
        return {key: _as_toml(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_toml(item) for item in value]
    return "off" if value is None else value


def check_sources(build: FinishedBuild, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the sources asked for, all of the build where none is.

    Raises:
      ConfigError: the build has no such source; the message names those that it has.
    """
    for source in asked:
        if source not in build.sources:
            raise ConfigError(f"no source {source} in it; there are {', '.join(build.sources)}")
    return tuple(s for s in build.sources if not asked or s in asked)

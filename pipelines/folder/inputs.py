"""The input files of a recipe: listed, named, checked, planned into parts."""

import sys

from massivetext.config.recipe import Recipe, SourceFiles
from massivetext.config.sources import like_of
from massivetext.corpus.parts import InputFile, Part, check_names, plan_parts
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.file_names import INPUTS, MANIFEST
from massivetext.pipelines.folder.source_files import may_mean, real_path, source_files
from massivetext.pipelines.folder.stage import Stage
from massivetext.readers.formats import divisible, format_of, has_keys
from massivetext.readers.rows.keys import fields_of
from massivetext.storage.paths import join

_SHOWN = 5  # names of skipped files
_OF_BUILD = (MANIFEST, INPUTS)  # beside the stages' folders


def input_files(recipe: Recipe) -> list[InputFile]:
    """Returns the files of all sources of a recipe, sorted.

    Raises:
      ConfigError: a path or glob matches nothing, two files would share document ids, or a file's
        format cannot be told from its name.
    """
    files = [
        file
        for source, named in recipe.sources.items()
        for pattern in named.files
        for file in _matches(recipe, source, named, pattern)
    ]
    check_names(files)
    return sorted(set(files))


def _matches(recipe: Recipe, source: str, named: SourceFiles, pattern: str) -> list[InputFile]:
    like, path = like_of(source, named), recipe.resolve(pattern)
    files, stray = [], []
    for name, info in source_files(path, f"sources.{source}.files"):
        try:
            kind = format_of(like, info.path) if named.format == "auto" else named.format
        except ConfigError:
            if info.path == path:  # named itself
                raise
            stray.append(name)
            continue
        _check_keys(source, named, kind, info.path)
        files.append(InputFile(source, name, info.path, kind, info.size, info.version))
    _tell_stray(source, pattern, stray, whole=not files)
    return files


def _tell_stray(source: str, pattern: str, stray: list[str], whole: bool) -> None:
    """Says on standard error which files are skipped.

    Raises:
      ConfigError: they are all that the pattern matches.
    """
    if not stray:
        return
    more = f" and {len(stray) - _SHOWN:,} more" if len(stray) > _SHOWN else ""
    names = f"{', '.join(stray[:_SHOWN])}{more}"
    hint = f"narrow the pattern, or set sources.{source}.format"
    if whole:
        raise ConfigError(
            f"sources.{source}.files: of the files that match {pattern!r} no name tells a format:"
            f" {names}; {hint}"
        )
    sys.stderr.write(f"sources.{source}: skipped {names}, since the name tells no format; {hint}\n")


def _check_keys(source: str, named: SourceFiles, kind: str, path: str) -> None:
    if fields_of(named) is not None and not has_keys(kind):
        raise ConfigError(
            f"sources.{source}: {path} has the format {kind}, which has no keys; leave text_key,"
            " id_key, url_key and keep to sources of JSON lines or Parquet"
        )


def check_apart(recipe: Recipe, files: list[InputFile], stages: dict[str, Stage]) -> None:
    """Checks that no stage would clear away an input, and no source read what a stage writes.

    Raises:
      ConfigError: an input lies in the folder of a stage, or a glob or folder of the recipe means
        files that a stage or the build writes: the next build would read them.
    """
    folders = {real_path(stage.folder): name for name, stage in stages.items()}
    for file in files:
        name = folders.get(real_path(file.path).rpartition("/")[0])
        if name is not None:
            raise ConfigError(
                f"{file.path}: an input in the folder that the {name} stage writes and clears;"
                " choose another --output"
            )
    for source, named in recipe.sources.items():
        for pattern in named.files:
            _check_unread(f"sources.{source}.files", pattern, recipe.resolve(pattern), stages)


def _check_unread(key: str, pattern: str, path: str, stages: dict[str, Stage]) -> None:
    for stage in stages.values():
        names = stage.names.needed("part-0") | {"part-0.json"}
        if any(may_mean(path, join(stage.folder, name)) for name in names):
            raise ConfigError(
                f"{key}: {pattern!r} means what the {stage.name} stage writes into {stage.folder},"
                " too; choose another --output, or narrow it"
            )
    output = next(iter(stages.values())).folder.rpartition("/")[0]
    if any(may_mean(path, join(output, name)) for name in _OF_BUILD):
        raise ConfigError(
            f"{key}: {pattern!r} means what the build writes into {output}, too; choose another"
            " --output, or narrow it"
        )


def plan(recipe: Recipe, files: list[InputFile]) -> list[Part]:
    """Returns the parts of the files; their numbers depend on names and sizes alone."""
    return plan_parts(files, recipe.parts, divisible)


def identities(files: list[InputFile]) -> list[list[object]]:
    """Returns what of the inputs goes into a stage key: where, how large, which version."""
    return [[f.source, f.name, f.format, f.size, f.version] for f in files]

"""The input files of a recipe: listed, named, checked, planned into parts."""

from pathlib import Path

from massivetext.config.recipe import Recipe, SourceFiles
from massivetext.corpus.parts import InputFile, Part, check_names, plan_parts
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.stage import Stage
from massivetext.readers.formats import divisible, format_of
from massivetext.storage.files import list_files
from massivetext.storage.globs import fixed_prefix
from massivetext.storage.paths import is_local


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
    full = recipe.resolve(pattern)
    found = list_files(full)
    if not found:
        raise ConfigError(f"sources.{source}.files: no file matches {full!r}")
    prefix = len(fixed_prefix(full))
    return [
        InputFile(
            source,
            info.path[prefix:],
            info.path,
            format_of(source, info.path) if named.format == "auto" else named.format,
            info.size,
            info.version,
        )
        for info in found
    ]


def check_apart(files: list[InputFile], stages: dict[str, Stage]) -> None:
    """Checks that no stage would clear away an input.

    Raises:
      ConfigError: an input lies in the folder of a stage.
    """
    folders = {_real(stage.folder): name for name, stage in stages.items()}
    for file in files:
        name = folders.get(_real(file.path).rpartition("/")[0])
        if name is not None:
            raise ConfigError(
                f"{file.path}: an input in the folder that the {name} stage writes and clears;"
                " choose another --output"
            )


def _real(path: str) -> str:
    return str(Path(path).resolve()) if is_local(path) else path


def plan(recipe: Recipe, files: list[InputFile]) -> list[Part]:
    """Returns the parts of the files; their numbers depend on names and sizes alone."""
    return plan_parts(files, recipe.parts, divisible)


def identities(files: list[InputFile]) -> list[list[object]]:
    """Returns what of the inputs goes into a stage key: where, how large, which version."""
    return [[f.source, f.name, f.format, f.size, f.version] for f in files]

"""Model and list files on workers: copied and loaded once per process, never downloaded from afar.

A model named by the recipe may lie on an object store; a worker copies it to its own disk first,
because the libraries that load models open local paths.
"""

import hashlib
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from filters.domains import DomainList, load_domains
from filters.judge import Models
from filters.language import LanguageModel
from massivetext.errors import ConfigError
from massivetext.recipe import Recipe
from massivetext.strict import expand_variables
from pipelines.files import FileInfo, is_local, list_files, open_file, read_bytes

_lock = threading.Lock()
_loaded: dict["ModelPaths", Models] = {}


class ModelPaths(NamedTuple):
    """Where the models of stage 1 lie, with what they must hash to."""

    language: str
    language_sha256: str
    domain_lists: tuple[str, ...]


def model_paths(recipe: Recipe) -> ModelPaths:
    """Returns the recipe's model files, checked: they exist and hash to what the recipe says.

    Raises:
      ConfigError: a file is missing or another one than named.
    """
    path = expand_variables(recipe.language_model.path, "language_model.path")
    if not list_files(path):
        raise ConfigError(f"language_model.path: no file {path}; `make models` fetches the default")
    sha256 = hashlib.sha256(read_bytes(path)).hexdigest()
    if recipe.language_model.sha256 not in ("", sha256):
        raise ConfigError(f"language_model.sha256: {path} has {sha256}")
    return ModelPaths(path, sha256, tuple(info.path for info in domain_files(recipe)))


def domain_files(recipe: Recipe) -> list[FileInfo]:
    """Returns the files of the recipe's domain lists.

    Raises:
      ConfigError: a path or glob of the recipe names no file.
    """
    found: list[FileInfo] = []
    for pattern in recipe.filters.safety.domain_lists:
        files = list_files(recipe.resolve(pattern))
        if not files:
            raise ConfigError(f"filters.safety.domain_lists: no file matches {pattern!r}")
        found += files
    return found


def load_models(paths: ModelPaths) -> Models:
    """Returns the models, loaded once per process whatever the number of its threads."""
    with _lock:
        if paths not in _loaded:
            _loaded[paths] = Models(_language(paths), _domains(paths))
        return _loaded[paths]


def _language(paths: ModelPaths) -> LanguageModel:
    if is_local(paths.language):
        return LanguageModel(paths.language)
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder) / "language.ftz"
        local.write_bytes(read_bytes(paths.language))
        return LanguageModel(str(local))


def _domains(paths: ModelPaths) -> DomainList:
    domains = DomainList()
    for path in paths.domain_lists:
        with open_file(path) as file:
            load_domains(domains, file)
    return domains

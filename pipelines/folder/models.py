"""Model and list files on workers: copied once per machine, loaded once per process.

A file named by the recipe may lie on an object store; a worker copies it to its own disk first,
because the libraries that load models open local paths. A worker's image may bring a model along.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from massivetext.config.dataclass_toml import expand_variables
from massivetext.config.recipe import Recipe, languages_of
from massivetext.errors import ConfigError, StageError
from massivetext.filters.judge import Models
from massivetext.filters.language.detect import LanguageModel, check_languages
from massivetext.filters.own.call import load_all
from massivetext.filters.own.code import OwnCode, own_codes
from massivetext.filters.safety.explicit import DomainList, load_domains
from massivetext.filters.safety.text.model import SHIPPED, SafetyModel, parse_safety_model
from massivetext.model_files import ADVICE, VARIABLE, find_language_model
from massivetext.storage.files import (
    exists,
    find_file,
    list_files,
    open_file,
    read_bytes,
    write_bytes,
)
from massivetext.storage.paths import FileInfo, absolute, is_local

COPIES = "massivetext-models"  # beginning of the folder of copies, below the temporary one

_lock = threading.Lock()
_loaded: dict["ModelPaths", Models] = {}


class ModelPaths(NamedTuple):
    """Where the models of stage 1 lie, with what they must hash to."""

    language: str
    language_sha256: str
    domain_lists: tuple[str, ...]
    own: tuple[OwnCode, ...] = ()  # the user's functions themselves, which are on no worker
    safety: str = ""  # the classifier of the text; "": the recipe asks for none
    safety_sha256: str = ""

    def absolute(self) -> "ModelPaths":
        """Returns the paths as they are in any working folder."""
        lists = tuple(absolute(path) for path in self.domain_lists)
        ours = self.safety in ("", "shipped")
        safety = self.safety if ours else absolute(self.safety)
        return self._replace(language=absolute(self.language), domain_lists=lists, safety=safety)


def model_paths(recipe: Recipe) -> ModelPaths:
    """Returns the recipe's model files, checked: they exist and hash to what the recipe says.

    Raises:
      ConfigError: a file is missing or another one than named.
    """
    path = expand_variables(recipe.language_model.path, "language_model.path")
    path = path or find_language_model()
    if not exists(path):
        raise ConfigError(f"language_model.path: no file {path}; without it {ADVICE}")
    sha256 = hashlib.sha256(read_bytes(path)).hexdigest()
    if recipe.language_model.sha256 not in ("", sha256):
        raise ConfigError(f"language_model.sha256: {path} has {sha256}")
    check_languages(local_copy(path), languages_of(recipe))
    lists = tuple(info.path for info in domain_files(recipe))
    return ModelPaths(path, sha256, lists, own_codes(recipe), *_safety_file(recipe))


def _safety_file(recipe: Recipe) -> tuple[str, str]:
    """Returns path and SHA-256 of the classifier that the recipe asks for, both "" if of none.

    Raises:
      ConfigError: there is no such file, or it is none of ours.
    """
    named = recipe.filters.safety.classifier
    if named == "off":
        return "", ""
    path = SHIPPED if named == "shipped" else recipe.resolve(named)
    if not exists(path):
        raise ConfigError(f'filters.safety.classifier: no file {path}; "shipped" is ours')
    data = read_bytes(path)
    parse_safety_model(data, path)
    return named if named == "shipped" else path, hashlib.sha256(data).hexdigest()


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
            own = load_all(paths.own) if paths.own else {}
            safety = _safety(paths) if paths.safety else None
            _loaded[paths] = Models(_language(paths), _domains(paths), own, safety)
        return _loaded[paths]


def _language(paths: ModelPaths) -> LanguageModel:
    path = _of_image(paths.language_sha256) or local_copy(paths.language)
    if paths.language_sha256 not in ("", hashlib.sha256(Path(path).read_bytes()).hexdigest()):
        raise StageError(f"{path} is not the language model that was planned; fetch it again")
    return LanguageModel(path)


def _safety(paths: ModelPaths) -> SafetyModel:
    """Returns the classifier; the shipped one is where the package is, on each machine."""
    path = SHIPPED if paths.safety == "shipped" else local_copy(paths.safety)
    data = Path(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != paths.safety_sha256:
        raise StageError(f"{path} is not the classifier that was planned; install the same version")
    return parse_safety_model(data, path)


def _domains(paths: ModelPaths) -> DomainList:
    domains = DomainList()
    for path in paths.domain_lists:
        with open_file(local_copy(path)) as file:
            load_domains(domains, file)
    return domains


def _of_image(sha256: str) -> str | None:
    """Returns the path of the model with this hash that the worker's image has, if it does."""
    folder = os.environ.get(VARIABLE)
    for path in sorted(Path(folder).glob("*.ftz")) if folder else []:
        if hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return str(path)
    return None


def local_copy(path: str) -> str:
    """Returns the path of a file on this machine; one from afar is copied, once for all processes.

    The copy is named by the object's path and version, so a new version is copied anew.

    Raises:
      FileNotFoundError: there is no such object.
      StageError: the folder of copies is not ours.
    """
    if is_local(path):
        return path
    found = find_file(path)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "No such object", path)
    folder = Path(tempfile.gettempdir()) / f"{COPIES}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StageError(f"{folder} belongs to someone else; remove it or set TMPDIR")
    copy = folder / hashlib.sha256(repr(found).encode()).hexdigest()
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed
        if not copy.exists():
            write_bytes(str(copy), read_bytes(path))
    return str(copy)

"""Models and lists that a recipe names on this machine, uploaded beside the output for workers."""

import hashlib
import shutil
from pathlib import Path

from massivetext.pipelines.folder.models import ModelPaths
from massivetext.storage.files import exists, new_file, open_file
from massivetext.storage.paths import is_local, join

INPUTS = "inputs"  # folder below the output
_CHUNK = 1 << 20


def upload(path: str, output: str) -> str:
    """Returns the path of a file below the output, where it is copied if it is local.

    The name holds the content's hash, so a file that is there already is not sent again.
    """
    if not is_local(path):
        return path
    name = f"{_sha256(path)[:16]}-{Path(path).name}"
    target = join(output, INPUTS, name)
    if not exists(target):
        with open_file(path) as source, new_file(target) as file:
            shutil.copyfileobj(source, file, _CHUNK)
    return target


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def upload_models(models: ModelPaths, output: str) -> ModelPaths:
    """Returns the models' paths with the local ones uploaded."""
    lists = tuple(upload(path, output) for path in models.domain_lists)
    return models._replace(language=upload(models.language, output), domain_lists=lists)

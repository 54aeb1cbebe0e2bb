"""Where the language model lies: a folder of the user's where every command looks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from massivetext.errors import ConfigError

LANGUAGE_MODEL: Final = "lid.176.ftz"
VARIABLE: Final = "MASSIVETEXT_MODELS"  # names a folder of models; the image of workers sets it
ADVICE: Final = "`massivetext models` fetches it"


def models_folder() -> Path:
    """Returns the folder that ``massivetext models`` fetches into.

    It is `$MASSIVETEXT_MODELS`, or ``massivetext`` in the user's cache: `$XDG_CACHE_HOME`, else
    ``~/.cache``.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache) if cache.startswith("/") else Path.home() / ".cache"  # as XDG wants it
    return base / "massivetext"


def find_language_model() -> str:
    """Returns the path of the language model: in the models' folder, or in a checkout's.

    Raises:
      ConfigError: it is in neither; the message says how to fetch it.
    """
    for folder in _folders():
        if (folder / LANGUAGE_MODEL).is_file():
            return str(folder / LANGUAGE_MODEL)
    raise ConfigError(f"no language model {LANGUAGE_MODEL} in {models_folder()}; {ADVICE}")


def _folders() -> Iterator[Path]:
    yield models_folder()
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / "pyproject.toml").is_file():
        yield checkout / "models"

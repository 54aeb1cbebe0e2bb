"""A trained vocabulary by its path: text to ids and back."""

from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from massivetext.document import given_text
from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder


class Tokenizer:
    """A trained vocabulary (section 3.1). Not to be shared by processes: each loads its own."""

    def __init__(self, path: str | PathLike[str]) -> None:
        """Loads a ``.model`` or ``tokenizer.json``, or that of a folder or of a build.

        Raises:
          ConfigError: there is none, or it is no vocabulary of this project.
        """
        self._encoder = Encoder.load(find_vocabulary(Path(path)))

    def __len__(self) -> int:
        """Returns the number of ids; they are from 0 up to it."""
        return self._encoder.size

    def encode(self, text: str, *, ends: bool = False) -> NDArray[np.uint16]:
        """Returns the ids of a text, (tokens,) uint16; with `ends` between begin and end marks.

        Raises:
          ConfigError: it is no text.
          ValueError: the text has a lone surrogate, or is longer than any document may be.
        """
        ids = self._encoder.encode(given_text(text))
        if not ends:
            return ids.copy()
        return np.concatenate([[self._encoder.bos], ids, [self._encoder.eos]]).astype(np.uint16)

    def decode(self, ids: ArrayLike) -> str:
        """Returns the text of ids; marks are left out, broken characters are U+FFFD.

        Raises:
          ValueError: an id is not one of the vocabulary's.
        """
        return self._encoder.decode(ids)

    def piece(self, token: int) -> str:
        """Returns what an id stands for, spaces written as U+2581."""
        return self._encoder.piece(token)


def find_vocabulary(path: Path) -> Path:
    """Returns the file that `path` is, or that lies in it or in its ``vocabulary/``.

    Raises:
      ConfigError: there is none.
    """
    names = ("vocabulary.model", "vocabulary/vocabulary.model", "tokenizer.json")
    places = [path, *(path / name for name in names)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise ConfigError(f"no vocabulary {path}, nor {places[1]}")
    return found

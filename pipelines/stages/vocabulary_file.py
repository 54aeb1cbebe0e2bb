"""The vocabulary of a build, for the stages after it, and the one that a recipe gives."""

from pathlib import Path

from massivetext.config.dataclass_toml import expand_variables
from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.pipelines.folder.sums import open_summed
from massivetext.storage.files import read_bytes
from massivetext.storage.paths import is_local, join
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.tokenizer import find_vocabulary

MODEL = "vocabulary.model"
TRAINED = "trained.json"  # its facts and checksums


def load_encoder(output: str) -> Encoder:
    """Returns the encoder of the build in `output`.

    Raises:
      DamagedFile: the file is not the one that was trained.
    """
    return Encoder(read_model(output))


def read_model(output: str) -> bytes:
    """Returns the content of the vocabulary's file, checked."""
    folder = join(output, "vocabulary")
    with open_summed(join(folder, MODEL), join(folder, TRAINED)) as file:
        return file.read()


def given_model(recipe: Recipe) -> bytes | None:
    """Returns the content of the model file that a recipe names, None where it names none.

    Raises:
      ConfigError: there is none, or it cannot encode every text in 16 bits an id.
    """
    if not recipe.vocabulary.path:
        return None
    path = expand_variables(recipe.vocabulary.path, "vocabulary.path")
    try:
        data = read_bytes(str(find_vocabulary(Path(path))) if is_local(path) else path)
        Encoder(data)
    except FileNotFoundError as error:
        raise ConfigError(f"vocabulary.path: no file {path}") from error
    except ConfigError as error:
        raise ConfigError(f"vocabulary.path: {path}: {error}") from error
    return data

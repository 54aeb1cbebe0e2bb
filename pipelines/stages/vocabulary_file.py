"""The trained vocabulary of a build, for the stages after it."""

from massivetext.pipelines.folder.sums import open_summed
from massivetext.storage.paths import join
from massivetext.tokenizer.encode import Encoder

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

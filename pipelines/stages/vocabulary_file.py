"""The trained vocabulary of a build, for the stages after it."""

from massivetext.storage.files import read_bytes
from massivetext.storage.paths import join
from massivetext.tokenizer.encode import Encoder

MODEL = "vocabulary.model"


def load_encoder(output: str) -> Encoder:
    """Returns the encoder of the build in `output`."""
    return Encoder(read_bytes(join(output, "vocabulary", MODEL)))

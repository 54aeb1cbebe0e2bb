"""The trained vocabulary of a build, for the stages after it."""

from massivetext.pipelines.folder.files import join, read_bytes
from massivetext.tokenizer.encode import Encoder

MODEL = "vocabulary.model"


def load_encoder(output: str) -> Encoder:
    """Returns the encoder of the build in `output`."""
    return Encoder(read_bytes(join(output, "vocabulary", MODEL)))

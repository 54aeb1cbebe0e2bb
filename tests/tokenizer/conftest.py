import inspect
import string
from pydoc_data import topics

import pytest
import sentencepiece

from massivetext.config.recipe import Vocabulary
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import train_vocabulary


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Prose and code that every Python has."""
    return [*topics.topics.values(), inspect.getsource(string), inspect.getsource(inspect)]


@pytest.fixture(scope="session")
def model(texts: list[str]) -> bytes:
    return train_vocabulary(texts, Vocabulary(size=4_096))


@pytest.fixture(scope="session")
def encoder(model: bytes) -> Encoder:
    return Encoder(model)


@pytest.fixture(scope="session")
def models(texts: list[str], model: bytes) -> dict[str, bytes]:
    foreign = [
        *texts,
        "\u65e5\u672c\u8a9e \u0437\u0434\u0440\u0430\u0441\u0442\u0435 caf\u00e9 " * 99,
    ]
    choices = {
        "identity": Vocabulary(1_000, normalization="identity"),
        "collapse": Vocabulary(1_000, whitespace="collapse"),
        "foreign": Vocabulary(2_000, character_coverage=1.0),
        "small": Vocabulary(400, character_coverage=0.98),
    }
    trained = {name: train_vocabulary(foreign, chosen) for name, chosen in choices.items()}
    return {"sample": model, **trained}


@pytest.fixture(scope="session")
def pairs(
    models: dict[str, bytes],
) -> dict[str, tuple[Encoder, sentencepiece.SentencePieceProcessor]]:
    return {
        name: (Encoder(model), sentencepiece.SentencePieceProcessor(model_proto=model))
        for name, model in models.items()
    }

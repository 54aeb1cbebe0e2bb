import inspect
import string
from pydoc_data import topics

import pytest

from tokenizer.encode import Encoder
from tokenizer.vocabulary import VocabularySettings, train_vocabulary


@pytest.fixture(scope="session")
def texts() -> list[str]:
    """Prose and code that every Python has."""
    return [*topics.topics.values(), inspect.getsource(string), inspect.getsource(inspect)]


@pytest.fixture(scope="session")
def model(texts: list[str]) -> bytes:
    return train_vocabulary(texts, VocabularySettings(size=4_096))


@pytest.fixture(scope="session")
def encoder(model: bytes) -> Encoder:
    return Encoder(model)

"""What a model makes of text that it has not seen: prompts from the held-out documents."""

import textwrap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from massivetext.errors import ConfigError
from massivetext.tokenizer.encode import Encoder
from massivetext.train.data.dataset import Dataset
from massivetext.train.data.records import Records
from massivetext.train.inference.generate import Sampling, generate
from massivetext.train.inference.model_folder import TrainedModel, encoder_of

PROMPT = 24  # tokens of the document that the model is given
SEARCHED = 256  # sequences of a source that are looked through for a document's beginning


class Opening(NamedTuple):
    """The beginning of a held-out document."""

    source: str
    prompt: NDArray[np.int32]  # (1 + PROMPT,), from its begin on
    rest: NDArray[np.int32]  # as many tokens as the model is to write


def find_openings(dataset: Dataset, new: int, count: int) -> list[Opening]:
    """Returns a document's beginning of each of the first `count` sources that have one.

    Raises:
      ConfigError: no held-out sequence holds the beginning of a document that is long enough.
    """
    found: list[Opening] = []
    encoder = Encoder(dataset.vocabulary)
    for source, records in dataset.validation.items():
        tokens = _first_opening(records, 1 + PROMPT, new, encoder)
        if tokens is not None and len(found) < count:
            found.append(Opening(source, tokens[: 1 + PROMPT], tokens[1 + PROMPT :]))
    if not found:
        raise ConfigError(
            f"{dataset.folder}: no held-out document begins there; give the model a --prompt"
        )
    return found


def _first_opening(
    records: Records, given: int, new: int, encoder: Encoder
) -> NDArray[np.int32] | None:
    for number in range(min(len(records), SEARCHED)):
        row = records.read(np.array([number]))[0].astype(np.int32)
        for start in np.flatnonzero(row == encoder.bos):
            piece = row[start : start + given + new]
            ends = 1 + np.flatnonzero(piece[1:] == encoder.eos)  # one id may begin and end
            if len(piece) == given + new and not (ends < given + new // 2).any():
                return piece[: ends[0]] if len(ends) else piece
    return None


def show_continuations(
    model: TrainedModel, openings: list[Opening], new: int, sampling: Sampling
) -> str:
    """Returns, for each opening, what was given, what the model wrote and what the author wrote."""
    prompts = np.stack([opening.prompt for opening in openings])
    encoder, parts = encoder_of(model), []
    sampling = sampling._replace(end=encoder.eos)
    written = generate(model.about.model, model.params, prompts, new, sampling)
    for opening, tokens in zip(openings, written, strict=True):
        texts = {
            "given": encoder.decode(opening.prompt),
            "the model continues": encoder.decode(tokens[len(opening.prompt) :]),
            "the author went on": encoder.decode(opening.rest),
        }
        lines = [f"{name}:\n{textwrap.indent(text, '    ')}" for name, text in texts.items()]
        parts.append("\n".join([f"== {opening.source}, held out ==", *lines]))
    return "\n\n".join(parts)

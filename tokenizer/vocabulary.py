"""Trains the vocabulary: SentencePiece BPE with byte fallback (Rae et al. 2021, 3.1 and A.1.2)."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import sentencepiece

from massivetext.config.recipe import Vocabulary
from massivetext.document import given_text, given_texts
from massivetext.errors import ConfigError

UNKNOWN, BOS, EOS = 0, 1, 2
SYMBOLS = ("\n", "\t")  # whole pieces of their own, so that lines and indentation survive
MAX_SENTENCE_BYTES = 4_096  # SentencePiece leaves longer ones out of the training, silently


def train_vocabulary(texts: Iterable[str], settings: Vocabulary) -> bytes:
    """Returns the model file of a vocabulary trained on `texts`: the same bytes for the same texts.

    Ids: 0 unknown, 1 begin of document, 2 end of document, newline, tab, 256 bytes, pieces. The
    texts are held in memory.

    Raises:
      ConfigError: they cannot support the size, the message has the size that they can; one of
        them is no text; or there is one text instead of several.

    >>> model = train_vocabulary(["a rose is a rose is a rose"] * 9, Vocabulary(size=270))
    >>> len(model) > 1_000
    True
    """
    given = map(given_text, given_texts(texts))
    sentences = (piece for text in given for piece in training_sentences(text))
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=sentences, model_writer=model, **_options(settings)
        )
    except RuntimeError as error:
        raise ConfigError(_explain(str(error), settings)) from error
    return model.getvalue()


def _options(settings: Vocabulary) -> dict[str, Any]:
    return {
        "model_type": "bpe",
        "vocab_size": settings.size,
        "byte_fallback": True,
        "character_coverage": settings.character_coverage,
        "normalization_rule_name": settings.normalization,
        "remove_extra_whitespaces": settings.whitespace == "collapse",
        # Eight spaces of indentation are one piece, not eight.
        "allow_whitespace_only_pieces": True,
        # A crop that begins inside a document, or a line, has no space before it.
        "add_dummy_prefix": False,
        "user_defined_symbols": list(SYMBOLS),
        "unk_id": UNKNOWN,
        "bos_id": BOS,
        "eos_id": EOS,
        "pad_id": -1,
        "max_sentence_length": MAX_SENTENCE_BYTES,
        "num_threads": 1,
        "minloglevel": 2,
    }


def training_sentences(text: str) -> Iterator[str]:
    r"""Yields the lines of a text, cut at tabs and at most `MAX_SENTENCE_BYTES` of UTF-8 long.

    Newlines and tabs are pieces already, and SentencePiece keeps NUL for itself.

    >>> list(training_sentences("if x:\n\treturn"))
    ['if x:', 'return']
    """
    for line in re.split("[\n\t\0]+", text):
        if len(line) * 4 <= MAX_SENTENCE_BYTES or len(line.encode()) <= MAX_SENTENCE_BYTES:
            if line:
                yield line
        else:
            yield from _cut(line)


def _cut(line: str) -> Iterator[str]:
    """Yields slices of a long line, cut before a space where there is one."""
    width = MAX_SENTENCE_BYTES // 4
    start = 0
    while start < len(line):
        end = start + width
        if end < len(line):
            space = line.rfind(" ", start + 1, end + 1)
            end = space if space > 0 else end
        yield line[start:end]
        start = end


def _explain(message: str, settings: Vocabulary) -> str:
    """Returns what to do about SentencePiece's refusal."""
    size = f"vocabulary.size: {settings.size:,} ids"
    if found := re.search(r"too high .*<= (\d+)", message):
        largest = int(found[1])
        return f"{size}; the sample supports at most {largest:,}: lower it or take a larger sample"
    if found := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        smallest = int(found[1])
        return (
            f"{size}; the sample's characters alone need {smallest:,}: raise it or lower"
            " vocabulary.character_coverage"
        )
    return f"{size}: SentencePiece cannot train on this sample: {message}"

"""Compares an encoder with SentencePiece."""

import sentencepiece

from massivetext.tokenizer.encode import Encoder


def assert_equal(pair: tuple[Encoder, sentencepiece.SentencePieceProcessor], text: str) -> None:
    encoder, reference = pair
    expected = reference.encode(text)
    found = encoder.encode(text).tolist()
    if found != expected:
        at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), -1)
        raise AssertionError(f"{text[:200]!r}: token {at}: {found[at : at + 5]}")

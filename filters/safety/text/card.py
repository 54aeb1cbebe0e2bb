"""The card of a model: what it was trained on, how often it errs, what it must not be used for."""

import textwrap
from collections.abc import Iterator
from typing import Any

from massivetext.filters.safety.text.model import SafetyModel

_NOTE = """It looks at words and pairs of words of at most 3,000 characters, so it knows what was
said in texts like those it was trained on, and nothing else. It is for leaving pages out of a
training corpus, not for judging people. Read what it drops before you rely on it:
`massivetext show DIR --reason explicit`."""


def as_card(model: SafetyModel, title: str, sha256: str, notes: str = "") -> str:
    """Returns the card in Markdown; `notes` are the maker's, on sources and licenses."""
    return "\n".join([f"# {title}", "", *_lines(model.header, sha256, notes)]) + "\n"


def _lines(header: dict[str, Any], sha256: str, notes: str) -> Iterator[str]:
    settings, texts, called = header["settings"], header["texts"], header["called_explicit"]
    safe, hard = settings["false_positives"], settings["hard_false_positives"]
    yield f"A logistic regression on {1 << header['bits']:,} hashed words and pairs of words, one"
    yield f"byte each. SHA-256 `{sha256}`."
    yield ""
    yield f"Threshold {header['threshold']:.4f}, chosen on texts of hosts that the weights had not"
    yield f"seen ({settings['folds']} folds of {header['hosts']:,} hosts or texts): at most"
    yield f"{safe:.1%} of safe texts and {hard:.1%} of hard ones may be above it."
    yield ""
    yield "| label | texts | called explicit, held out |"
    yield "|---|---:|---:|"
    for label, count in texts.items():
        share = "–" if called[label] is None else f"{called[label]:.2%}"
        yield f"| {label} | {count:,} | {share} |"
    yield ""
    yield from textwrap.wrap(" ".join(_NOTE.split()), 100)
    if notes:
        yield ""
        yield notes.strip()

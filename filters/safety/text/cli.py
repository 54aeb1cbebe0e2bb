"""``massivetext safety``: labels from a build, training, and the score of texts."""

import argparse
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import orjson

from massivetext.cli.files import open_output
from massivetext.errors import ConfigError
from massivetext.filters.safety.text.card import as_card
from massivetext.filters.safety.text.labels import Choice, weak_labels
from massivetext.filters.safety.text.model import MAX_BITS, MIN_BITS
from massivetext.filters.safety.text.rows import Labelled, read_labelled
from massivetext.filters.safety.text.train import Settings, train

_DEFAULTS = Settings()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    make = actions.add_parser("train", help="train a model on labelled texts")
    make.add_argument("labels", nargs="+", metavar="LABELS", help="JSON lines or TSV")
    make.add_argument("-o", "--output", required=True, metavar="MODEL", help="its card: MODEL.md")
    make.add_argument("--bits", type=int, default=_DEFAULTS.bits, help="2^BITS weights (18)")
    make.add_argument(
        "--epochs", type=int, default=_DEFAULTS.epochs, help="passes over the labels (%(default)s)"
    )
    for name in ("false_positives", "hard_false_positives"):
        share = getattr(_DEFAULTS, name)
        told = f"share of {'hard' if name.startswith('hard') else 'safe'} texts, held out ({share})"
        flag = f"--{name.replace('_', '-')}"
        make.add_argument(flag, type=float, default=share, metavar="SHARE", help=told)
    make.add_argument("--notes", metavar="FILE", help="on sources and licenses, for the card")
    label = actions.add_parser("label", help="weak labels from stage 1 of a build")
    label.add_argument("build", metavar="DIR", help="output of `massivetext build` or `documents`")
    label.add_argument(
        "-o", "--output", default="-", metavar="LABELS.jsonl", help="default: stdout"
    )
    label.add_argument("--of-host", type=int, default=Choice().of_host, help="pages at most (20)")
    label.add_argument("--most", type=int, default=Choice().most, help="of each label (100,000)")


def main(arguments: argparse.Namespace) -> int:
    """Runs the action that was asked for."""
    if arguments.action == "label":
        return _label(arguments)
    return _train(arguments)


def _label(arguments: argparse.Namespace) -> int:
    choice = Choice(arguments.of_host, arguments.most)
    rows = list(weak_labels(arguments.build, choice))
    with open_output(arguments.output, [arguments.build]) as out:
        for row in rows:
            out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
    counts = {label: sum(row["label"] == label for row in rows) for label in ("explicit", "safe")}
    sys.stderr.write(f"{counts['explicit']:,} explicit, {counts['safe']:,} safe texts\n")
    return 0


def _train(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    rows: list[Labelled] = [row for path in arguments.labels for row in read_labelled(path)]
    notes = Path(arguments.notes).read_text(encoding="utf-8") if arguments.notes else ""
    model = train(rows, settings).model
    data = model.to_bytes()
    output = Path(arguments.output)
    output.write_bytes(data)
    card = as_card(model, output.name, hashlib.sha256(data).hexdigest(), notes)
    output.with_name(f"{output.name}.md").write_text(card, encoding="utf-8")
    sys.stderr.write("".join(f"{line}\n" for line in _told(model.header["called_explicit"])))
    sys.stderr.write(f"threshold {model.threshold:.4f}; {output} and its card are written\n")
    return 0


def _told(called: dict[str, float | None]) -> Iterable[str]:
    for label, share in called.items():
        if share is not None:
            yield f"{label}: {share:.2%} called explicit, of texts that were held out"


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Returns the settings that the arguments ask for.

    Raises:
      ConfigError: one is out of its range.
    """
    if not MIN_BITS <= arguments.bits <= MAX_BITS:
        raise ConfigError(f"--bits: {arguments.bits} is not between {MIN_BITS} and {MAX_BITS}")
    if arguments.epochs < 1:
        raise ConfigError(f"--epochs: {arguments.epochs}; give at least 1")
    for name in ("false_positives", "hard_false_positives"):
        share = getattr(arguments, name)
        if not 0 <= share < 1:
            raise ConfigError(f"--{name.replace('_', '-')}: {share} is not a share from 0 to 1")
    return _DEFAULTS._replace(
        bits=arguments.bits,
        epochs=arguments.epochs,
        false_positives=arguments.false_positives,
        hard_false_positives=arguments.hard_false_positives,
    )

"""The trainer's command line: ``massivetext train|generate|evaluate|…``, ``python -m train …``."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import NamedTuple

from massivetext import cli
from massivetext.cli import DONE, USAGE


class Command(NamedTuple):
    """A command; `module` has ``add_arguments(parser)`` and ``main(arguments)``."""

    module: str
    help: str
    example: str


COMMANDS = {
    "train": Command(
        "train.train_command",
        "train a model on the shards of a build; resumes what is in --output",
        "massivetext train nano --data out/sample --output out/nano --steps 300",
    ),
    "generate": Command(
        "train.generate_command",
        "continue a text with a trained model",
        'massivetext generate out/nano --prompt "The river" --temperature 0.8 --top-p 0.9',
    ),
    "evaluate": Command(
        "train.evaluate_command",
        "bits per byte of a trained model by source, and the paper's tasks",
        "massivetext evaluate out/nano --data out/sample",
    ),
    "compare": Command(
        "train.compare_command",
        "plot the results of several models against their size",
        "massivetext train compare out/nano out/micro out/mini --output out/scale",
    ),
    "export": Command(
        "train.export_command",
        "write a trained model as safetensors with its configuration and vocabulary",
        "massivetext train export out/nano --output out/nano-export",
    ),
    "prove-tpu": Command(
        "train.prove_command",
        "compile the real training step for a TPU slice, without a TPU, and print its memory",
        "massivetext prove-tpu 280b --topology v3:32x32 --slices 4",
    ),
}


def main(words: Sequence[str]) -> int:
    """Runs one command of the trainer; returns its exit code, see `massivetext.cli`."""
    words = list(words)
    if words[:1] == ["train"] and len(words) > 1 and words[1] in COMMANDS:
        words = words[1:]
    if not words or words[0] not in COMMANDS:
        _parser().print_help()
        return DONE if words in (["--help"], ["-h"]) else USAGE
    command = COMMANDS[words[0]]
    parser = argparse.ArgumentParser(
        prog=f"massivetext {words[0]}",
        description=command.help,
        epilog=f"example: {command.example}",
        allow_abbrev=False,
    )
    # JAX is heavy: --help and mistakes must not wait for it, so modules import it in main.
    module = importlib.import_module(command.module)
    module.add_arguments(parser)
    return int(module.main(parser.parse_args(words[1:])) or DONE)


def _parser() -> argparse.ArgumentParser:
    lines = [f"  {name:<12}{command.help}" for name, command in COMMANDS.items()]
    return argparse.ArgumentParser(
        prog="massivetext train",
        description="The Gopher family in JAX.",
        epilog="commands:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="massivetext COMMAND …",
    )


if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]) if sys.argv[1:2] != ["--help"] else main(["--help"]))

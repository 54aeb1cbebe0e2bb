"""``massivetext generate``."""

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from massivetext.errors import ConfigError

if TYPE_CHECKING:
    from massivetext.train.inference.generate import Sampling
    from massivetext.train.inference.model_folder import TrainedModel


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("model", help="the --output of a training run")
    parser.add_argument("--prompt", default="", help="text to continue; none: a new document")
    data = "a build's folder: go on where its held-out documents begin, beside their authors"
    parser.add_argument("--data", help=data)
    parser.add_argument("--tokens", type=int, default=100, help="new tokens (%(default)s)")
    parser.add_argument(
        "--samples", type=int, default=1, help="texts to write; sources with --data (%(default)s)"
    )
    parser.add_argument("--temperature", type=float, default=0.8, help="0: greedy (%(default)s)")
    parser.add_argument("--top-p", type=float, default=0.95, help="nucleus (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the sampling (%(default)s)")


def main(arguments: argparse.Namespace) -> None:
    """Writes the prompt and its continuations to the standard output."""
    # All tokens are one compiled loop, which does not return to Python before it ends; and there is
    # nothing to save, so Ctrl-C ends the process.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        _generate(arguments)
    finally:
        signal.signal(signal.SIGINT, before)


def _generate(arguments: argparse.Namespace) -> None:
    if arguments.tokens < 1 or arguments.samples < 1:
        raise ConfigError("--tokens and --samples must be at least 1")
    if not 0 <= arguments.seed < 1 << 32:
        raise ConfigError(f"--seed must be between 0 and {(1 << 32) - 1:,}")
    try:
        arguments.prompt.encode()
    except UnicodeEncodeError as error:
        raise ConfigError("--prompt: no UTF-8 text") from error
    if arguments.data and arguments.prompt:
        raise ConfigError("--data brings its own prompts: leave out --prompt or --data")
    from massivetext.train.inference.generate import Sampling
    from massivetext.train.inference.model_folder import load_model
    from massivetext.train.model.out_of_memory import fitting

    sampling = Sampling(arguments.temperature, arguments.top_p, arguments.seed).check()
    model = load_model(arguments.model)
    write = _continue_documents if arguments.data else _continue_prompt
    with fitting("this", "fewer --samples or --tokens"):
        text = write(arguments, model, sampling)
    sys.stdout.write(text + "\n")


def _continue_documents(
    arguments: argparse.Namespace, model: "TrainedModel", sampling: "Sampling"
) -> str:
    from massivetext.train.data.dataset import open_dataset
    from massivetext.train.inference.held_out import find_openings, show_continuations

    dataset = open_dataset(arguments.data)
    if dataset.vocabulary_sha256 != model.about.vocabulary_sha256:
        raise ConfigError(f"{arguments.data}: not the vocabulary that the model was trained with")
    openings = find_openings(dataset, arguments.tokens, arguments.samples)
    return show_continuations(model, openings, arguments.tokens, sampling)


def _continue_prompt(
    arguments: argparse.Namespace, model: "TrainedModel", sampling: "Sampling"
) -> str:
    import numpy as np

    from massivetext.train.inference.generate import generate
    from massivetext.train.inference.model_folder import encoder_of

    encoder = encoder_of(model)
    sampling = sampling._replace(end=encoder.eos)
    prompt = np.array([encoder.bos, *encoder.encode(arguments.prompt).tolist()], np.int32)
    prompts = np.tile(prompt, (arguments.samples, 1))
    texts = generate(model.about.model, model.params, prompts, arguments.tokens, sampling)
    return "\n---\n".join(encoder.decode(text) for text in texts)

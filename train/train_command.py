"""``massivetext train``."""

import argparse

from massivetext.cli import DONE, STOPPED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("preset", help="44m 117m 417m 1.4b 7.1b 280b nano …, or a TOML file")
    parser.add_argument("--data", required=True, help="a build's folder, local or gs://")
    parser.add_argument("--output", required=True, help="for checkpoints, log, plot; resumed")
    parser.add_argument("--steps", type=int, help="optimiser steps of the whole run")
    parser.add_argument("--seed", type=int, help="of parameters, data order and rounding")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="as in model.context=512"
    )
    parser.add_argument("--profile", type=int, metavar="STEPS", help="trace so many steps")
    parser.add_argument(
        "--multi-host", action="store_true", help="join the other hosts of a slice or cluster"
    )


def main(arguments: argparse.Namespace) -> int:
    """Trains; returns 0 when the run is done, 3 when it was stopped and can be resumed."""
    from train.load import load_config

    named = {"steps": arguments.steps, "seed": arguments.seed, "profile_steps": arguments.profile}
    short = [f"run.{key}={value}" for key, value in named.items() if value is not None]
    config = load_config(arguments.preset, (*arguments.set, *short))
    if arguments.multi_host:
        import jax

        jax.distributed.initialize()
    from train.loop import train

    return DONE if train(config, arguments.data, arguments.output) else STOPPED

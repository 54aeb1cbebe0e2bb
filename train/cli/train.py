"""``massivetext train``."""

import argparse

from massivetext.cli.main import DONE, STOPPED
from massivetext.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    presets = "44m 117m 417m 1.4b 7.1b 280b, nano (default), micro, mini, d8, …, or a TOML file"
    parser.add_argument("preset", nargs="?", default="nano", help=presets)
    parser.add_argument("--data", required=True, help="a build's folder, local, gs:// or s3://")
    output = "for checkpoints, log, plot; resumed; default: DATA/models/PRESET"
    parser.add_argument("-o", "--output", help=output)
    parser.add_argument("--steps", type=int, help="optimizer steps of the whole run")
    parser.add_argument("--seed", type=int, help="of parameters, data order and rounding")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="as in model.context=512"
    )
    tune = "first measure which micro-batch and rematerialization are fastest; remembered"
    parser.add_argument("--tune", action="store_true", help=tune)
    parser.add_argument("--profile", type=int, metavar="STEPS", help="trace so many steps")
    parser.add_argument(
        "--multi-host", action="store_true", help="join the other hosts of a TPU slice or cluster"
    )
    join = "where no cluster tells: address of the first host, number of hosts, this one's number"
    parser.add_argument("--hosts", nargs=3, metavar=("HOST:PORT", "COUNT", "NUMBER"), help=join)


def main(arguments: argparse.Namespace) -> int:
    """Trains; returns 0 when the run is done, 3 when it was stopped and can be resumed."""
    from massivetext.train.config.presets import load_config

    if arguments.steps is not None and arguments.steps < 1:
        raise ConfigError("--steps must be at least 1")
    named = {"steps": arguments.steps, "seed": arguments.seed, "profile_steps": arguments.profile}
    short = [f"run.{key}={value}" for key, value in named.items() if value is not None]
    config = load_config(arguments.preset, (*arguments.set, *short))
    from massivetext.train.run.environment import keep_compiled, prepare

    prepare(config.run.deterministic)
    if arguments.multi_host or arguments.hosts:
        _join_hosts(arguments.hosts)
    keep_compiled()
    from massivetext.train.run.loop import train

    output = arguments.output or f"{arguments.data.rstrip('/')}/models/{config.name}"
    return DONE if train(config, arguments.data, output, arguments.tune) else STOPPED


def _join_hosts(hosts: list[str] | None) -> None:
    import jax

    if hosts is None:
        jax.distributed.initialize()  # a TPU slice or a scheduler says who takes part
        return
    address, count, number = hosts
    if not (count.isdecimal() and number.isdecimal() and int(number) < int(count)):
        raise ConfigError(f"--hosts {' '.join(hosts)}: expected HOST:PORT COUNT NUMBER, from 0")
    jax.distributed.initialize(address, int(count), int(number))

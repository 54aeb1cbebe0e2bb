"""Beam's flags, checked: Beam itself passes over a flag that it does not know."""

import argparse
import difflib

from apache_beam.options.pipeline_options import (
    PipelineOptions,
    StandardOptions,
    _BeamArgumentParser,
)
from apache_beam.runners.runner import create_runner

from massivetext.errors import ConfigError

_OURS = ("--explain", "--output", "--set", "--verify", "--wait", "--workers")


def check_flags(flags: tuple[str, ...]) -> None:
    """Checks that Beam knows the flags and can read their values.

    Raises:
      ConfigError: it does not; the message has the nearest flag that it knows.

    >>> check_flags(("--runner=DataflowRunner", "--regoin=us-east1"))
    Traceback (most recent call last):
    massivetext.errors.ConfigError: --regoin: neither our flag nor Beam's; did you mean --region?
    """
    parser = _BeamArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for kind in PipelineOptions.__subclasses__():
        kind._add_argparse_args(parser)
    try:
        _, rest = parser.parse_known_args(list(flags))
    except argparse.ArgumentError as error:
        raise ConfigError(str(error)) from error
    if rest:
        name = rest[0].split("=")[0]
        close = difflib.get_close_matches(name, [*_OURS, *parser._option_string_actions], 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ConfigError(f"{name}: neither our flag nor Beam's{hint}")
    _check_runner(PipelineOptions(list(flags)).view_as(StandardOptions).runner)


def _check_runner(name: str | None) -> None:
    try:
        if name:
            create_runner(name)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"--runner={name}: Beam has no such runner here") from error

"""Beam's flags, checked: Beam itself passes over a flag that it does not know."""

import argparse
import difflib
import sys

from apache_beam.options.pipeline_options import (
    PipelineOptions,
    StandardOptions,
    _BeamArgumentParser,
)
from apache_beam.runners.runner import create_runner

from massivetext.errors import ConfigError
from massivetext.pipelines.engine.runner import BEAMS, HERE

_OURS = (
    "--explain",
    "--output",
    "--replace",
    "--set",
    "--shared-filesystem",
    "--verify",
    "--wait",
    "--workers",
)
_SLIP = 0.85  # a flag so like one that is known is a slip of the pen


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
    is_portable = _check_runner(PipelineOptions(list(flags)).view_as(StandardOptions).runner)
    known = [*_OURS, *parser._option_string_actions]
    for name in (flag.split("=")[0] for flag in rest if flag.startswith("-") or not is_portable):
        _check_unknown(name, known, is_portable)


def _check_unknown(name: str, known: list[str], is_portable: bool) -> None:
    """Notes a flag that only the runner's own side may know; refuses what can be none."""
    close = difflib.get_close_matches(name, known, 1, _SLIP if is_portable else 0.6)
    if close or not is_portable:
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ConfigError(f"{name}: neither our flag nor Beam's{hint}")
    sys.stderr.write(f"note: {name} is unknown to Beam's Python; the runner is given it\n")


def _check_runner(name: str | None) -> bool:
    """Returns whether the runner takes jobs by Beam's job service, where flags go on to."""
    try:
        if name:
            create_runner(name)
    except (ImportError, ValueError) as error:
        raise ConfigError(f"--runner={name}: Beam has no such runner here") from error
    from massivetext.pipelines.portable.options import is_portable

    return name not in (None, HERE, BEAMS) and is_portable(str(name))

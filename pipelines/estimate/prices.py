"""The table of prices that the user edits."""

import tomllib
from pathlib import Path
from typing import NamedTuple

from massivetext.errors import ConfigError

DEFAULT = Path(__file__).with_name("prices.toml")


class Prices(NamedTuple):
    """Dollars, and how much memory is paid for with a vCPU."""

    vcpu_hour: float
    memory_gb_hour: float
    shuffled_gb: float
    stored_gb_month: float
    memory_gb_of_vcpu: float


def load_prices(path: Path = DEFAULT) -> Prices:
    """Returns the prices in a TOML file.

    Raises:
      ConfigError: one is missing, unknown or no price.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"--prices: no file {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"--prices: {path} is not TOML: {error}") from error
    for name in Prices._fields:
        value = found.get(name)
        if value is None:
            raise ConfigError(f"--prices: {path} has no {name}; copy {DEFAULT} and edit it")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not 0 <= value < float("inf"):
            raise ConfigError(f"--prices: {name} in {path} is no price: {value!r}")
    if unknown := sorted(found.keys() - set(Prices._fields)):
        raise ConfigError(f"--prices: {path} has {unknown[0]}, which is no price that is used")
    return Prices(**found)

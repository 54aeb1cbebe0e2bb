"""What clients of object stores are told beyond their usual variables and files, and the fence."""

from collections.abc import Callable
from typing import NamedTuple


class Settings(NamedTuple):
    """How to reach object stores; the default is what the environment says."""

    project: str | None = None  # of Google Cloud
    anonymous: bool = False  # gs:// without credentials: public buckets
    impersonate: tuple[str, ...] = ()  # service accounts, the last one through those before it
    scopes: tuple[str, ...] = ()  # of the Google credentials
    headers: tuple[tuple[str, str], ...] = ()  # of every request to gs://
    s3: tuple[tuple[str, str | bool], ...] = ()  # arguments of boto3's client
    fence: tuple[str, str] | None = None  # a file, and what it holds while this process may write


class _Process:
    """What this process was told: settings, or whom to ask for them."""

    chosen: Settings | None = None
    source: Callable[[], Settings] = Settings


def use(settings: Settings | None) -> None:
    """Sets the settings of this process; with None it asks the source when it needs them again."""
    _Process.chosen = settings


def settings_from(source: Callable[[], Settings]) -> None:
    """Sets where a process that was told none takes its settings from, when it first needs them."""
    _Process.source = staticmethod(source)


def current() -> Settings:
    """Returns the settings of this process."""
    if _Process.chosen is None:
        _Process.chosen = _Process.source()
    return _Process.chosen

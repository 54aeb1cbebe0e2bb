"""Our code on workers: in the image they run, or as a wheel with the packages pinned here.

Without an image, workers get our wheel (`--extra_package`) and a list of requirements made from
the packages installed here, so that they run the same versions as the driver.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from apache_beam.options.pipeline_options import PipelineOptions, SetupOptions, WorkerOptions
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from massivetext.errors import ConfigError
from massivetext.extras import EXTRAS

_PROJECT = "massivetext"
_HOST = "apache-beam"  # on workers already
# Of ours; what of them is installed here. The trainer's are not for workers.
_EXTRAS = ("", *sorted(set(EXTRAS) - {"train"}))


def check_code(options: PipelineOptions) -> None:
    """Checks that workers will have our code.

    Raises:
      ConfigError: neither an image nor a wheel is named, or the wheel is not there or not for
        this Python.
    """
    if options.view_as(WorkerOptions).sdk_container_image:
        return
    named = options.view_as(SetupOptions).extra_packages or []
    ours = [path for path in named if Path(path).name.startswith(f"{_PROJECT}-")]
    if not ours:
        raise ConfigError(
            "Dataflow workers need this project's code: name an image with --sdk_container_image,"
            " or the wheel of `make wheel` with --extra_package=dist/massivetext-….whl"
        )
    for path in ours:
        _check_wheel(path)


def _check_wheel(path: str) -> None:
    if not Path(path).is_file():
        raise ConfigError(f"--extra_package: no file {path}; `make wheel` makes it")
    version = f"cp{sys.version_info.major}{sys.version_info.minor}"
    tags = parse_wheel_filename(Path(path).name)[3] if path.endswith(".whl") else frozenset()
    if not any(tag.interpreter in (version, "py3") for tag in tags):
        raise ConfigError(
            f"--extra_package: {Path(path).name} is no wheel for Python"
            f" {sys.version_info.major}.{sys.version_info.minor}, which workers will run"
        )


@contextmanager
def add_code(options: PipelineOptions) -> Iterator[None]:
    """Adds the pinned requirements to the options while a job is submitted, if it has no image."""
    setup = options.view_as(SetupOptions)
    if options.view_as(WorkerOptions).sdk_container_image or setup.requirements_file:
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text("".join(f"{line}\n" for line in requirements()))
        setup.requirements_file = str(path)
        yield


def requirements(project: str = _PROJECT) -> list[str]:
    """Returns what a project needs besides Beam, as ``name==version`` lines, sorted.

    The versions are those installed here, extras included. What only Beam needs is left out:
    workers have it.
    """
    found: dict[str, str] = {}
    seen: set[_Need] = set()
    waiting = [_Need(canonicalize_name(project), extra) for extra in _EXTRAS]
    while waiting:
        for need in _needs(waiting.pop()):
            if need not in seen and need.name not in (_HOST, project):
                seen.add(need)
                found[need.name] = _installed(need.name)
                waiting += [need] if found[need.name] else []
    return sorted(f"{name}=={version}" for name, version in found.items() if version)


class _Need(NamedTuple):
    """A distribution, with one of its extras or none."""

    name: str
    extra: str


def _needs(need: _Need) -> Iterator[_Need]:
    for line in distribution(need.name).requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": need.extra}):
            for extra in ("", *sorted(requirement.extras)):
                yield _Need(canonicalize_name(requirement.name), extra)


def _installed(name: str) -> str:
    try:
        return re.sub(r"\+.*", "", distribution(name).version)
    except PackageNotFoundError:  # needed on another platform only
        return ""

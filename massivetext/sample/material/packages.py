"""The packages that the sample's texts are taken from, found where Python finds them."""

from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from massivetext.errors import ConfigError

PACKAGES = {  # by import name: dependencies of every install, with sources in their wheels
    "numpy": "numpy",
    "pyarrow": "pyarrow",
    "google.protobuf": "protobuf",
    "zstandard": "zstandard",
}
_SUFFIXES = {".py", ".pyi", ".pyx", ".pxi", ".pxd", ".h", ".hpp"}
_TESTS = {"test", "tests"}
# What differs between two builds of one version: for another Python, or another machine.
_LEFT_OUT = {"distutils", "__config__.py", "_numpyconfig.h", "config.h"}


class Module(NamedTuple):
    """One source file of a package."""

    path: str  # of the package and in it, with "/": ``numpy/lib/format.py``
    text: str

    @property
    def is_test(self) -> bool:
        """Returns whether the file is among the package's own tests."""
        return not _TESTS.isdisjoint(self.path.split("/"))


def installed_versions() -> dict[str, str]:
    """Returns the versions of the packages, "" for those that are not there."""
    return {name: _version(name) for name in PACKAGES.values()}


def read_modules() -> list[Module]:
    """Returns the source files of the packages, by package and then by path.

    Raises:
      ConfigError: a package is not there.
    """
    return [module for package in PACKAGES for module in _modules_of(package)]


def _modules_of(package: str) -> Iterator[Module]:
    root = _folder(package)
    files = {path.relative_to(root).parts: path for path in root.rglob("*")}
    for parts in sorted(files):
        path = files[parts]
        if path.suffix in _SUFFIXES and _LEFT_OUT.isdisjoint(parts):
            text = path.read_text("utf-8", errors="replace")
            yield Module("/".join((*package.split("."), *parts)), text)


def _folder(package: str) -> Path:
    """Returns where Python imports a package from; it need not be beside this one."""
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        spec = None
    if spec is None or not spec.submodule_search_locations:
        name = PACKAGES[package]
        raise ConfigError(f"the sample is made of {name}, which is missing: pip install {name}")
    return Path(next(iter(spec.submodule_search_locations)))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""

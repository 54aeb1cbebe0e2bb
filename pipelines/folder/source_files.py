"""The files that a pattern of a recipe means: of a glob or folder, without what no source means."""

import re
from pathlib import Path

from massivetext.errors import ConfigError
from massivetext.storage.files import find_file, list_files
from massivetext.storage.globs import WILDCARDS, fixed_prefix, glob_regex
from massivetext.storage.paths import FileInfo, is_local, join

# What programs leave beside data: of Hadoop and Spark, Parquet, macOS, Windows, checksums.
_MARKERS = re.compile(
    r"_SUCCESS|_(?:started|committed)_\d+|_(?:common_)?metadata|_temporary|_delta_log|__MACOSX"
    r"|.*\.crc|Thumbs\.db|desktop\.ini|.*\.(?:md5|sha1|sha256|sha512)|(?:MD5|SHA\d+)SUMS",
    re.I,
)


def is_wild(path: str) -> bool:
    """Returns whether a path is a glob or a folder: what it means is found by looking."""
    wild = path.endswith("/") or any(c in path for c in WILDCARDS)
    return wild or (is_local(path) and Path(path).is_dir())


def source_files(path: str, key: str) -> list[tuple[str, FileInfo]]:
    """Returns the files of a path, glob or folder, each with its name below the fixed part.

    A folder means all files below it. In a glob, ``/**/`` stands for any folders, or none. Hidden
    files and folders and known markers are left out, unless they are named without a wildcard.

    Args:
      path: resolved.
      key: of the recipe, for messages.

    Raises:
      ConfigError: nothing matches.
    """
    found = {info.path: info for glob in _globs(path) for info in list_files(glob)}
    pattern = path
    if not found and (named := find_file(path)):  # a file whose name looks like a glob
        return [(path.rpartition("/")[2], named)]
    if not found and not is_wild(path):  # a folder of an object store
        pattern = join(path, "**")
        found = {info.path: info for info in list_files(pattern)} if not is_local(path) else {}
    elif is_wild(path):
        pattern = _globs(path)[0]
    prefix = len(fixed_prefix(pattern))
    names = {info.path[prefix:]: info for info in found.values()}
    if is_wild(pattern):
        names = {name: info for name, info in names.items() if not is_hidden(name)}
    if not names:
        below = f"; relative paths are below {Path.cwd()}: give root" if _is_relative(path) else ""
        raise ConfigError(f"{key}: no file matches {path!r}{below}")
    return sorted(names.items())


def may_mean(path: str, other: str) -> bool:
    """Returns whether a glob or folder means a path, were there a file.

    >>> may_mean("in/**", "in/documents/part.parquet"), may_mean("in/*", "in/documents/x")
    (True, False)
    """
    return any(_matches(glob, real_path(other)) for glob in _globs(path) if is_wild(glob))


def _matches(glob: str, path: str) -> bool:
    prefix = fixed_prefix(glob)
    rest = path.removeprefix(f"{real_path(prefix).rstrip('/')}/")
    means = glob_regex(glob[len(prefix) :]).fullmatch(rest) is not None
    return rest != path and means and not is_hidden(rest)


def real_path(path: str) -> str:
    """Returns a path without links, if it is of this machine."""
    return str(Path(path).resolve()) if is_local(path) else path


def _is_relative(path: str) -> bool:
    return is_local(path) and not Path(path).is_absolute()


def _globs(path: str) -> list[str]:
    if path.endswith("/") or (is_local(path) and Path(path).is_dir()):
        return [join(path, "**")]
    return [path, path.replace("/**/", "/")] if "/**/" in path else [path]


def is_hidden(name: str) -> bool:
    """Returns whether a name below a folder is hidden, a known marker, or lies in one.

    >>> [is_hidden(n) for n in ("a/b.jsonl", ".git/config", "a/_SUCCESS", "a/.b.crc", "_a.jsonl")]
    [False, True, True, True, False]
    """
    parts = name.split("/")
    return any(part.startswith(".") or _MARKERS.fullmatch(part) for part in parts)

"""Finds the native module, ``massivetext._kernels``: the same functions as the definitions, faster.

Without it (no compiler when the project was installed, or ``MASSIVETEXT_KERNELS=off``) the
definitions in Python run. The results are the same, integer for integer.
"""

import importlib
import importlib.util
import os
import struct
import sys
import threading
from functools import cache
from itertools import zip_longest
from typing import Any

from massivetext.errors import ConfigError
from massivetext.measures import Measures
from massivetext.paper import STOP_WORDS
from massivetext.text import nfc, unicode
from massivetext.text.units import BULLETS

_LOCK = threading.Lock()


@cache
def find_kernels() -> Any | None:
    """Returns the native module with its Unicode tables loaded, or None.

    The environment is read once per process. If the module is missing, one line on stderr says so,
    of the command's own process, not of those that it starts.

    Raises:
      ConfigError: the module was built from another version of the code.
    """
    with _LOCK:  # many threads may ask first
        return _load()


@cache
def _load() -> Any | None:
    if os.environ.get("MASSIVETEXT_KERNELS", "").lower() == "off":
        return None
    if importlib.util.find_spec("massivetext._kernels") is None:
        _tell_once(
            "massivetext: no native kernels, the definitions in Python run (about 50 times slower);"
            " with g++ there, install again to build them\n"
        )
        return None
    kernels = importlib.import_module("massivetext._kernels")
    check_measures(getattr(kernels, "MEASURES", ()))
    kernels.load(unicode_tables(), tuple(word.encode() for word in STOP_WORDS))
    return kernels


def check_measures(names: tuple[str, ...]) -> None:
    """Checks that the kernels count what the definitions count, in the same order.

    Raises:
      ConfigError: they do not; every number would stand under another's name.
    """
    if names == Measures._fields:
        return
    pairs = zip_longest(names, Measures._fields)
    built, known = next((a, b) for a, b in pairs if a != b)
    raise ConfigError(
        f"the native kernels are from another version (where the code counts {known}, they have"
        f" {built}): install again to build them, or set MASSIVETEXT_KERNELS=off"
    )


def _tell_once(line: str) -> None:
    import multiprocessing  # only this needs it, and few ever get here

    if multiprocessing.parent_process() is None:
        sys.stderr.write(line)


def unicode_tables() -> tuple[bytes, ...]:
    """Returns the tables of `kernels/base/unicode.hpp`, in the order of its fields."""
    composition = nfc.combining_classes(), decompositions(), compositions()
    return (properties(), *composition, case_folds())


def properties() -> bytes:
    """Returns one byte of flags a code point, as ``kernels/base/unicode.hpp`` names them."""
    flags = bytearray(unicode.PROPERTIES)
    for bullet in BULLETS:
        flags[ord(bullet)] |= unicode.BULLET
    for point in nfc.find_unstable():
        flags[point] |= unicode.UNSTABLE
    for point in unicode.case_folds():
        flags[point] |= unicode.CASED
    return bytes(flags)


def decompositions() -> bytes:
    """Returns rows of five little-endian uint32: a code point, then what it decomposes into."""
    rows = sorted(nfc.decompositions().items())
    return b"".join(struct.pack("<5I", point, *to, *[0] * (4 - len(to))) for point, to in rows)


def compositions() -> bytes:
    """Returns rows of three little-endian uint32: two code points, then what they compose into."""
    rows = sorted(nfc.compositions().items())
    return b"".join(struct.pack("<3I", *pair, to) for pair, to in rows)


def case_folds() -> bytes:
    """Returns rows of two little-endian uint32: a code point, and what it is without its case."""
    return b"".join(struct.pack("<2I", *pair) for pair in sorted(unicode.case_folds().items()))

"""A user's function: found beside the recipe, carried as text, loaded under a private name.

Workers have no copy of the user's files, so the text itself travels with the work and is executed
where it arrives. It is the user's own program, as trusted as the command that names it.
"""

import hashlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from massivetext.config.recipe import Recipe, filters_of
from massivetext.errors import ConfigError

_ENTRY = re.compile(r"(?P<path>.+\.py):(?P<function>[A-Za-z_]\w*)")


class OwnCode(NamedTuple):
    """One function, and the whole text of the file that it stands in."""

    entry: str  # as in the recipe, its path resolved: FILE.py:FUNCTION
    text: str

    @property
    def path(self) -> str:
        """The file, on the machine that read it."""
        return self.entry.rpartition(":")[0]

    @property
    def function(self) -> str:
        """The function's name."""
        return self.entry.rpartition(":")[2]

    @property
    def name(self) -> str:
        """What messages and reports call it.

        >>> OwnCode("/home/a/my_rules.py:judge", "").name
        'my_rules.py:judge'
        """
        return f"{Path(self.path).name}:{self.function}"

    @property
    def sha256(self) -> str:
        """The digest of the file, which stands for it in the stage's key."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def own_codes(recipe: Recipe) -> tuple[OwnCode, ...]:
    """Returns the functions of the user's own that a recipe names, read and tried.

    Raises:
      ConfigError: one is not there or cannot be loaded.
    """
    tables = [recipe.filters, *(filters_of(recipe, source) for source in recipe.sources)]
    entries = (entry for filters in tables for entry in (*filters.transform, *filters.own))
    return tuple(map(read_own, dict.fromkeys(entries)))


def read_own(entry: str) -> OwnCode:
    """Returns the function that an entry of a recipe names, after loading it here once.

    Raises:
      ConfigError: the entry names no function, there is no such file, or it cannot be loaded.
    """
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ConfigError(f"{entry!r} names no function; write FILE.py:FUNCTION")
    try:
        text = Path(found["path"]).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"{entry}: cannot read {found['path']}: {error.strerror}; a rule's file lies beside the"
            " recipe, or is named by its whole path"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{entry}: {found['path']} is no UTF-8 text") from error
    code = OwnCode(entry, text)
    load_own(code)
    return code


def load_own(code: OwnCode) -> Callable[..., Any]:
    """Returns the function, from a module made of the text; functions of one file share it.

    Raises:
      ConfigError: the text is no Python, fails when it is executed, or has no such function.
    """
    module = _module(code.path, code.text)
    found = getattr(module, code.function, None)
    if not callable(found):
        known = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        raise ConfigError(
            f"{code.path} has no function {code.function!r}; it has {', '.join(known) or 'none'}"
        )
    for called in (found, getattr(found, "__call__", None)):  # noqa: B004  (of objects, too)
        if inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called):
            raise ConfigError(
                f"{code.entry} is `async`: nobody awaits it; make it a plain function"
            )
    function: Callable[..., Any] = found
    return function


@lru_cache
def _module(path: str, text: str) -> ModuleType:
    digest = hashlib.sha256(f"{path}\0{text}".encode()).hexdigest()[:16]
    module = ModuleType(f"_massivetext_own_{digest}")
    module.__file__ = path
    sys.modules[module.__name__] = module  # where dataclasses look for their module
    try:
        exec(compile(text, path, "exec"), module.__dict__)
    except SyntaxError as error:
        del sys.modules[module.__name__]
        raise ConfigError(f"{path}, line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        raise ConfigError(
            f"{path}, {line_of(error, path)}: {describe(error)}; a rule's file must load alone,"
            " with nothing but installed packages"
        ) from error
    return module


def line_of(error: BaseException, path: str) -> str:
    """Returns the last line of a file that an error passed through, as "line 7"."""
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == path
    ]
    return f"line {lines[-1]}" if lines else "no line of its own"


def describe(error: BaseException) -> str:
    """Returns an error's type and message on one line of bounded length."""
    try:
        said = " ".join(str(error).split())
    except Exception:  # noqa: BLE001  (a user's own error may fail to say what it is)
        said = ""
    return f"{type(error).__name__}: {said}"[:200].removesuffix(": ")

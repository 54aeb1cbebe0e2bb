"""Calling a user's functions: what they return is checked, what they raise costs one document."""

import re
import time
from collections.abc import Iterable, Mapping
from typing import Final

from massivetext.document import Document
from massivetext.errors import ConfigError, RecordError
from massivetext.filters.own.code import OwnCode, describe, line_of, load_own
from massivetext.measures import Measures
from massivetext.readers.rows.rows import clean_text
from massivetext.reasons import Reason

_REASON = re.compile(r"[a-z][a-z0-9_]{0,47}")
MAX_REASONS: Final = 100  # of one rule in one part: each is a row of the report and a counter
TAKEN: Final = frozenset((*map(str, Reason), "broken", "errors", "kept", "records", "unreadable"))


class OwnFunction:
    """A loaded function, and what its calls have cost so far."""

    def __init__(self, code: OwnCode) -> None:
        """Loads the function.

        Raises:
          ConfigError: it cannot be loaded.
        """
        self._code = code
        self._function = load_own(code)
        self._reasons: set[str] = set()
        self.calls = self.nanoseconds = 0

    @property
    def name(self) -> str:
        """What messages and reports call it."""
        return self._code.name

    def uncounted(self) -> "OwnFunction":
        """Returns the same function with a count of its own."""
        return OwnFunction(self._code)

    def reason(self, document: Document, measures: Measures) -> str | None:
        """Returns the reason that a rule gives to drop a document, None if it gives none.

        Raises:
          RecordError: the rule raised; the message has the rule, the line and the document.
          ConfigError: what it returned is no reason, or is one of the filters' own.
        """
        found = self._call(document, document, measures)
        if found is None:
            return None
        if not isinstance(found, str) or not _REASON.fullmatch(found):
            raise ConfigError(
                f"{self.name} returned {_short(found)}, which is no reason; return None, or a word"
                " of a-z, 0-9 and _ such as 'too_many_braces', at most 48 long"
            )
        if found in TAKEN:
            raise ConfigError(
                f"{self.name} returned {found!r}, which has a meaning already; name the reason"
                f" otherwise, such as 'my_{found}'"
            )
        self._reasons.add(found)
        if len(self._reasons) > MAX_REASONS:
            raise ConfigError(
                f"{self.name} gave {len(self._reasons)} different reasons, the last {found!r}; a"
                f" reason names a rule, not a document: give at most {MAX_REASONS}"
            )
        return str(found)

    def text(self, document: Document) -> str:
        """Returns the text that a transform makes of a document's.

        Raises:
          RecordError: the transform raised, or the text has a lone surrogate.
          ConfigError: what it returned is no text.
        """
        found = self._call(document, document.text)
        if not isinstance(found, str):
            raise ConfigError(f"{self.name} returned {_short(found)}, which is no text; return one")
        try:
            found.encode()
        except UnicodeEncodeError as error:
            raise RecordError(
                f"{self.name} returned a lone surrogate (document {document.id})"
            ) from error
        return clean_text(found)

    def _call(self, document: Document, *arguments: object) -> object:
        began = time.perf_counter_ns()
        try:
            result: object = self._function(*arguments)
        except (Exception, SystemExit) as error:
            where = line_of(error, self._code.path)
            raise RecordError(
                f"{self.name}, {where}: {describe(error)} (document {document.id})"
            ) from error
        finally:
            self.calls += 1
            self.nanoseconds += time.perf_counter_ns() - began
        return result


Own = Mapping[str, OwnFunction]  # by their entries in the recipe


def load_all(codes: Iterable[OwnCode]) -> dict[str, OwnFunction]:
    """Returns the functions of a recipe by their entries.

    Raises:
      ConfigError: one cannot be loaded.
    """
    return {code.entry: OwnFunction(code) for code in codes}


def find_own(own: Own, entry: str) -> OwnFunction:
    """Returns the function of an entry.

    Raises:
      ConfigError: it was not loaded.
    """
    if entry not in own:
        raise ConfigError(f"{entry} was not loaded; give it to Models as massivetext.filters.own")
    return own[entry]


def _short(value: object) -> str:
    try:
        shown = repr(value)
    except Exception:  # noqa: BLE001  (of a user's own class)
        shown = f"a {type(value).__name__}"
    return shown if len(shown) <= 60 else f"{shown[:59]}…"

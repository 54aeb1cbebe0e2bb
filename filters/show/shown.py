"""One document of a build as ``massivetext show`` prints it: why it went, its text, its twin."""

import textwrap
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from massivetext.config.recipe import Recipe
from massivetext.decontaminate.held_out import read_test_set
from massivetext.document import Document, Signals
from massivetext.errors import ConfigError
from massivetext.filters.explain.explain import check_rules
from massivetext.filters.explain.explanation import Check, told_drops
from massivetext.filters.explain.terminal import WIDTH, clip
from massivetext.filters.judge import Verdict
from massivetext.filters.show.text import (
    beside,
    first_place,
    half_of,
    mark,
    mark_differences,
    wrapped,
)
from massivetext.finished.build import FinishedBuild, open_build
from massivetext.finished.dropped import KEPT, Place, read_place
from massivetext.measures import Measures
from massivetext.reasons import Reason
from massivetext.storage.files import list_files, open_file

# Every word is behind these counts: marking them all would show nothing.
_OF_ALL_WORDS: Final = (Reason.WORD_COUNT, Reason.MEAN_WORD_LENGTH)
_ABOUT: Final = (
    "id",
    "url",
    "title",
    "timestamp",
    "repository",
    "path",
    "file",
    "position",
    "source_id",
)
_CONTEXT: Final = 200  # characters before two texts part, or before evidence
_NOT_STORED: Final = "(no text is stored: see filters.keep_dropped_text)"


class Shown(NamedTuple):
    """A document, the checks that dropped it, and what it resembles."""

    place: Place
    row: dict[str, Any]
    checks: tuple[Check, ...] = ()
    other: dict[str, Any] | None = None  # the twin's row, or id and text of the held-out item

    def lines(self, characters: int) -> Iterator[str]:
        """Yields the lines for a terminal, with so many characters of each text."""
        place = self.place
        verdict = f"{clip(self.row['source'], 40)}  {_verdict(place)}"
        yield textwrap.fill(verdict, WIDTH, subsequent_indent=" " * 11)
        yield f"{'row':<11}{place.row} of documents/{place.file}"
        for name in _ABOUT:
            if self.row.get(name) not in (None, ""):  # a position may be 0
                yield f"{name:<11}{clip(str(self.row[name]), WIDTH - 11)}"
        for told in told_drops(self.checks):
            yield from told
        if place.match is not None:
            yield clip(_resemblance(place), WIDTH)
        yield ""
        yield from self._texts(characters)

    def _texts(self, characters: int) -> Iterator[str]:
        if self.other is not None:
            yield from _side_by_side(self.row, self.other, characters)
            return
        text, passages = self.row["text"] or "", self._passages()
        start = first_place(text, passages)
        start = max(0, start - _CONTEXT) if start > characters // 2 else 0
        if start:
            yield f"from character {start:,} on:"
        yield from _text(mark(text[start : start + characters], passages), WIDTH)
        yield from _rest(text, start + characters)

    def _passages(self) -> list[str]:
        told = (check for check in self.checks if check.reason not in _OF_ALL_WORDS)
        return [passage.text for check in told for passage in check.evidence]

    def as_json(self) -> dict[str, Any]:
        """Returns all of it as JSON values, texts whole."""
        values = {"stage": self.place.stage, "reasons": list(self.place.reasons)}
        row = {name: value for name, value in self.row.items() if name != "reasons"}
        checks = [check.as_json() for check in self.checks]
        return values | row | {"checks": checks, "match": self.place.match, "twin": self.other}


def show(build: FinishedBuild, recipe: Recipe, place: Place) -> Shown:
    """Returns a document of a build with all that can be said of it."""
    row = read_place(build, place.file, place.row)
    checks = tuple(_checks(row, recipe, place)) if place.stage == "documents" else ()
    other = None
    if place.match is not None:
        other = _held_out(recipe, place.match)
        if place.stage == "duplicates":
            other = _twin(build, place.match)
    return Shown(place, row, checks, other)


def _checks(row: dict[str, Any], recipe: Recipe, place: Place) -> Iterator[Check]:
    """Yields what dropped a document of stage 1, from the stored values."""
    rules, safety = recipe.filters.language, recipe.filters.safety
    for reason in place.reasons:
        if reason == Reason.LANGUAGE:
            found = f"most probable: {row['language'] or 'none'} {row['language_probability']:.3f}"
            wanted = f"{rules.language} at least {rules.min_probability}"
            yield Check(Reason.LANGUAGE, "DROP", found=f"{found}; asked: {wanted}")
        elif reason == Reason.DOMAIN:
            lists = ", ".join(safety.domain_lists)
            yield Check(Reason.DOMAIN, "DROP", found=f"{row['host']} is in {lists}")
        elif reason == Reason.RATING:
            yield Check(Reason.RATING, "DROP", found=row["rating"])
        elif reason == Reason.EXPLICIT:
            probability = row["explicit_probability"]
            yield Check(Reason.EXPLICIT, "DROP", probability, key="filters.safety.max_explicit")
        elif reason == Reason.OPT_OUT:
            said = [*(row["robots"] or []), *(row["content_usage"] or [])]
            said += ["tdm-reservation"] if row["tdm_reservation"] == "1" else []
            yield Check(Reason.OPT_OUT, "DROP", found=", ".join(said))
    if row["words"] is not None:
        measures = Measures(*(row[name] for name in Measures._fields))
        document = Document(row["id"], row["source"], row["text"] or "", signals=Signals())
        verdict = Verdict(document, "", (), measures=measures)
        checks = check_rules(verdict, measures, recipe.filters)
        yield from (c for c in checks if c.state == "DROP" and c.reason in place.reasons)


def _twin(build: FinishedBuild, match: dict[str, Any]) -> dict[str, Any] | None:
    if match["twin_row"] is None:
        return None  # of a host that is out as a whole
    if match.get("twin_build"):
        try:
            build = open_build(match["twin_build"], ())
        except (ConfigError, OSError):
            return None  # it lies elsewhere now
    return read_place(build, f"{match['twin_part']}.parquet", match["twin_row"])


def _held_out(recipe: Recipe, match: dict[str, Any]) -> dict[str, Any] | None:
    """Returns id and text of a held-out item, where its set's file is still to be found."""
    for held_out in recipe.overlap.sets:
        if held_out.name != match.get("set"):
            continue
        try:
            for info in list_files(recipe.resolve(held_out.path)):
                with open_file(info.path) as file:
                    for item in read_test_set(file, held_out.format):
                        if item.id == match["item"]:
                            return {"id": f"{held_out.name} {item.id}", "text": item.text}
        except (ConfigError, OSError):
            return None
    return None


def _verdict(place: Place) -> str:
    if place.stage == KEPT:
        return "kept"
    return f"dropped by {place.stage}: {', '.join(place.reasons)}"


def _resemblance(place: Place) -> str:
    match = place.match or {}
    if match.get("twin_id"):
        return f"twin       {match['twin_id']}, Jaccard {match['jaccard']:.3f}"
    if match.get("set"):
        shares = (f"{n} {match[n]:.3f}" for n in ("jaccard", "containment") if match[n] is not None)
        return "held out   " + ", ".join((f"{match['set']} {match['item']}", *shares))
    return "host       too many of its pages are rated as adult"


def _head(name: str, row: dict[str, Any], columns: int) -> str:
    return clip(f"{name}: {row.get('url') or row.get('id', '')}", columns)


def _text(text: str, columns: int) -> Iterator[str]:
    yield from wrapped(text or _NOT_STORED, columns)


def _side_by_side(row: dict[str, Any], twin: dict[str, Any], characters: int) -> Iterator[str]:
    """Yields two texts beside each other from shortly before they part, their own words marked."""
    one, two, half = row["text"] or "", twin["text"] or "", half_of(WIDTH)
    pairs = enumerate(zip(one, two, strict=False))
    equal = next((n for n, (a, b) in pairs if a != b), min(len(one), len(two)))
    start = max(0, equal - _CONTEXT) if equal > characters // 2 else 0
    if start and equal < max(len(one), len(two)):
        yield f"the first {equal:,} characters are equal; from character {start:,} on:"
    else:
        start = 0
    end = start + characters
    left = [_head("this", row, half)]
    left += _text(mark_differences(one[start:end], two[start:end]), half)
    right = [_head("twin", twin, half)]
    right += _text(mark_differences(two[start:end], one[start:end]), half)
    yield from beside(left + _rest(one, end), right + _rest(two, end), WIDTH)


def _rest(text: str, characters: int) -> list[str]:
    left = len(text) - characters
    return [f"… and {left:,} more characters"] if left > 0 else []

"""Accounts: what came in was kept, dropped by reason, or broken; for every stage and source.

The numbers come from the summaries of what was written, not from a runner's metrics, which count
retried work twice.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from massivetext.errors import StageError

_OF_FUNCTION = re.compile(r"\.py:\w+")  # in a message about a function of the user's


def account(summaries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Returns per source the sums of the summaries' numbers; tables of numbers are summed by key.

    >>> account([{"source": "web", "kept": 1, "dropped": {"empty": 1}},
    ...          {"source": "web", "kept": 2, "dropped": {"empty": 1}}])
    {'web': {'parts': 2, 'kept': 3, 'dropped': {'empty': 2}}}
    """
    totals: dict[str, dict[str, Any]] = {}
    for summary in summaries:
        total = totals.setdefault(summary["source"], {"parts": 0})
        total["parts"] += 1
        for name, value in summary.items():
            if name == "first_error":
                total.setdefault(name, value)
            elif name not in ("part", "made_from"):
                _add(total, name, value)
    return totals


def _add(total: dict[str, Any], name: str, value: object) -> None:
    if isinstance(value, Mapping):
        sums = Counter(total.get(name, {}))
        sums.update(value)
        total[name] = dict(sorted(sums.items()))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        total[name] = total.get(name, 0) + value


def check_records(stage: str, totals: Mapping[str, Mapping[str, Any]]) -> None:
    """Checks for each source that records = kept + dropped + errors.

    Raises:
      StageError: records were lost or counted twice.
    """
    for source, total in totals.items():
        out = total["kept"] + sum(total["dropped"].values()) + total.get("errors", 0)
        if total["records"] != out:
            raise StageError(
                f"{stage}: {source} read {total['records']:,} records but accounts for {out:,};"
                " this is a bug, please report it with the stage's files.parquet"
            )


def check_bad(totals: Mapping[str, Mapping[str, Any]], max_fraction: float) -> None:
    """Checks that no source has too large a share of records that cannot be read.

    Raises:
      StageError: one has; the message says where they are listed.
    """
    for source, total in totals.items():
        if total["errors"] > max_fraction * total["records"]:
            raise StageError(
                f"documents: {total['errors']:,} of {total['records']:,} records of {source} cannot"
                f" be read, over max_bad_fraction = {max_fraction:g}; the first is"
                f" {total.get('first_error', 'not known')}; see documents/errors-*.jsonl;"
                f" {_advice(source, total.get('first_error', ''))} or raise max_bad_fraction"
            )


def _advice(source: str, error: str) -> str:
    """Returns what helps against an error: other keys, another function, or another input."""
    if _OF_FUNCTION.search(error):  # first: it may have raised a KeyError of its own
        return "fix the function"
    if "no key '" in error or "no column " in error:
        return f"name its keys (sources.{source}.text_key, id_key, url_key)"
    return "fix the input"


def check_kept_keys(totals: Mapping[str, Mapping[str, Any]]) -> None:
    """Checks that each key that a recipe keeps was in some row of its source.

    Raises:
      StageError: one was in none.
    """
    for source, total in totals.items():
        for key, parts in total.get("keys_seen", {}).items():
            if not parts and total["kept"]:
                raise StageError(
                    f"documents: sources.{source}.keep: no row of {source} has the key {key!r};"
                    " name one that the rows have, or leave it out"
                )


def check_validation(
    totals: Mapping[str, Mapping[str, Any]], survivors: Mapping[str, Mapping[str, Any]]
) -> None:
    """Checks for each source that held-out documents = those encoded + those left out.

    Raises:
      StageError: documents were lost or counted twice.
    """
    for source, total in totals.items():
        out = total["validation_documents"] + sum(total["left_out"].values())
        held = survivors[source]["validation_documents"]
        if held != out:
            raise StageError(f"tokens: {source} holds out {held:,} documents, accounts for {out:,}")


def check_tokens(totals: Mapping[str, Mapping[str, Any]], length: int) -> None:
    """Checks for each source that tokens encoded = length x sequences + packing tails.

    Raises:
      StageError: tokens were lost or counted twice.
    """
    for source, total in totals.items():
        out = total["sequences"] * length + total["tail"]
        if total["tokens"] != out:
            raise StageError(f"tokens: {source} encoded {total['tokens']:,} but packed {out:,}")

"""``massivetext overlap --selftest``: what each rule finds and wrongly flags, as a table."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from massivetext.decontaminate.detect import RULES
from massivetext.decontaminate.held_out import SUITE, Item, read_test_set
from massivetext.decontaminate.selftest.measure import (
    Outcome,
    clean_pages,
    measure,
    measure_own,
)
from massivetext.decontaminate.tasks import TASKS
from massivetext.errors import ConfigError

_COMPRESSED = re.compile(r"\.(gz|zst|bz2)$")


def run_selftest(files: Sequence[str]) -> str:
    """Returns the tables for our own items and for the sets in `files`.

    Raises:
      ConfigError: a file is missing, or of a form that its name does not tell.
    """
    outcomes = [measure_own()]
    clean = list(clean_pages())
    outcomes += [measure(name, read_set(name), [], clean) for name in files]
    return "\n\n".join(map(format_outcome, outcomes)) + "\n"


def read_set(path: str) -> list[Item]:
    """Returns the items of a file, whose form its name tells.

    Raises:
      ConfigError: it is missing, or of another form.
    """
    try:
        with Path(path).open("rb") as file:
            return list(read_test_set(file, form_of(path)))
    except OSError as error:
        raise ConfigError(f"--set: {path}: {error.strerror}; give the path of a set") from error
    except ConfigError as error:
        raise ConfigError(f"--set: {path}: {error}") from error


def form_of(path: str) -> str:
    """Returns the form of a set's file.

    >>> form_of("suite/piqa.jsonl.gz"), form_of("own.jsonl"), form_of("wiki.test.raw")
    ('suite:piqa', 'jsonl', 'wikitext')
    """
    name = _COMPRESSED.sub("", Path(path).name)
    task = next((task for task in TASKS if name == f"{task.name}.jsonl"), None)
    if task is not None:
        return SUITE + task.format
    endings = {".tokens": "wikitext", ".raw": "wikitext", ".tar": "mmlu", ".tgz": "mmlu"}
    return next((form for ending, form in endings.items() if name.endswith(ending)), "jsonl")


def format_outcome(outcome: Outcome) -> str:
    """Returns the table of one set: per cent of the pages that each rule flags."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    facts = outcome.facts
    yield f"{outcome.name}: {facts.items:,} items"
    yield f"  {'recall, % of pages':26}" + "".join(f"{rule:>13}" for rule in RULES) + "    pages"
    for form, pages, found in outcome.recalls:
        if pages:
            shares = "".join(f"{100 * found[rule] / pages:13.1f}" for rule in RULES)
            yield f"  {form:26}{shares}{pages:9,}"
    flags = "".join(f"{outcome.false_flags[rule]:13,}" for rule in RULES)
    yield f"  {'false flags, pages':26}{flags}{outcome.clean:9,}"
    listed = ", ".join(" ".join(name.split()) for name in facts.not_findable[:5]) + (
        ", …" if len(facts.not_findable) > 5 else ""
    )
    lost = f"  not findable inside a page: {len(facts.not_findable):,}"
    yield lost + (f" ({listed})" if listed else "")

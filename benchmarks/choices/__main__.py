"""Prints the tables of docs/choices.md: other readings of the paper, and the verdicts they turn.

    python -m benchmarks.choices DIR [--words FILE]

DIR is the output of `massivetext build` with all dropped text kept.
"""

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.choices import quality, repetition
from benchmarks.choices.content import (
    compare_language,
    compare_safety,
    compare_sources,
    read_scores,
)
from benchmarks.choices.copies import compare_copies, compare_overlap, read_kept
from benchmarks.choices.texts import GROUPS, Row, compare, group, read_texts
from benchmarks.choices.tokens import compare_crops, compare_normalization
from massivetext.filters.language.detect import LanguageModel
from massivetext.paper import LANGUAGE_SOURCES


def print_table(title: str, heads: list[str], rows: Iterable[Row]) -> None:
    """Prints rows as a Markdown table, each as soon as it is there."""
    print(f"\n## {title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for row in rows:
        print(f"| {' | '.join(part for part in (*row[:2], *row.counts))} |", flush=True)


def print_rules(build: Path) -> None:
    """Prints the tables of the rules on single documents."""
    texts = list(read_texts(build))
    sizes = Counter(group(text.source) for text in texts)
    heads = ["of", "other reading", *(f"{name}, {sizes[name]:,}" for name in GROUPS)]
    print_table("Quality", heads, (compare(texts, reading) for reading in quality.READINGS))
    print_table("Repetition", heads, (compare(texts, reading) for reading in repetition.READINGS))
    print_table("Sources", [*heads[:2], "documents"], compare_sources(texts))


def print_content(build: Path, model: str, words: Path | None) -> None:
    """Prints the tables of the content filter."""
    scored = list(read_scores(build, LanguageModel(model)))
    web = sum(score.source == "web" for score in scored)
    filtered = sum(score.source in LANGUAGE_SOURCES for score in scored)
    heads = ["of", "other reading", f"web, {web:,}", f"all filtered, {filtered:,}"]
    print_table("Language", heads, compare_language(scored))
    listed = words.read_text(encoding="utf-8").split("\n") if words else []
    rows = compare_safety(build, list(filter(None, listed)))
    print_table("Explicit pages", ["of", "other reading", "web, documents kept"], rows)


def print_copies(build: Path) -> None:
    """Prints the tables of duplicates, test sets and sequences."""
    documents = read_kept(build)
    heads = ["of", "reading", "documents"]
    print_table("Duplicates", heads, compare_copies(documents))
    print_table("Test sets", heads, compare_overlap(build, documents))
    crops = ["source", "", "documents", "never cut", "no longer than a crop"]
    shares = ["share of a document in its crop", "the same, starts inside"]
    print_table("Crops", crops + shares, compare_crops(documents))
    heads = ["source", "", "documents", "NFKC changes", "collapsed white space changes"]
    print_table("Normalization", heads, compare_normalization(documents))


def main() -> None:
    """Prints all tables of the build named on the command line."""
    parser = argparse.ArgumentParser(description="Other readings of the paper, measured.")
    parser.add_argument("build", type=Path, metavar="DIR", help="output of massivetext build")
    parser.add_argument("--words", type=Path, metavar="FILE", help="word list, one a line")
    parser.add_argument("--language-model", default="models/lid.176.ftz", metavar="FILE")
    parser.add_argument("--tables", choices=("all", "rules", "content", "copies"), default="all")
    arguments = parser.parse_args()
    if arguments.tables in ("all", "rules"):
        print_rules(arguments.build)
    if arguments.tables in ("all", "content"):
        print_content(arguments.build, arguments.language_model, arguments.words)
    if arguments.tables in ("all", "copies"):
        print_copies(arguments.build)


if __name__ == "__main__":
    main()

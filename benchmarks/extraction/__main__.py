"""Main text of pages: ours beside other extractors, on six public sets.

python -m benchmarks.extraction DATA [--tune MODEL --test MODEL] [--cache DIR] [--worst N]

DATA holds NAME-dev.warc.gz and NAME-dev.gold.jsonl.gz. --tune and --test name models that were
trained on that half alone (`benchmarks.extraction.train --half`); with both, a row more judges
each page by the model that has not seen it. Speed is in MB of decoded HTML a CPU second; with
--cache the other tools' texts and seconds may be those of an earlier run.
"""

import argparse
from pathlib import Path

from benchmarks.extraction.pages import GoldPage, read_pages
from benchmarks.extraction.peers import Extractor, installed_peers
from benchmarks.extraction.runs import Run, cached_run, run
from benchmarks.extraction.tables import (
    print_halves,
    print_intervals,
    print_markup,
    print_table,
    print_worst,
)
from massivetext.errors import RecordError
from massivetext.readers.html.extract import text_of
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.salience.select import Model, read_model, shipped_model

OURS = "massivetext"
CROSSED = "massivetext, unseen"


def main() -> None:
    """Prints all tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--tune", type=Path, help="model trained on the half `tune`")
    parser.add_argument("--test", type=Path, help="model trained on the half `test`")
    parser.add_argument("--cache", type=Path, help="folder of the other tools' texts")
    parser.add_argument("--worst", type=int, default=0, help="pages to list of each set and type")
    chosen = parser.parse_args()
    pages = read_pages(chosen.data)
    ours, peers = _ours(shipped_model()), installed_peers()
    runs = {OURS: run(ours, pages)}
    if chosen.tune and chosen.test:
        runs[CROSSED] = _crossed(pages, chosen.tune, chosen.test)
    for name, extract in peers.items():
        runs[name] = cached_run(name, extract, pages, chosen.cache)
    print_table(runs, pages)
    print_halves(runs, pages)
    print_intervals(runs, pages, CROSSED if CROSSED in runs else OURS)
    print_worst(runs[OURS], pages, chosen.worst)
    print_markup({OURS: ours, **peers})


def _ours(model: Model) -> Extractor:
    def extract(html: str, url: str) -> str:
        try:
            return text_of(parse_html(html), html, model)
        except RecordError:
            return ""

    return extract


def _crossed(pages: list[GoldPage], tune: Path, test: Path) -> Run:
    """Returns our texts, each page judged by the model of the half that it is not in."""
    by_half = {"test": _ours(read_model(tune)), "tune": _ours(read_model(test))}
    parts = {half: run(extract, pages) for half, extract in by_half.items()}
    texts = [parts[page.half].texts[number] for number, page in enumerate(pages)]
    return Run(texts, parts["tune"].seconds)


if __name__ == "__main__":
    main()

"""Tables of the extraction benchmark."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.extraction.markup import is_kept, markup_pages
from benchmarks.extraction.pages import SEGMENT_SET, TEXT_SETS, TYPED_SET, GoldPage
from benchmarks.extraction.peers import RESILIPARSE, RS_TRAFILATURA, TRAFILATURA, Extractor
from benchmarks.extraction.runs import Run
from benchmarks.extraction.scores import (
    Scores,
    bootstrap,
    mean_scores,
    segment_shares,
    word_scores,
)

HALVES = ("tune", "test")


def print_table(runs: Mapping[str, Run], pages: Sequence[GoldPage]) -> None:
    """Prints F1, precision and recall by set and type, segments, and speed."""
    size = sum(len(page.html.encode("utf-8", "replace")) for page in pages) / 1e6
    for name, run in runs.items():
        failed = f", failed on {run.failed} pages" if run.failed else ""
        print(f"\n{name}: {size / run.seconds:.1f} MB a CPU second{failed}")
        for group, values in grouped(run, pages).items():
            f1, precision, recall = mean_scores(values)
            print(
                f"  {group:22}{len(values):6} pages  F1 {f1:.3f}  P {precision:.3f}  R {recall:.3f}"
            )
        found, absent = segments(run, pages)
        print(
            f"  {SEGMENT_SET:22} segments {(found + absent) / 2:.3f}:"
            f" with {found:.3f}, without {absent:.3f}"
        )


def print_halves(runs: Mapping[str, Run], pages: Sequence[GoldPage]) -> None:
    """Prints the main figures of each half by the URL's hash."""
    print(f"\n{'':24}" + "".join(f"{half:>8} F1 sets, wcxb, segments" for half in HALVES))
    for name, run in runs.items():
        cells = []
        for half in HALVES:
            numbers = [number for number, page in enumerate(pages) if page.half == half]
            part = Run([run.texts[number] for number in numbers], run.seconds)
            own = [pages[number] for number in numbers]
            groups = grouped(part, own)
            found, absent = segments(part, own)
            cells += [older(groups), mean_scores(groups[TYPED_SET]).f1, (found + absent) / 2]
        print(f"{name:24}" + "".join(f"{cell:11.3f}" for cell in cells))


def print_intervals(runs: Mapping[str, Run], pages: Sequence[GoldPage], ours: str) -> None:
    """Prints our F1 less another's, by type: mean and 95 % interval over pages (bootstrap)."""
    for other in (TRAFILATURA, RESILIPARSE, RS_TRAFILATURA):
        if other in runs:
            print(f"\n{ours} less {other}")
            mine, theirs = grouped(runs[ours], pages), grouped(runs[other], pages)
            for group, values in mine.items():
                pairs = zip(values, theirs[group], strict=True)
                mean, low, high = bootstrap([own.f1 - its.f1 for own, its in pairs])
                print(f"  {group:22}{mean:+.3f} [{low:+.3f}, {high:+.3f}]")


def print_worst(run: Run, pages: Sequence[GoldPage], count: int) -> None:
    """Prints the pages of lowest F1 of each set and type."""
    rows: dict[str, list[tuple[float, float, float, str]]] = {}
    for text, page in zip(run.texts, pages, strict=True):
        if page.set != SEGMENT_SET:
            scores = word_scores(text, page.text)
            rows.setdefault(page.kind or page.set, []).append((*scores, page.url))
    for group, values in rows.items():
        for f1, precision, recall, url in sorted(values)[:count]:
            print(f"{group:15} {f1:.3f} P {precision:.3f} R {recall:.3f} {url}")


def print_markup(extractors: Mapping[str, Extractor]) -> None:
    """Prints how many listings, tables and formulas of our 60 pages each tool keeps whole."""
    pages = markup_pages()
    print("\nwhole blocks of our own pages")
    for name, extract in extractors.items():
        kept = Counter(page.kind for page in pages if is_kept(page, extract(page.html, "")))
        total = Counter(page.kind for page in pages)
        cells = (f"{kind} {kept[kind]} of {count}" for kind, count in total.items())
        print(f"  {name:22}{', '.join(cells)}")


def grouped(run: Run, pages: Sequence[GoldPage]) -> dict[str, list[Scores]]:
    """Returns the scores of pages by set; of the typed set all together and by type."""
    groups: dict[str, list[Scores]] = {}
    for text, page in zip(run.texts, pages, strict=True):
        if page.set != SEGMENT_SET:
            scores = word_scores(text, page.text)
            groups.setdefault(page.set, []).append(scores)
            if page.set == TYPED_SET:
                groups.setdefault(f"{TYPED_SET} {page.kind}", []).append(scores)
    return groups


def older(groups: Mapping[str, Sequence[Scores]]) -> float:
    """Returns the mean F1 of the four text sets."""
    return sum(mean_scores(groups[name]).f1 for name in TEXT_SETS) / len(TEXT_SETS)


def segments(run: Run, pages: Sequence[GoldPage]) -> tuple[float, float]:
    """Returns the shares of the segment set: wanted found, unwanted absent."""
    numbers = [number for number, page in enumerate(pages) if page.set == SEGMENT_SET]
    texts = [run.texts[number] for number in numbers]
    return segment_shares(texts, [pages[number] for number in numbers])

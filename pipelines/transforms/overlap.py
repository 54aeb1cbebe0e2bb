"""`FindOverlap`: which documents of a collection are, or hold, held-out items."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection

from massivetext.decontaminate.in_memory import item_table, match_of, overlap_bounds
from massivetext.document import Document
from massivetext.paper import MAX_JACCARD


class Overlapping(NamedTuple):
    """A document to drop, and the held-out item that it is too much like."""

    id: str
    item: int  # its place among the items
    jaccard: float
    containment: float


class FindOverlap(beam.PTransform[PCollection[Document], PCollection[Overlapping]]):
    """Documents to those that are too much like a held-out item (Rae et al. 2021, A.1.1).

    Exact, by 13-grams: nothing is estimated. Every worker holds the items' 13-grams.

        documents | FindOverlap(item["text"] for item in test_set)
    """

    def __init__(
        self,
        items: Iterable[str],
        max_jaccard: float = MAX_JACCARD,
        max_containment: float | None = None,
    ) -> None:
        """Takes the held-out texts and the bounds above which a document is dropped.

        Args:
          items: passages of test sets.
          max_jaccard: of the document's and the item's 13-grams.
          max_containment: of the item in the document; None: not asked.
        """
        super().__init__()
        self._find = _Find(list(items), max_jaccard, max_containment)

    def expand(self, documents: PCollection[Document]) -> PCollection[Overlapping]:
        """Returns the documents to drop, by id."""
        look_up = beam.ParDo(self._find).with_output_types(Overlapping)
        found: PCollection[Overlapping] = documents | "Look up" >> look_up
        return found


class _Find(beam.DoFn):
    def __init__(self, items: list[str], jaccard: float, containment: float | None) -> None:
        self._items = items
        self._bounds = overlap_bounds(jaccard, containment)
        self._counter = Metrics.counter("FindOverlap", "overlapping")

    def setup(self) -> None:
        self._table = item_table(self._items)

    def process(self, document: Document) -> Iterator[Overlapping]:
        match = match_of(document.text, self._table, self._bounds)
        if match is not None:
            self._counter.inc()
            yield Overlapping(document.id, match.item, match.jaccard, match.containment)

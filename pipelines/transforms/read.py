"""`ReadDocuments` and `ExtractText`: from files, or from pages at hand, to documents."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PBegin, PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from massivetext.config.recipe import Filters, Format, Recipe, SourceFiles
from massivetext.corpus.parts import Part
from massivetext.document import Broken, Document, Dropped, Record
from massivetext.errors import RecordError
from massivetext.limits import MAX_HTML_BYTES
from massivetext.pipelines.folder.inputs import input_files, plan
from massivetext.pipelines.stages.documents.sources import SourceWork
from massivetext.pipelines.stages.documents.write import read_part
from massivetext.pipelines.transforms.documents import checked
from massivetext.readers.html.extract import text_of
from massivetext.readers.html.guard import parse_html
from massivetext.readers.html.signals import read_signals

_Broken = TaggedOutput[Literal["broken"], Broken]


class ReadDocuments(beam.PTransform[PBegin, PCollection[Record]]):
    """Files of one source to `Record`s: documents, what holds none, and what cannot be read.

    Ids are those of `massivetext build` on the same files.

        pipeline | ReadDocuments("web", "crawl/*.warc.gz")
    """

    def __init__(self, source: str, *patterns: str, format: Format = "auto") -> None:
        """Lists the files and plans their parts.

        Args:
          source: web, books, c4, news, github or wikipedia; it decides how they are read.
          patterns: paths or globs, local or of an object store.
          format: by default told by each file's name.

        Raises:
          ConfigError: a pattern matches nothing, or a file's name tells no format.
        """
        super().__init__()
        recipe = Recipe(sources={source: SourceFiles(patterns, format)})
        self._parts = plan(recipe, input_files(recipe))

    def expand(self, begin: PBegin) -> PCollection[Record]:
        """Returns the records."""
        parts = begin | "Parts" >> beam.Create(self._parts) | "Spread" >> beam.Reshuffle()
        read = beam.ParDo(_Read()).with_output_types(Record)
        records: PCollection[Record] = parts | "Read" >> read
        return records


class _Read(beam.DoFn):
    def __init__(self) -> None:
        self._counters = {
            kind: Metrics.counter("ReadDocuments", kind.__name__.lower())
            for kind in (Document, Dropped, Broken)
        }
        self._bytes = Metrics.distribution("ReadDocuments", "text_characters")

    def process(self, part: Part) -> Iterator[Record]:
        for record in read_part(part, SourceWork(part.source, part.source, Filters())):
            self._counters[type(record)].inc()
            if isinstance(record, Document):
                self._bytes.update(len(record.text))
            yield record


class Extracted(NamedTuple):
    """What `ExtractText` gives."""

    documents: PCollection[Document]
    broken: PCollection[Broken]  # pages over a bound of `massivetext.limits`


class ExtractText(beam.PTransform[PCollection[Document], Extracted]):
    """Documents whose text is HTML to documents of its main text, with title and signals.

    A page without text stays, with none: the filters drop it as empty.

        documents, broken = pages | ExtractText()
    """

    @no_annotations  # type: ignore[untyped-decorator]  # Beam has no hint for named outputs
    def expand(self, pages: PCollection[Document]) -> Extracted:
        """Returns the documents, and the pages that cannot be read."""
        found = pages | "Extract" >> beam.ParDo(_Extract()).with_output_types(
            Document, broken=Broken
        ).with_outputs("broken", main="documents")
        return Extracted(found.documents, found.broken)


class _Extract(beam.DoFn):
    def __init__(self) -> None:
        self._pages = Metrics.counter("ExtractText", "documents")
        self._broken = Metrics.counter("ExtractText", "broken")

    def process(self, page: Document) -> Iterator[Document | _Broken]:
        found = extract_page(page)
        if isinstance(found, Document):
            self._pages.inc()
            yield found
        else:
            self._broken.inc()
            yield _Broken("broken", found)


def extract_page(page: Document) -> Document | Broken:
    """Returns the document of a page, whose text is its HTML."""
    record = checked(page)
    if isinstance(record, Broken):
        return record
    if len(page.text) > MAX_HTML_BYTES:
        return _broken(page, f"page of more than {MAX_HTML_BYTES:,} characters")
    try:
        tree = parse_html(page.text)
        found = read_signals(tree, {})
        text = text_of(tree, page.text)
    except RecordError as error:
        return _broken(page, str(error))
    said = found.opt_outs._asdict()
    signals = page.signals._replace(rating=found.rating, language=found.language, **said)
    return page._replace(text=text, title=page.title or found.title, signals=signals)


def _broken(page: Document, message: str) -> Broken:
    return Broken(f"document {page.id!r}", 0, message)

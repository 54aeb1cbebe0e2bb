"""`FilterDocuments`: the paper's filters on a collection of documents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.typehints.decorators import no_annotations

from massivetext.config.filter_rules import sources_of
from massivetext.config.recipe import Filters, ModelFile, Recipe
from massivetext.document import Broken, Record
from massivetext.filters.judge import Models, Verdict
from massivetext.filters.own.call import load_all
from massivetext.filters.own.code import OwnCode, own_codes
from massivetext.filters.safety.explicit import DomainList
from massivetext.pipelines.folder.models import ModelPaths, load_models, model_paths
from massivetext.pipelines.stages.documents.write import judged
from massivetext.pipelines.transforms.documents import checked
from massivetext.reasons import Reason

_PAPER = Filters()
_Dropped = TaggedOutput[Literal["dropped"], Verdict]
_Broken = TaggedOutput[Literal["broken"], Broken]


class Filtered(NamedTuple):
    """What `FilterDocuments` gives; a verdict holds its document."""

    kept: PCollection[Verdict]
    dropped: PCollection[Verdict]  # with all reasons; the first is the one counted
    broken: PCollection[Broken]  # no documents that can be judged


class FilterDocuments(beam.PTransform[PCollection[Record], Filtered]):
    """Documents, or other `Record`s, to verdicts: language, safety, quality, repetition.

    A document's source says which rules hold for it (Rae et al. 2021, A.1.1). Counters: kept,
    broken, and one for each reason.

        kept, dropped, broken = records | FilterDocuments()
    """

    def __init__(self, filters: Filters = _PAPER, language_model: str | Path = "") -> None:
        """Checks that the models are there.

        Args:
          filters: a recipe's, by default the paper's.
          language_model: a fastText model, local or on an object store that workers can read; by
            default the one that ``massivetext models`` fetches, which then must be on workers too.

        Raises:
          ConfigError: a rule needs a model or list that is not there. No rule is skipped.
        """
        super().__init__()
        self._filters = filters
        recipe = Recipe({}, ModelFile(str(language_model)), filters=filters)
        self._paths = model_paths(recipe) if _needs_models(filters) else None
        self._own = own_codes(recipe)

    @no_annotations  # type: ignore[untyped-decorator]  # Beam has no hint for named outputs
    def expand(self, records: PCollection[Record]) -> Filtered:
        """Returns the kept and the dropped documents' verdicts, and what cannot be judged."""
        judged = records | "Judge" >> beam.ParDo(
            _Judge(self._filters, self._paths, self._own)
        ).with_output_types(Verdict, dropped=Verdict, broken=Broken).with_outputs(
            "dropped", "broken", main="kept"
        )
        return Filtered(judged.kept, judged.dropped, judged.broken)


def _needs_models(filters: Filters) -> bool:
    return bool(filters.language.sources or filters.safety.domain_lists)


class _Judge(beam.DoFn):
    def __init__(
        self, filters: Filters, paths: ModelPaths | None, own: tuple[OwnCode, ...]
    ) -> None:
        self._filters, self._paths, self._own = filters, paths, own
        self._kept = Metrics.counter("FilterDocuments", "kept")
        self._broken = Metrics.counter("FilterDocuments", "broken")
        self._dropped = {str(reason): Metrics.counter("dropped", reason) for reason in Reason}

    def setup(self) -> None:
        if self._paths is not None:
            self._models = load_models(self._paths)
        else:
            self._models = Models(None, DomainList(), load_all(self._own))

    def process(self, record: Record) -> Iterator[Verdict | _Dropped | _Broken]:
        found = judge_record(record, self._filters, self._models)
        if isinstance(found, Broken):
            self._broken.inc()
            yield _Broken("broken", found)
        elif found.reasons:
            self._count_dropped(found.reasons[0])
            yield _Dropped("dropped", found)
        else:
            self._kept.inc()
            yield found

    def _count_dropped(self, reason: str) -> None:
        if reason not in self._dropped:  # of a rule of the user's own
            self._dropped[reason] = Metrics.counter("dropped", reason)
        self._dropped[reason].inc()


def judge_record(record: Record, filters: Filters, models: Models) -> Verdict | Broken:
    """Returns the verdict on a record; `Broken` stays what it is."""
    return judged(checked(record, sources_of(filters)), filters, models)

"""A flow as a pipeline of Beam's: each step becomes the transform of its name."""

from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton, TaggedOutput
from apache_beam.transforms import combiners

from massivetext.pipelines.flow import flow


class OnBeam:
    """A flow that adds to a pipeline of Beam's."""

    def __init__(self, pipeline: beam.Pipeline) -> None:
        self._pipeline = pipeline

    def __or__(self, step: flow.Create) -> "ElementsOnBeam":
        """Returns the elements that a step creates."""
        transform = _typed(beam.Create(list(step.values)), step)
        return ElementsOnBeam(self, self._pipeline | step.label >> transform)

    def together(self, collections: Iterable[Any], label: str) -> "ElementsOnBeam":
        """Returns the elements of several collections."""
        found = tuple(collection.pcollection for collection in collections)
        return ElementsOnBeam(self, found | label >> beam.Flatten(pipeline=self._pipeline))

    def join(self, collections: dict[str, Any], label: str) -> "ElementsOnBeam":
        """Returns, for each key, the values of each collection by name."""
        found = {name: collection.pcollection for name, collection in collections.items()}
        return ElementsOnBeam(self, found | label >> beam.CoGroupByKey())


class ElementsOnBeam:
    """A PCollection."""

    def __init__(self, owner: OnBeam, pcollection: Any) -> None:
        self.owner, self.pcollection = owner, pcollection

    def __or__(self, step: flow.Step) -> "ElementsOnBeam":
        """Returns what a step makes of the elements."""
        transform = _typed(_MADE[type(step)](step), step)
        return ElementsOnBeam(self.owner, self.pcollection | step.label >> transform)

    def outputs(self, step: flow.Do) -> "dict[str, ElementsOnBeam]":
        """Returns the outputs of work that has several, by tag."""
        others = dict.fromkeys(step.others, step.types)
        transform = _do(step).with_output_types(step.types, **others)
        found = self.pcollection | step.label >> transform.with_outputs(
            *step.others, main=step.main
        )
        tags = (step.main, *step.others)
        return {tag: ElementsOnBeam(self.owner, found[tag]) for tag in tags}


class _Worker(beam.DoFn):
    """Work of ours as Beam calls it."""

    def __init__(self, work: flow.Work) -> None:
        self._work = work

    def setup(self) -> None:
        flow.ready(self._work)

    def process(self, element: Any, *one: Any) -> Iterable[Any]:
        for value in self._work.process(element, *one) or ():
            is_tagged = isinstance(value, flow.Tagged)
            yield TaggedOutput(value.tag, value.value) if is_tagged else value


def _do(step: flow.Do) -> Any:
    one: Any = step.one
    return beam.ParDo(_Worker(step.work), *([] if one is None else [AsSingleton(one.pcollection)]))


class _Folding(beam.CombineFn):
    """A folding of ours as Beam calls it."""

    def __init__(self, work: flow.Folding) -> None:
        self._work = work

    def create_accumulator(self) -> Any:
        return self._work.create_accumulator()

    def add_input(self, mutable_accumulator: Any, element: Any) -> Any:
        return self._work.add_input(mutable_accumulator, element)

    def merge_accumulators(self, accumulators: Iterable[Any]) -> Any:
        return self._work.merge_accumulators(accumulators)

    def extract_output(self, accumulator: Any) -> Any:
        return self._work.extract_output(accumulator)


def _typed(transform: Any, step: flow.Step) -> Any:
    return transform if step.types is None else transform.with_output_types(step.types)


_MADE: dict[type, Callable[[Any], Any]] = {
    flow.Each: lambda step: beam.Map(step.function, *step.arguments),
    flow.EachYields: lambda step: beam.FlatMap(step.function, *step.arguments),
    flow.Do: _do,
    flow.Fold: lambda step: beam.CombineGlobally(_Folding(step.work)),
    flow.Group: lambda _: beam.GroupByKey(),
    flow.Spread: lambda _: beam.Reshuffle(),
    flow.Sum: lambda _: beam.CombinePerKey(sum),
    flow.List: lambda _: combiners.ToList(),
}

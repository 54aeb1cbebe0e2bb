"""Running a flow in this process: a step is called when it is added, on all elements in memory."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from massivetext.pipelines.flow import flow


class Here:
    """A flow of this process."""

    def __or__(self, step: flow.Create) -> "ElementsHere":
        """Returns the elements that a step creates."""
        return ElementsHere(self, step.values)

    def together(self, collections: Iterable[Any], label: str) -> "ElementsHere":
        """Returns the elements of several collections."""
        return ElementsHere(self, [element for found in collections for element in found.elements])

    def join(self, collections: dict[str, Any], label: str) -> "ElementsHere":
        """Returns, for each key, the values of each collection by name."""
        found: dict[Any, dict[str, list[Any]]] = {}
        for name, collection in collections.items():
            for key, value in collection.elements:
                found.setdefault(key, {n: [] for n in collections})[name].append(value)
        return ElementsHere(self, list(found.items()))


class ElementsHere:
    """A collection in memory, or one whose elements come when they are asked for, once."""

    def __init__(self, owner: Here, elements: Iterable[Any]) -> None:
        self.owner, self.elements = owner, elements

    def __or__(self, step: flow.Step) -> "ElementsHere":
        """Returns what a step makes of the elements."""
        return ElementsHere(self.owner, _RUN[type(step)](step, self.elements))

    def outputs(self, step: flow.Do) -> "dict[str, ElementsHere]":
        """Returns the outputs of work that has several, by tag."""
        found: dict[str, list[Any]] = {tag: [] for tag in (step.main, *step.others)}
        for value in _done(step, self.elements):
            if isinstance(value, flow.Tagged):
                found[value.tag].append(value.value)
            else:
                found[step.main].append(value)
        return {tag: ElementsHere(self.owner, values) for tag, values in found.items()}


def _done(step: Any, elements: Iterable[Any]) -> Iterator[Any]:
    flow.ready(step.work)
    one = () if step.one is None else tuple(step.one.elements)
    for element in elements:
        yield from step.work.process(element, *one) or ()


def _each(step: Any, elements: Iterable[Any]) -> list[Any]:
    return [step.function(element, *step.arguments) for element in elements]


def _yielded(step: Any, elements: Iterable[Any]) -> list[Any]:
    return [item for element in elements for item in step.function(element, *step.arguments) or ()]


def _grouped(_: Any, elements: Iterable[Any]) -> list[Any]:
    groups: dict[Any, list[Any]] = {}
    for key, value in elements:
        groups.setdefault(key, []).append(value)
    return list(groups.items())


def _summed(step: Any, elements: Iterable[Any]) -> list[Any]:
    return [(key, sum(values)) for key, values in _grouped(step, elements)]


def _folded(step: Any, elements: Iterable[Any]) -> list[Any]:
    found = step.work.create_accumulator()
    for element in elements:
        found = step.work.add_input(found, element)
    return [step.work.extract_output(found)]


_RUN: dict[type, Callable[[Any, Iterable[Any]], Iterable[Any]]] = {
    flow.Each: _each,
    flow.EachYields: _yielded,
    flow.Do: lambda step, elements: list(_done(step, elements)),
    flow.Group: _grouped,
    flow.Spread: lambda _, elements: elements,
    flow.Sum: _summed,
    flow.Fold: _folded,
    flow.List: lambda _, elements: [list(elements)],
}

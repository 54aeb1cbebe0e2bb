"""Running a flow in this process: a step is called when it is added, on all elements.

They are held in memory or, where they are blocks of a shuffle and many, in files (`held.py`).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from massivetext.pipelines.flow import flow
from massivetext.pipelines.flow.held import HELD_BYTES, Held, joined


class Here:
    """A flow of this process."""

    def __init__(
        self,
        folder: str | None = None,
        limit: int = HELD_BYTES,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Starts empty.

        Args:
          folder: for files of blocks.
          limit: how many bytes of each collection are in memory.
          tell: takes the name of each step that begins.
        """
        self.limits = folder, limit
        self.tell = tell or (lambda step: None)

    def __or__(self, step: flow.Create) -> "ElementsHere":
        """Returns the elements that a step creates."""
        return ElementsHere(self, step.values)

    def together(self, collections: Iterable[Any], label: str) -> "ElementsHere":
        """Returns the elements of several collections."""
        return ElementsHere(self, _Together([found.elements for found in collections]))

    def join(self, collections: dict[str, Any], label: str) -> "ElementsHere":
        """Returns, for each key, the blocks of each collection by name."""
        found = {name: self.held(collection.elements) for name, collection in collections.items()}
        return ElementsHere(self, _Again(lambda: joined(found)))

    def held(self, elements: Iterable[Any]) -> Held:
        """Returns a collection of the elements, which need not come again."""
        return elements if isinstance(elements, Held) else Held(elements, *self.limits)


class ElementsHere:
    """A collection that can be read again, or one whose elements come when asked for, once."""

    def __init__(self, owner: Here, elements: Iterable[Any]) -> None:
        self.owner, self.elements = owner, elements

    def __or__(self, step: flow.Step) -> "ElementsHere":
        """Returns what a step makes of the elements."""
        self.owner.tell(step.label)
        return ElementsHere(self.owner, _RUN[type(step)](step, self))

    def outputs(self, step: flow.Do) -> "dict[str, ElementsHere]":
        """Returns the outputs of work that has several, by tag."""
        self.owner.tell(step.label)
        found = {tag: Held((), *self.owner.limits) for tag in (step.main, *step.others)}
        for value in _done(step, self.elements):
            if isinstance(value, flow.Tagged):
                found[value.tag].add(value.value)
            else:
                found[step.main].add(value)
        return {tag: ElementsHere(self.owner, values) for tag, values in found.items()}


class _Again:
    """Elements that a function yields anew each time."""

    def __init__(self, function: Callable[[], Iterator[Any]]) -> None:
        self._function = function

    def __iter__(self) -> Iterator[Any]:
        return self._function()


class _Together:
    """The elements of several collections, one after another."""

    def __init__(self, collections: list[Iterable[Any]]) -> None:
        self._collections = collections

    def __iter__(self) -> Iterator[Any]:
        for elements in self._collections:
            yield from elements


def _done(step: Any, elements: Iterable[Any]) -> Iterator[Any]:
    flow.ready(step.work)
    one = () if step.one is None else tuple(step.one.elements)
    for element in elements:
        yield from step.work.process(element, *one) or ()


def _each(step: Any, given: ElementsHere) -> Held:
    called = (step.function(element, *step.arguments) for element in given.elements)
    return Held(called, *given.owner.limits)


def _yielded(step: Any, given: ElementsHere) -> Held:
    called = (step.function(element, *step.arguments) or () for element in given.elements)
    return Held((item for items in called for item in items), *given.owner.limits)


def _grouped(_: Any, given: ElementsHere) -> Iterable[Any]:
    return _Again(given.owner.held(given.elements).groups)


def _summed(_: Any, given: ElementsHere) -> list[Any]:
    sums: dict[Any, Any] = {}
    for key, value in given.elements:
        sums[key] = sums.get(key, 0) + value
    return list(sums.items())


def _folded(step: Any, given: ElementsHere) -> list[Any]:
    found = step.work.create_accumulator()
    for element in given.elements:
        found = step.work.add_input(found, element)
    return [step.work.extract_output(found)]


_RUN: dict[type, Callable[[Any, ElementsHere], Iterable[Any]]] = {
    flow.Each: _each,
    flow.EachYields: _yielded,
    flow.Do: lambda step, given: Held(_done(step, given.elements), *given.owner.limits),
    flow.Group: _grouped,
    flow.Spread: lambda _, given: given.elements,
    flow.Sum: _summed,
    flow.Fold: _folded,
    flow.List: lambda _, given: [list(given.elements)],
}

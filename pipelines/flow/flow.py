"""What a stage's pipeline is made of: the few steps that our stages use, with Beam's names.

A stage adds its steps to a `Flow`. On a runner each becomes Beam's transform of the same name
(`on_beam.py`). On this machine a runner has nothing to add: it would turn the pipeline into a
protocol buffer, take that apart into stages of its own and pass every element through an encoding
and back. So there the steps are called as they are added (`here.py`), and Beam is not even
imported. A stage means the same on both: groups have no order, and elements are never changed.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, Self

METRICS = "apache_beam.metrics.metric"  # loaded where somebody asks for counters


class Tagged(NamedTuple):
    """An element of another output than the main one."""

    tag: str
    value: Any


@dataclass(frozen=True)
class Step:
    """A step of a pipeline; ``"name" >> step`` names it.

    Attributes:
      label: its name, unique in a pipeline.
      types: what it yields, where Beam cannot see it in a function's annotations.
    """

    label: str = ""
    types: Any = None

    def __rrshift__(self, label: str) -> Self:
        """Returns the step with a name."""
        return replace(self, label=label)

    def yielding(self, types: Any) -> Self:
        """Returns the step with the type of what it yields."""
        return replace(self, types=types)


@dataclass(frozen=True)
class Create(Step):
    """Elements that are known when the pipeline is built."""

    values: Iterable[Any] = ()


@dataclass(frozen=True)
class Each(Step):
    """A function of every element, called with more arguments; what it returns is one element."""

    function: Callable[..., Any] = id
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class EachYields(Each):
    """The same, but of what it returns every item is an element."""


class Work(Protocol):
    """Work on every element by an object; a worker calls its `setup` once before, if it has one."""

    def process(self, element: Any, *one: Any) -> Iterable[Any] | None:
        """Returns what it makes of an element; `Tagged` ones go to other outputs."""


def ready(work: Work) -> None:
    """Readies work: has it load its models and tables."""
    if hasattr(work, "setup"):
        work.setup()


@dataclass(frozen=True)
class Do(Step):
    """Work on every element; `others` are the tags of its outputs beside the main one."""

    work: Any = None
    others: tuple[str, ...] = ()
    main: str = ""
    one: "Elements | None" = None

    def given(self, one: "Elements") -> Self:
        """Returns the step with a collection of one element, which `process` is given beside."""
        return replace(self, one=one)


@dataclass(frozen=True)
class Group(Step):
    """Pairs to (key, values of that key)."""


@dataclass(frozen=True)
class Spread(Step):
    """The same elements, dealt to all workers anew."""


@dataclass(frozen=True)
class Sum(Step):
    """Pairs of a key and a number to (key, sum)."""


class Folding(Protocol):
    """How any number of elements become one."""

    def create_accumulator(self) -> Any:
        """Returns what stands for none."""

    def add_input(self, mutable_accumulator: Any, element: Any) -> Any:
        """Returns an accumulator with one more."""

    def merge_accumulators(self, accumulators: Iterable[Any]) -> Any:
        """Returns one of several."""

    def extract_output(self, accumulator: Any) -> Any:
        """Returns the one element."""


@dataclass(frozen=True)
class Fold(Step):
    """All elements folded to one."""

    work: Any = None


@dataclass(frozen=True)
class List(Step):
    """One element: a list of all."""


class Elements(Protocol):
    """A collection, here or on a runner."""

    @property
    def owner(self) -> "Flow":
        """Returns the flow that it is of."""

    def __or__(self, step: Step) -> "Elements":
        """Returns what a step makes of it; for one with several outputs, their tuple."""

    def outputs(self, step: Do) -> "Mapping[str, Elements]":
        """Returns the outputs of work that has several, by tag."""


class Flow(Protocol):
    """A pipeline, here or on a runner."""

    def __or__(self, step: Create) -> Elements:
        """Returns the elements that a step creates."""

    def together(self, collections: Iterable[Elements], label: str) -> Elements:
        """Returns one collection of the elements of several, perhaps of none."""

    def join(self, collections: dict[str, Elements], label: str) -> Elements:
        """Returns, for each key of pairs, (key, the values of each collection by name)."""


def create(values: Iterable[Any]) -> Create:
    """Returns a step that begins a flow with elements."""
    return Create(values=tuple(values))


def mapped(function: Callable[..., Any], *arguments: Any) -> Each:
    """Returns a step that makes one element of each."""
    return Each(function=function, arguments=arguments)


def flat_mapped(function: Callable[..., Any], *arguments: Any) -> EachYields:
    """Returns a step that makes any number of elements of each."""
    return EachYields(function=function, arguments=arguments)


def do(work: Work, types: Any = None) -> Do:
    """Returns a step that gives each element to work."""
    return Do(work=work, types=types)


def do_with_outputs(work: Work, types: Any, main: str, *others: str) -> Do:
    """Returns the same for work of several outputs, all of one type, for `Elements.outputs`."""
    return Do(work=work, types=types, main=main, others=others)


def fold(work: Folding) -> Fold:
    """Returns a step that makes one element of all."""
    return Fold(work=work)


class Counter(NamedTuple):
    """A counter of Beam's; without Beam nobody asks for it."""

    namespace: str
    name: str

    def inc(self, number: int = 1) -> None:
        """Adds a number."""
        if metrics := sys.modules.get(METRICS):
            metrics.Metrics.counter(self.namespace, self.name).inc(number)


class Distribution(NamedTuple):
    """A distribution of Beam's."""

    namespace: str
    name: str

    def update(self, number: int) -> None:
        """Adds a value."""
        if metrics := sys.modules.get(METRICS):
            metrics.Metrics.distribution(self.namespace, self.name).update(number)

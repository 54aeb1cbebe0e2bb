"""The submitted graphs: what can cross a shuffle, what steps are called, what workers are sent."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_runner_api_pb2 as api

from tests.pipelines.dataflow.conftest import Build

# Without kernels and beside other work, a whole build through the services takes four minutes.
pytestmark = [pytest.mark.xdist_group("sample"), pytest.mark.timeout(900)]

GROUP = common_urns.primitives.GROUP_BY_KEY.urn
PARDO = common_urns.primitives.PAR_DO.urn
IMPULSE = common_urns.primitives.IMPULSE.urn
BLOCKS = "kv[varint,bytes]"  # a partition, part or shard, and packed records
JOINED = "kv[varint,kv[string_utf8,bytes]]"  # a part; the name of a join's side and its block
FIELD = (  # the words that steps may be called by
    "parts part spread write documents every hosts with count pages of bad contents read exact"
    " copies host drops blocks so far band keys repeated entries candidates links choose shingles"
    " near all search settle settled questions answer answers drop lists matches overlap samples"
    " train vocabulary tokens shares shards shard deal by shuffle join bytes shuffled sum list"
    " flags wants validation web books c4 news github wikipedia"
)


class Grouping(NamedTuple):
    """A GroupByKey of a graph: its label and the coder of what goes in."""

    label: str
    coder: str
    transform: api.PTransform


def coder_of(graph: api.Pipeline, number: str) -> str:
    """Returns a coder in one line, such as ``kv[varint,bytes]``."""
    coder = graph.components.coders[number]
    urn = coder.spec.urn
    name = urn.split(":")[-2] if urn.startswith("beam:coder:") else urn
    parts = ",".join(coder_of(graph, part) for part in coder.component_coder_ids)
    return f"{name}[{parts}]" if parts else name


def groupings(graph: api.Pipeline) -> Iterator[Grouping]:
    for transform in graph.components.transforms.values():
        if transform.spec.urn == GROUP:
            (number,) = transform.inputs.values()
            coder = coder_of(graph, graph.components.pcollections[number].coder_id)
            yield Grouping(transform.unique_name, coder, transform)


def sources(graph: api.Pipeline, transform: api.PTransform) -> set[str]:
    """Returns the labels of the steps that a step's input passed through."""
    steps = [t for t in graph.components.transforms.values() if not t.subtransforms]
    makers = {number: step for step in steps for number in step.outputs.values()}
    found: dict[str, api.PTransform] = {}
    waiting = [transform]
    while waiting:
        for number in waiting.pop().inputs.values():
            step = makers[number]
            if step.unique_name not in found:
                found[step.unique_name] = step
                waiting.append(step)
    return {name.split("/")[0] for name in found}


def labels(graph: api.Pipeline) -> list[str]:
    """Returns the labels of the steps that we wrote, without what Beam puts inside them."""
    root = graph.components.transforms[graph.root_transform_ids[0]]
    inner = root.subtransforms
    return [graph.components.transforms[number].unique_name for number in inner]


def test_only_plans_and_packed_blocks_cross_a_shuffle(built: Build) -> None:
    for name, graph in built.graphs:
        for label, coder, transform in groupings(graph):
            if "Reshuffle" in label:
                # A plan of parts or shares: it comes from the driver, through no step of ours.
                own = label.split("/")[0]
                assert sources(graph, transform) <= planned(own), f"{name}: {label}"
            elif label.startswith("shingles: shuffle"):
                assert coder == "kv[bytes,bytes]", f"{name}: {label}"
            elif "list bytes" in label or "sum of bytes" in label:
                assert "kv[string_utf8," in coder  # a shuffle's name and its size
            else:
                assert coder in (BLOCKS, JOINED), f"{name}: {label}: {coder}"


def planned(label: str) -> set[str]:
    """Returns the steps that may come before a reshuffle of a plan."""
    plain = label.replace("spread ", "")
    return {label, plain}


def test_the_stages_shuffle_what_the_design_says(built: Build) -> None:
    own = {
        name.split("-")[1]: sorted(
            label.split("/")[0] for label, _, _ in groupings(graph) if "Reshuffle" not in label
        )
        for name, graph in built.graphs
    }
    assert own["documents"] == own["overlap"] == own["vocabulary"] == own["tokens"] == []
    joins = ("band keys", "contents", "drop lists", "entries", "questions", "shingles")
    shuffles = ("band keys", "contents", "drops", "entries", "hosts", "links", "shingles")
    expected = [f"{name}: join" for name in joins] + [f"{name}: shuffle" for name in shuffles]
    assert own["duplicates"] == sorted([*expected, "list bytes", "sum of bytes"])
    assert own["sequences"] == ["by shard"]


def test_no_text_is_in_any_block(built: Build) -> None:
    names = {name for name, _ in built.shuffled}
    assert {"contents", "band keys", "entries", "links", "shingles", "drops", "hosts"} <= names
    for name, block in built.shuffled:
        for words in (b" the ", b" and ", b" that "):
            assert words not in block, name


def test_every_step_is_labelled_in_the_fields_words(built: Build) -> None:
    known = set(FIELD.split())
    for name, graph in built.graphs:
        for label in labels(graph):
            words = label.replace(":", "").replace("_", " ").lower().split()
            assert set(words) <= known, f"{name}: {label}"


def test_no_side_input_grows_with_the_corpus(built: Build) -> None:
    for name, graph in built.graphs:
        for transform in graph.components.transforms.values():
            if transform.spec.urn == PARDO:
                payload = api.ParDoPayload.FromString(transform.spec.payload)
                # Beam's own way to give an empty list for an empty input: sizes, one a shuffle.
                allowed = transform.unique_name.startswith("list bytes/")
                assert not payload.side_inputs or allowed, f"{name}: {transform.unique_name}"


def test_both_jobs_of_the_vocabulary_were_taken(built: Build) -> None:
    stages = [name.split("-")[1] for name, _ in built.graphs]
    assert stages.count("vocabulary") == 2
    assert [s for s in stages if s != "vocabulary"][:3] == ["documents", "duplicates", "overlap"]

"""What other tools wrongly drop, after public reports, in texts of our own: here it stays.

A drop is right if a document of smaller rank has more than 0.8 of its 13-grams, by sets of words.
Each family is what joins documents elsewhere: shared frames, headers, schemas, chains.
"""

import json
import random
from itertools import combinations

import pytest

from massivetext.decontaminate.selftest.prose import Writer
from massivetext.dedup.in_memory import dedup
from massivetext.dedup.signature import shingle_words
from massivetext.document import Document

HEADER = Writer(10).prose(220)
FRAME = Writer(11).prose(60)


def dialogues(writer, count=60):
    """One system prompt and the same turns of phrase, each about something else."""
    for _ in range(count):
        turns = [f"User: {writer.sentence()}\nAssistant: Of course! {writer.sentence()}"] * 1
        turns += [
            f"User: Could you say more about that, please?\nAssistant: {writer.prose(40)}"
            for _ in range(3)
        ]
        yield "\n".join([f"System: {FRAME}", *turns, "User: Thank you, that is all for today."])


def function_calls(writer, count=60):
    """Records of one schema: the same tools, other arguments and results."""
    tools = [
        {
            "name": f"get_{name}",
            "description": f"Returns the {name} of a place at a time, in the unit given.",
            "parameters": {"type": "object", "required": ["place", "time", "unit"]},
        }
        for name in ("weather", "tides", "traffic", "prices", "events")
    ]
    for _ in range(count):
        called = {"name": "get_weather", "arguments": {"place": writer.name(), "time": "now"}}
        talk = [{"user": writer.sentence()}, {"call": called}, {"assistant": writer.prose(60)}]
        yield json.dumps({"tools": tools, "messages": talk})


def licensed(writer, count=60):
    """Source files below one long header; the code is each file's own."""
    for number in range(count):
        names = [writer.thing().split()[-1] for _ in range(60)]
        lines = [
            f"{a}_{number} = {b} + {writer.rng.randint(0, 999)}  # {c}"
            for a, b, c in zip(names[::3], names[1::3], names[2::3], strict=True)
        ]
        yield "\n".join([f"# {line}" for line in HEADER.split("\n")] + lines)


def books(writer, count=20):
    """Unrelated books between the same words of one publisher, before and after."""
    for _ in range(count):
        yield "\n\n".join([HEADER, writer.prose(1_500), HEADER[::-1], FRAME])


def similar(writer, count=60):
    """Pages of one site, of which boilerplate is about four fifths: some above, some below 0.8."""
    words = writer.prose(400).split()[:400]
    for _ in range(count):
        size = writer.rng.randint(10, 90)
        own = [f"own{writer.rng.randrange(10**9)}" for _ in range(size)]
        yield " ".join([*words, *own])


def chain(writer, count=40):
    """Each page is the one before with a little of it changed: neighbors alike, ends not."""
    words = writer.prose(300).split()
    for _ in range(count):
        place = writer.rng.randrange(len(words) - 12)
        words[place : place + 6] = writer.sentence().split()[:6]
        yield " ".join(words)


def grams(text):
    words = shingle_words(text)
    return {tuple(words[i : i + 13]) for i in range(max(1, len(words) - 12))}


def measured(texts, seed):
    """Drops as id -> drop, and the 13-grams of each document, by id."""
    documents = [Document(f"{n:032x}", "web", text) for n, text in enumerate(texts)]
    random.Random(seed).shuffle(documents)
    found = {drop["id"]: drop for drop in dedup(documents, seed)}
    return found, {document.id: grams(document.text) for document in documents}


def jaccard(a, b):
    return len(a & b) / len(a | b)


UNRELATED = (dialogues, function_calls, licensed, books)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", UNRELATED)
def test_what_shares_a_frame_alone_stays(family, seed):
    found, sets = measured(family(Writer(seed)), seed)
    alike = [jaccard(a, b) for a, b in combinations(sets.values(), 2)]
    assert 0.1 < max(alike) <= 0.8  # the frame is shared, and by the rule no two are copies
    assert found == {}


def test_all_families_together_stay():
    texts = [text for n, family in enumerate(UNRELATED) for text in family(Writer(n + 50))]
    assert measured(texts, 3)[0] == {}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", [similar, chain])
def test_every_drop_has_a_twin_above_the_bound(family, seed):
    """No closure over chains: what is dropped is a copy of the document named, by sets of words."""
    found, sets = measured(family(Writer(seed)), seed)
    assert found
    for identity, drop in found.items():
        assert drop["jaccard"] == jaccard(sets[identity], sets[drop["twin"]]) > 0.8
    kept = [sets[identity] for identity in sets if identity not in found]
    assert len(kept) > 1  # a connected cluster would leave one
    alike = [jaccard(a, b) for a, b in combinations(sets.values(), 2)]
    assert min(alike) < 0.8 < max(alike)

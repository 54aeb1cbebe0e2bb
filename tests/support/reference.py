"""A slow, independent reference of stages 5 and 6: documents, drop lists and recipe in, shards out.

It shares no code with the pipeline: no Beam, no kernels, no fast encoder. Everything follows from
the rules as docs/decisions.md states them.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import sentencepiece
import xxhash

from massivetext.sample.planted.jaccard import shingles_of
from tests.support.commands import stems

SOURCES = ["web", "books", "c4", "news", "github", "wikipedia"]
BOS, EOS = 1, 2
WHOLE = 1 << 64

Sequence = tuple[int, list[int]]  # index of the source, tokens


class Rules(NamedTuple):
    seed: int
    length: int
    crop_bytes: int
    group: int
    shards: int
    validation: Fraction
    max_overlap: Fraction
    mixture: dict[str, Fraction]
    sequences: int


def choice(seed: int, purpose: str, *parts: object) -> int:
    words = [str(seed), purpose, *[str(part) for part in parts]]
    return xxhash.xxh3_64_intdigest("\0".join(words).encode("utf-8"))


def rules_of(output: Path) -> Rules:
    recipe = json.loads((output / "manifest.json").read_text())["recipe"]
    chosen = recipe["sequences"]
    return Rules(
        recipe["seed"],
        chosen["length"],
        chosen["crop_bytes"],
        chosen["crops_per_group"],
        chosen["shards"],
        Fraction(str(chosen["validation_fraction"])),
        Fraction(str(chosen["validation_max_overlap"])),
        {source: Fraction(str(w)) for source, w in recipe["mixture"].items() if w > 0},
        chosen["tokens"] // chosen["length"],
    )


def surviving(output: Path, stem: str) -> list[dict[str, Any]]:
    """The documents of a part that are on no drop list."""
    gone: set[int] = set()
    for stage in ("duplicates", "overlap"):
        table = pq.read_table(output / stage / f"{stem}.parquet", columns=["row"])
        gone |= set(table.column("row").to_pylist())
    columns = ["id", "source", "text", "repository"]
    rows = pq.read_table(output / "documents" / f"{stem}.parquet", columns=columns).to_pylist()
    return [row for number, row in enumerate(rows) if number not in gone]


def is_validation(row: dict[str, Any], rules: Rules) -> bool:
    unit = row["repository"] or row["id"]
    return choice(rules.seed, "validation", unit) < rules.validation * WHOLE


def crop(data: bytes, draw: int, size: int) -> tuple[int, int]:
    """First and last byte: uniform start from a quarter crop before the text, whole characters."""
    start = draw * len(data) // WHOLE - size // 4
    end = min(len(data), start + size)
    start = max(0, start)
    while start < len(data) and 0x80 <= data[start] < 0xC0:
        start += 1
    while start < end < len(data) and 0x80 <= data[end] < 0xC0:
        end -= 1
    return start, max(start, end)


def crops(
    rows: list[dict[str, Any]], passes: Fraction, rules: Rules, encode: Any
) -> list[list[int]]:
    """The encoded crops of a part, in the order in which they are packed."""
    found: list[tuple[int, str, int, list[int]]] = []
    for row in rows:
        index = 0
        while index < passes:
            if choice(rules.seed, "take", row["id"], index) < (passes - index) * WHOLE:
                data = row["text"].encode("utf-8")
                draw = choice(rules.seed, "crop", row["id"], index)
                start, end = crop(data, draw, rules.crop_bytes)
                tokens = list(encode(data[start:end].decode("utf-8")))
                tokens = [BOS] * (start == 0) + tokens + [EOS] * (end == len(data))
                order = choice(rules.seed, "order", row["id"], index)
                found.append((order, row["id"], index, tokens))
            index += 1
    return [tokens for *_, tokens in sorted(found)]


def left_out(output: Path, rules: Rules) -> set[str]:
    """The held-out documents of which train has the text, or too many 13-grams."""
    stems = sorted(path.stem for path in (output / "tokens").glob("part-*.json"))
    rows = [row for stem in stems for row in surviving(output, stem)]
    held = {row["id"]: shingles_of(row["text"]) for row in rows if is_validation(row, rules)}
    texts = {row["text"] for row in rows if is_validation(row, rules)}
    wanted = frozenset[str]().union(*held.values())
    seen, copied = set[str](), set[str]()
    for row in rows:
        if not is_validation(row, rules):
            seen |= wanted & shingles_of(row["text"])
            copied |= texts & {row["text"]}
    return {
        row["id"]
        for row in rows
        if (grams := held.get(row["id"])) is not None
        and (row["text"] in copied or len(grams & seen) > rules.max_overlap * len(grams))
    }


def windows(packed: list[list[int]], rules: Rules, group: int | None = None) -> list[list[int]]:
    """Sequences of length + 1 tokens; each begins with the last token of the one before it."""
    found, group = [], group or rules.group
    for first in range(0, len(packed), group):
        tokens = [token for crop in packed[first : first + group] for token in crop]
        start = 0
        while start + rules.length < len(tokens):
            found.append(tokens[start : start + rules.length + 1])
            start += rules.length
    return found


def largest_remainder(total: int, weights: list[Fraction]) -> list[int]:
    whole = sum(weights)
    exact = [weight * total / whole if whole else Fraction(0) for weight in weights]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def deal(
    parts: list[tuple[int, int, list[list[int]], int]], shards: int, seed: int
) -> list[list[Sequence]]:
    """Shards of the (part, source, sequences, quota) given: smallest hashes, dealt like cards."""
    dealt: list[list[tuple[int, int, int, Sequence]]] = [[] for _ in range(shards)]
    turn = 0
    for part, source, sequences, quota in parts:
        keyed = sorted((choice(seed, "sequence", part, i), i) for i in range(len(sequences)))
        for key, i in keyed[:quota]:
            dealt[turn % shards].append((key, part, i, (source, sequences[i])))
            turn += 1
    return [[sequence for *_, sequence in sorted(shard)] for shard in dealt]


def reference(output: Path) -> dict[str, list[list[Sequence]]]:
    """The sequences of every split, by shard, of a finished build."""
    rules = rules_of(output)
    model = str(output / "vocabulary" / "vocabulary.model")
    encode = sentencepiece.SentencePieceProcessor(model_file=model).encode
    train: dict[str, list[tuple[int, list[list[int]]]]] = {}
    held: dict[str, list[tuple[int, list[list[int]]]]] = {}
    out = left_out(output, rules)
    for part, stem in enumerate(stems(output)):
        path = output / "tokens" / f"{stem}.json"
        if not path.exists():  # its source is not in the mixture
            continue
        summary = json.loads(path.read_text())
        source = summary["source"]
        rows = [row for row in surviving(output, stem) if row["id"] not in out]
        sides = [[r for r in rows if is_validation(r, rules) == side] for side in (False, True)]
        packed = crops(sides[0], Fraction(summary["passes"]), rules, encode)
        train.setdefault(source, []).append((part, windows(packed, rules)))
        held.setdefault(source, []).append((part, crops(sides[1], Fraction(1), rules, encode)))
    return _splits(train, held, rules)


def _splits(train: Any, held: Any, rules: Rules) -> dict[str, list[list[Sequence]]]:
    sources = [source for source in SOURCES if source in rules.mixture]
    ordered = list(rules.mixture)
    quotas = largest_remainder(rules.sequences, [rules.mixture[source] for source in ordered])
    quota_of = dict(zip(ordered, quotas, strict=True))
    entries = []
    for source in sources:
        counts = [Fraction(len(sequences)) for _, sequences in train[source]]
        shares = largest_remainder(quota_of[source], counts)
        for (part, sequences), share in zip(train[source], shares, strict=True):
            entries.append((part, SOURCES.index(source), sequences, share))
    splits = {"train": deal(entries, rules.shards, rules.seed)}
    for source in sources:
        packed = [crop for _, found in held[source] for crop in found]
        sequences = windows(packed, rules, len(packed) or 1)
        entry = (held[source][0][0], SOURCES.index(source), sequences, len(sequences))
        shards = max(1, -(-len(sequences) // 4_096))
        splits[f"validation_{source}"] = deal([entry], shards, rules.seed)
    return splits

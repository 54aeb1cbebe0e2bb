"""Takes documents out of builds, and reads what is left of them."""

import json
from functools import cache, partial
from pathlib import Path

import pyarrow.parquet as pq

from massivetext.dedup.signature import shingle_words
from massivetext.mixture.quotas import is_validation
from massivetext.pipelines.audit.documents import stored_documents
from massivetext.pipelines.audit.finished_build import open_build
from massivetext.pipelines.audit.places import places_of, shard_names
from massivetext.pipelines.audit.trace import derive_places
from massivetext.pipelines.stages.vocabulary_file import load_encoder
from tests.support.commands import run
from tests.support.outputs import documents, kept, records

LENGTH = 64


def url(number: int) -> str:
    return f"https://{'a.' * (number % 3)}site{number % 7}.org/{number}"


def write_rows(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def trained(output: Path) -> list[dict]:
    return [row for row in kept(output) if not is_validation(0, row["id"], 0.2)]


def grams(text: str) -> set[tuple[str, ...]]:
    words = shingle_words(text)
    return {tuple(words[i : i + 13]) for i in range(len(words) - 12)}


def take_out(output: Path, by: str, *names: str, tmp: str = "list.txt"):
    (output.parent / tmp).write_text("\n".join(names) + "\n")
    return run("take-out", output, f"--{by}", output.parent / tmp)


def chosen(output: Path, by: str) -> tuple[list[str], list[dict]]:
    """Names of a few documents, and the documents that they name."""
    every = kept(output)
    if by == "ids":
        some = every[::9]
        return [row["id"] for row in some], some
    if by == "urls":
        some = every[::11]
        return [row["url"] for row in some], some
    return ["SITE3.org"], [row for row in documents(output) if "site3.org" in row["host"]]


def tables(found: dict[str, bytes]) -> dict[str, bytes]:
    """The files that hold documents, lists, tokens and sequences."""
    return {
        name: data
        for name, data in found.items()
        if name.endswith((".parquet", ".tokens", ".npy", ".model")) or ".tfrecord" in name
        if not name.endswith("files.parquet")
    }


def read_drops(path: Path) -> list[dict]:
    ids = pq.read_table(path.parent.parent / "documents" / path.name)["id"]
    return [row | {"id": ids[row["row"]].as_py()} for row in pq.read_table(path).to_pylist()]


def places_by_shard(output: Path):
    build = open_build(str(output))
    return {name: places_of(build, name) for name in shard_names(build)}


def holding(output: Path, name: str):
    """Each shard and record with tokens of a document, by deriving every sequence."""
    build = open_build(str(output))
    encoder, documents = load_encoder(build.output), partial(stored_documents, build)
    for shard, places in places_by_shard(output).items():
        for key in {(place.parts, place.validation) for place in places}:
            some = [place for place in places if (place.parts, place.validation) == key]
            found = derive_places(build, some, documents, encoder)
            for place in some:
                number, derived = places.index(place), found[place]
                assert derived.tokens.tobytes() == records_of(output, shard)[number]
                if name in {span.document.id for span in derived.spans}:
                    yield shard, number


@cache
def records_of(output: Path, shard: str) -> list[bytes]:
    return records(output)[shard]

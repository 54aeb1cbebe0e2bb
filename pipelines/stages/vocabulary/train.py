"""Stage 4, vocabulary: a bounded sample of the train split, in the mixture's shares, by hash.

Every part writes the crops that it gives to the sample; one worker reads them all in the order of
their hashes and trains, so the model is the same however the work was spread.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from massivetext.config.recipe import Vocabulary
from massivetext.corpus.parts import Part
from massivetext.hashing import hash64
from massivetext.pipelines.engine.run_parts import summary_of
from massivetext.pipelines.flow import flow
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import Written, open_part_file
from massivetext.pipelines.stages.survivors import dropped_rows, in_validation, read_wanted, sampled
from massivetext.pipelines.stages.vocabulary_file import MODEL, TRAINED
from massivetext.shards.parquet_files import open_parquet, write_parquet
from massivetext.storage.files import read_bytes
from massivetext.tokenizer.crop import crop
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.vocabulary import train_vocabulary

MARGIN = 1.25  # more is sampled than is wanted, then the smallest hashes are taken
SPARE = 32  # documents of each source, in addition
MEASURED_BYTES = 2_000_000  # of each source's sample, for its tokens per byte


class VocabularyWork(NamedTuple):
    """What workers need to sample and train."""

    stage: Stage
    output: str
    seed: int
    validation_fraction: float
    crop_bytes: int
    shares: dict[str, float]  # of each source's documents that are sampled
    targets: dict[str, int]  # bytes of each source's crops that are trained on
    settings: Vocabulary
    made_from: str = ""  # a digest of all samples and targets, for the training


def sample_share(target: int, crop_bytes: int, documents: int) -> float:
    """Returns the share of a source's documents to sample so that its crops reach `target` bytes.

    Documents are drawn by hash, so a share that is right on average may give none of few.

    Args:
      target: bytes wanted.
      crop_bytes: of all the source's documents.
      documents: of the source.

    >>> sample_share(100, 1_000, 320), sample_share(9, 5, 320), sample_share(9, 0, 0)
    (0.225, 1.0, 0.0)
    """
    if not crop_bytes:
        return 0.0
    return min(1.0, MARGIN * target / crop_bytes + SPARE / documents)


def add_samples(parts: flow.Elements, work: VocabularyWork) -> None:
    """Adds the sampling to the pipeline of a collection of parts."""
    _ = parts | "write samples" >> flow.mapped(write_sample, work)


def add_training(pipeline: flow.Flow, parts: list[Part], work: VocabularyWork) -> None:
    """Adds the training on all parts' samples to a pipeline."""
    stems = [(part.source, part.stem) for part in parts]
    _ = (
        pipeline
        | "samples" >> flow.create([stems])
        | "train vocabulary" >> flow.mapped(train, work)
    )


def write_sample(part: Part, work: VocabularyWork) -> None:
    """Writes the sample of one part and its summary."""
    rows = list(_sample(part, work))
    schema = pa.schema([("draw", pa.uint64()), ("id", pa.string()), ("text", pa.string())])
    written = Written()
    with written.new_file(work.stage.path(f"sample-{part.stem}.parquet")) as file:
        write_parquet(pa.Table.from_pylist(rows, schema=schema), file)
    summary = summary_of(work.stage, part)
    summary |= {"documents": len(rows), "text_bytes": sum(len(r["text"].encode()) for r in rows)}
    written.write_summary(work.stage.path(f"{part.stem}.json"), summary)


def _sample(part: Part, work: VocabularyWork) -> Iterator[dict[str, Any]]:
    share = work.shares.get(part.source, 0.0)

    def wanted(row: dict[str, Any]) -> bool:
        return sampled(row, work.seed, "vocabulary", share) and not in_validation(
            row, work.seed, work.validation_fraction
        )

    dropped = dropped_rows(work.output, part.stem)
    for row in read_wanted(work.output, part.stem, ["id", "repository"], wanted, dropped):
        data = row["text"].encode()
        draw = hash64(work.seed, "vocabulary crop", row["id"])
        piece = crop(data, draw, work.crop_bytes)
        text = data[piece.start : piece.end].decode()
        yield {"draw": hash64(work.seed, "vocabulary", row["id"]), "id": row["id"], "text": text}


def train(stems: list[tuple[str, str]], work: VocabularyWork) -> None:
    """Trains the vocabulary on the samples of all parts and measures tokens per byte.

    Where the recipe gives a model, the driver has put it there already.
    """
    samples = {source: _read(source, stems, work) for source in work.targets}
    if work.settings.path:
        model = read_bytes(work.stage.path(MODEL))
    else:
        model = train_vocabulary((t for texts in samples.values() for t in texts), work.settings)
    written = Written()
    with written.new_file(work.stage.path(MODEL)) as file:
        file.write(model)
    encoder = Encoder(model)
    facts = {
        "sha256": hashlib.sha256(model).hexdigest(),
        "size": encoder.size,
        "sample_bytes": {s: sum(len(t.encode()) for t in x) for s, x in samples.items()},
        "tokens_per_byte": {s: tokens_per_byte(x, encoder) for s, x in samples.items()},
    }
    begun = {"key": work.stage.key, "made_from": work.made_from}
    written.write_summary(work.stage.path(TRAINED), begun | facts)


def _read(source: str, stems: list[tuple[str, str]], work: VocabularyWork) -> list[str]:
    rows: list[tuple[int, str, str]] = []
    for _, stem in (pair for pair in stems if pair[0] == source):
        with open_part_file(work.stage.path(f"sample-{stem}.parquet")) as file:
            table = open_parquet(file).read(use_threads=False)
        rows += zip(*(table[name].to_pylist() for name in ("draw", "id", "text")), strict=True)
    rows.sort()
    return list(_first_bytes((text for _, _, text in rows), work.targets[source]))


def _first_bytes(texts: Iterator[str], limit: int) -> Iterator[str]:
    total = 0
    for text in texts:
        if total >= limit:
            return
        total += len(text.encode())
        yield text


def tokens_per_byte(texts: list[str], encoder: Encoder) -> float:
    """Returns tokens per byte of UTF-8, over the first two megabytes of the texts; 0 for none."""
    size = tokens = 0
    for text in _first_bytes(iter(texts), MEASURED_BYTES):
        size += len(text.encode())
        tokens += len(encoder.encode(text))
    return tokens / size if size else 0.0

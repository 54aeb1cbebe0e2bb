"""One stage on JSON lines in this process, for `benchmarks.path` to run with and without kernels.

python -m benchmarks.stages documents|records FOLDER prints processor seconds and a digest.
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np

from massivetext.cli.models import NAME
from massivetext.config.recipe import Filters
from massivetext.corpus.parts import Part, Slice
from massivetext.filters.judge import Models
from massivetext.filters.language.detect import LanguageModel
from massivetext.pipelines.folder.models import DomainList, ModelPaths
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.stages.documents.write import DocumentsWork, write_documents
from massivetext.pipelines.stages.leakage_work import LeakageWork, Table
from massivetext.pipelines.stages.sequences.stream import TokenStream
from massivetext.pipelines.stages.sequences.write import (
    SequencesWork,
    Share,
    Split,
    deal_share,
    in_turn,
    write_shard,
)
from massivetext.pipelines.stages.tokens.left_out import Leakage
from massivetext.pipelines.stages.tokens.write import TokensWork, write_tokens
from massivetext.tokenizer.encode import Encoder
from massivetext.tokenizer.sequences import TokenPlan

MODEL = Path(__file__).parents[1] / "models" / NAME
KEY = "benchmark"
SOURCE = "web"  # every filter holds for it


def documents(folder: Path) -> None:
    """Reads, judges and signs the rows of ``input``; writes ``documents``."""
    stage = Stage("documents", str(folder / "documents"), KEY)
    work = DocumentsWork(stage, Filters(), ModelPaths(str(MODEL), "", ()), 0)
    models = Models(LanguageModel(str(MODEL)), DomainList())
    for number, path in enumerate(sorted((folder / "input").glob("*.json"))):
        piece = Slice(path.name, str(path), 0, None)
        size, stem = path.stat().st_size, f"part-{number:05d}"
        part = Part(number, SOURCE, "jsonl", (piece,), size, stem)
        write_documents(part, work, models)


def records(folder: Path) -> None:
    """Encodes and packs ``documents``; writes one shard of TFRecords to ``sequences``."""
    encoder = Encoder((folder / "vocabulary.model").read_bytes())
    plan = TokenPlan(0)
    tokens = Stage("tokens", str(folder / "tokens"), KEY)
    held_out = LeakageWork(tokens, str(folder), 0, 0.0, None)
    nothing = Leakage(Table(np.zeros(0, np.uint64)), np.zeros(0, bool))
    work = TokensWork(tokens, str(folder), held_out, {SOURCE: plan})
    shares, width = [], plan.length + 1
    for number, path in enumerate(sorted((folder / "documents").glob("part-*.parquet"))):
        part = Part(number, SOURCE, "jsonl", (), 0, path.stem)
        made = write_tokens(part, work, encoder, nothing)["sequences"]
        written = TokenStream((tokens.path(f"{path.stem}.tokens"),), (made * width,), width)
        shares.append(Share(number, 0, written, made, made))
    split = Split("train", 1, in_turn(shares))
    sequences = Stage("sequences", str(folder / "sequences"), KEY)
    dealing = SequencesWork(sequences, 0, plan.length, "benchmark")
    blocks = [b for s in split.shares for _, b in deal_share(s, 1, {0}, False, dealing)]
    write_shard(split, 0, blocks, dealing)


def digest(folder: Path) -> str:
    """Returns a digest of all files in a folder, by name."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def main() -> None:
    """Runs a stage and prints what it took."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    run, output = (documents, "documents") if name == "documents" else (records, "sequences")
    start = time.process_time()
    run(folder)
    seconds = time.process_time() - start
    print(json.dumps({"seconds": seconds, "digest": digest(folder / output)}))


if __name__ == "__main__":
    main()

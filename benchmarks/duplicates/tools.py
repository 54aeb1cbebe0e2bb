"""What each tool removes of a corpus: run by the tool's own interpreter, `tools.py NAME IN OUT`.

Only the standard library and the tool itself are imported, so that another environment can run it.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

N = 13


def rows(path: str) -> list[tuple[str, str]]:
    """Returns ids and texts."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  (as light as it can be)
        return [(row["id"], row["text"]) for row in map(json.loads, file)]


def shingles(text: str) -> list[str]:
    """Returns the 13-grams as these tools' users make them."""
    words = re.findall(r"\w+", text)
    return [" ".join(words[i : i + N]) for i in range(max(1, len(words) - N + 1))]


def rensa(path: str) -> list[str]:
    """Returns what rensa's deduplicator removes: 128 permutations, 16 bands."""
    from rensa import RMinHash, RMinHashDeduplicator

    tool = RMinHashDeduplicator(0.8, 128, True, 16)
    removed = []
    for name, text in rows(path):
        minhash = RMinHash(128, 42)
        minhash.update(shingles(text))
        if not tool.add(name, minhash):
            removed.append(name)
    return removed


def datasketch(path: str) -> list[str]:
    """Returns what datasketch's LSH finds to be like an earlier document, by its estimate too."""
    from datasketch import MinHash, MinHashLSH

    lsh, known, removed = MinHashLSH(0.8, 128), {}, []
    for name, text in rows(path):
        minhash = MinHash(128)
        minhash.update_batch([gram.encode() for gram in shingles(text)])
        if any(known[other].jaccard(minhash) >= 0.8 for other in lsh.query(minhash)):
            removed.append(name)
            continue
        known[name] = minhash
        lsh.insert(name, minhash)
    return removed


def datatrove(path: str) -> list[str]:
    """Returns what datatrove's four steps remove: 13-grams, 14 buckets of 8 hashes."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    config = MinhashConfig(n_grams=N, num_buckets=14, hashes_per_bucket=8)
    with tempfile.TemporaryDirectory() as work:
        reader = JsonlReader(str(Path(path).parent), glob_pattern=Path(path).name)
        left = JsonlWriter(f"{work}/kept", output_filename="kept.jsonl", compression=None)
        steps: list[tuple[list[object], int]] = [
            ([reader, MinhashDedupSignature(f"{work}/signatures", config)], 1),
            ([MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)], 14),
            ([MinhashDedupCluster(f"{work}/buckets", f"{work}/remove", config=config)], 1),
            ([reader, MinhashDedupFilter(f"{work}/remove"), left], 1),
        ]
        for number, (pipeline, tasks) in enumerate(steps):
            logs = f"{work}/logs{number}"
            LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=logs).run()
        kept = {name for name, _ in rows(f"{work}/kept/kept.jsonl")}
    return [name for name, _ in rows(path) if name not in kept]


if __name__ == "__main__":
    tool, source, target = sys.argv[1:]
    Path(target).write_text("\n".join(globals()[tool](source)))

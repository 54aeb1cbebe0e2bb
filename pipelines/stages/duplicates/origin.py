"""Stage 2: what it is made from: hashes, signatures, hosts and texts of all documents together."""

from massivetext.config.recipe import short_digest
from massivetext.corpus.origins import Origins
from massivetext.pipelines.changes.contents import done_parts
from massivetext.pipelines.engine.build_plan import Build


def duplicates_origins(build: Build) -> Origins:
    """Returns what stage 2 is made from; of sources that are not compared, how many documents."""
    compared, done = build.recipe.duplicates.sources, done_parts(build.stages["documents"])
    documents = []
    for part in build.parts:
        found = done[part.stem]
        sums = [found.sums[f"{before}{part.stem}.parquet"] for before in ("", "dropped-")]
        content = sums if part.source in compared else found.facts["kept"]
        documents.append([part.stem, part.source, content])
    return Origins({"documents": short_digest(documents)})

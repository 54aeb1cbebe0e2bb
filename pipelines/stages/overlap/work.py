"""What a worker needs to compare parts with the held-out sets."""

from typing import NamedTuple

from massivetext.config.comparison_rules import Overlap
from massivetext.decontaminate.overlap import Bounds
from massivetext.dedup.signature import Punctuation
from massivetext.mixture.quotas import to_fraction
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.sums import open_part_file
from massivetext.pipelines.stages.survivors import SplitRules
from massivetext.shards.parquet_files import open_parquet
from massivetext.storage.paths import join

TITLE_SOURCE = "wikipedia"  # and what is like it


class OverlapWork(NamedTuple):
    """What a worker needs to compare parts with the held-out sets."""

    stage: Stage
    output: str  # the build's folder
    rules: Overlap  # with resolved paths
    split: SplitRules
    punctuation: Punctuation = "space"
    titled: tuple[str, ...] = (TITLE_SOURCE,)  # sources whose titles are those of test pages

    @property
    def bounds(self) -> Bounds:
        """Returns the bounds of the paper's rule as exact fractions."""
        rules = self.rules
        most = rules.max_containment if rules.rule == "paper" else None
        return Bounds(to_fraction(rules.max_jaccard), None if most is None else to_fraction(most))

    @property
    def matches(self) -> Stage:
        """Returns the first half of the stage: what documents share, before it is judged.

        Its folder is beside the stage's, where the record of the stage's jobs is looked for.
        """
        half = self.stage.half("matches")
        return half._replace(name=self.stage.name)  # whose jobs and progress these are

    def documents(self, stem: str) -> str:
        """Returns the path of a part's documents."""
        return join(self.output, "documents", f"{stem}.parquet")


def count_rows(path: str) -> int:
    """Returns the rows of a Parquet file."""
    with open_part_file(path) as file:
        return int(open_parquet(file).metadata.num_rows)

"""The stages of a build, in the order in which they run. A new one is a folder and a row here."""

from massivetext.pipelines.engine.stage_spec import StageSpec
from massivetext.pipelines.stages.documents import stage as documents
from massivetext.pipelines.stages.duplicates import stage as duplicates
from massivetext.pipelines.stages.overlap import stage as overlap
from massivetext.pipelines.stages.sequences import stage as sequences
from massivetext.pipelines.stages.tokens import stage as tokens
from massivetext.pipelines.stages.vocabulary import stage as vocabulary

STAGES: tuple[StageSpec, ...] = (
    documents.STAGE,
    duplicates.STAGE,
    overlap.STAGE,
    vocabulary.STAGE,
    tokens.STAGE,
    sequences.STAGE,
)

"""The numbers of the paper (Rae et al. 2021, arXiv:2112.11446), each once, each with its place.

Facts marked ASSUMED could not be verified in the paper's text; they are the reading that we chose.
Bounds are inclusive for keeping: a document exactly at a bound stays.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Subset(NamedTuple):
    """One row of Table 2."""

    name: str
    documents: int
    bytes: int
    tokens: int
    weight: float  # share of training sequences


# Table 2. Tokens from secondary sources; they reproduce Chinchilla's epoch column to rounding.
SUBSETS = (
    Subset("web", 604_000_000, 1_900_000_000_000, 506_000_000_000, 0.48),
    Subset("books", 4_000_000, 2_100_000_000_000, 560_000_000_000, 0.27),
    Subset("c4", 361_000_000, 750_000_000_000, 182_000_000_000, 0.10),
    Subset("news", 1_100_000_000, 2_700_000_000_000, 676_000_000_000, 0.10),
    Subset("github", 142_000_000, 3_100_000_000_000, 422_000_000_000, 0.03),
    Subset("wikipedia", 6_000_000, 1_000_000_000, 4_000_000_000, 0.02),
)
SOURCES = tuple(subset.name for subset in SUBSETS)

# Appendix A.1.1: which stages each subset passes. The quality and repetition rules are for
# MassiveWeb alone; Wikipedia and GitHub are not deduplicated. ASSUMED: code passes no language
# filter (how one was applied to code is not known).
LANGUAGE_SOURCES = ("web", "books", "c4", "news", "wikipedia")
SAFETY_SOURCES = ("web",)
QUALITY_SOURCES = ("web",)
REPETITION_SOURCES = ("web",)
DUPLICATE_SOURCES = ("web", "books", "c4", "news")

# Appendix A.1.1: the licences of the GitHub subset, as BigQuery spells them.
GITHUB_LICENCES = (
    "apache-2.0",
    "mit",
    "bsd-3-clause",
    "bsd-2-clause",
    "unlicense",
    "cc0-1.0",
    "isc",
    "artistic-2.0",
)


@dataclass(frozen=True)
class QualityRules:
    """Appendix A.1.1, "Quality filtering". Inclusive bounds; None turns a rule off."""

    min_words: int | None = 50
    max_words: int | None = 100_000
    min_mean_word_length: float | None = 3.0
    max_mean_word_length: float | None = 10.0
    max_hash_ratio: float | None = 0.1
    max_ellipsis_ratio: float | None = 0.1
    max_bullet_line_fraction: float | None = 0.9
    max_ellipsis_line_fraction: float | None = 0.3
    min_alphabetic_word_fraction: float | None = 0.8
    min_stop_words: int | None = 2


STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")


@dataclass(frozen=True)
class RepetitionRules:
    """Table A1. Largest fraction that a kept document may have; None turns a rule off."""

    max_duplicate_line_fraction: float | None = 0.30
    max_duplicate_paragraph_fraction: float | None = 0.30
    max_duplicate_line_character_fraction: float | None = 0.20
    max_duplicate_paragraph_character_fraction: float | None = 0.20
    max_top_2_gram_fraction: float | None = 0.20
    max_top_3_gram_fraction: float | None = 0.18
    max_top_4_gram_fraction: float | None = 0.16
    max_duplicate_5_gram_fraction: float | None = 0.15
    max_duplicate_6_gram_fraction: float | None = 0.14
    max_duplicate_7_gram_fraction: float | None = 0.13
    max_duplicate_8_gram_fraction: float | None = 0.12
    max_duplicate_9_gram_fraction: float | None = 0.11
    max_duplicate_10_gram_fraction: float | None = 0.10


# Appendix A.1.1, "Document deduplication" and "Test-set filtering".
SHINGLE_WORDS = 13
MAX_JACCARD = 0.8  # two documents are too similar above it

# Section 3.1 and appendix A.1.2: SentencePiece with 32,000 pieces and byte fallback.
VOCABULARY_SIZE = 32_000
SEQUENCE_LENGTH = 2_048

# ASSUMED, from memory of appendix A.1.1, "Constructing token sequences": crops of 15 x 2,048
# bytes whose start may lie a quarter of a crop before the document, ten crops to a group.
CROP_BYTES = 15 * 2_048
CROPS_PER_GROUP = 10


class Preset(NamedTuple):
    """One row of Table 1."""

    name: str
    parameters: int  # exact, with tied embeddings and a relative projection in each layer
    layers: int
    heads: int
    key_size: int
    width: int
    max_learning_rate: float
    batch_tokens: tuple[int, ...]  # 280B doubles its batch half way
    clip: float  # global gradient norm


# Table 1; clipping from section 3.1.
FAMILY = (
    Preset("44m", 43_684_352, 8, 16, 32, 512, 6e-4, (1 << 18,), 1.0),
    Preset("117m", 116_672_256, 12, 12, 64, 768, 6e-4, (1 << 18,), 1.0),
    Preset("417m", 417_369_600, 12, 12, 128, 1_536, 2e-4, (1 << 18,), 1.0),
    Preset("1.4b", 1_374_603_264, 24, 16, 128, 2_048, 2e-4, (1 << 18,), 1.0),
    Preset("7.1b", 7_111_577_600, 32, 32, 128, 4_096, 1.2e-4, (1 << 21,), 0.25),
    Preset("280b", 279_708_975_104, 80, 128, 128, 16_384, 4e-5, (3 << 20, 6 << 20), 0.25),
)

# Section 3.1: Adam; the learning rate rises from 1e-7 over 1,500 steps, then falls by a cosine to a
# tenth. Section 3.2: 300 billion tokens. The 280B doubles its batch half way.
TRAINING_TOKENS = 300_000_000_000
WARMUP_STEPS = 1_500
WARMUP_LEARNING_RATE = 1e-7
LEARNING_RATE_DECAY = 10.0  # the largest learning rate over the last

# Appendix C: bfloat16 parameters with stochastic rounding; the smaller models keep float32.
BFLOAT16_MODELS = ("7.1b", "280b")

# ASSUMED: the paper names neither; these are the values of RETRO's run on the same stack.
ADAM_BETAS = (0.9, 0.95)
ADAM_EPSILON = 1e-8

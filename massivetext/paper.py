"""The numbers of the paper (Rae et al. 2021, arXiv:2112.11446), each once, each with its place.

Facts marked ASSUMED could not be verified in the paper's text; they are the reading that we chose.
Bounds are inclusive for keeping: a document exactly at a bound stays.
"""

from dataclasses import dataclass
from typing import NamedTuple

from massivetext.reasons import Reason
from massivetext.rules import AT, Copies, at_least, at_most


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


STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")

_QUALITY = "A.1.1, quality filtering"
_TABLE_A1 = "table A1"


@dataclass(frozen=True)
class QualityRules:
    """Appendix A.1.1, "Quality filtering". Inclusive bounds; None turns a rule off."""

    min_words: int | None = at_least(50, Reason.WORD_COUNT, _QUALITY, AT.words)
    max_words: int | None = at_most(100_000, Reason.WORD_COUNT, _QUALITY, AT.words)
    min_mean_word_length: float | None = at_least(
        3.0, Reason.MEAN_WORD_LENGTH, _QUALITY, AT.word_characters, AT.words
    )
    max_mean_word_length: float | None = at_most(
        10.0, Reason.MEAN_WORD_LENGTH, _QUALITY, AT.word_characters, AT.words
    )
    max_hash_ratio: float | None = at_most(
        0.1, Reason.HASH_RATIO, _QUALITY, AT.hash_symbols, AT.words
    )
    max_ellipsis_ratio: float | None = at_most(
        0.1, Reason.ELLIPSIS_RATIO, _QUALITY, AT.ellipses, AT.words
    )
    max_bullet_line_fraction: float | None = at_most(
        0.9, Reason.BULLET_LINES, _QUALITY, AT.bullet_lines, AT.lines, largest=1
    )
    max_ellipsis_line_fraction: float | None = at_most(
        0.3, Reason.ELLIPSIS_LINES, _QUALITY, AT.ellipsis_lines, AT.lines, largest=1
    )
    min_alphabetic_word_fraction: float | None = at_least(
        0.8, Reason.ALPHABETIC_WORDS, _QUALITY, AT.alphabetic_words, AT.words, largest=1
    )
    min_stop_words: int | None = at_least(
        2, Reason.STOP_WORDS, _QUALITY, AT.stop_words, largest=len(STOP_WORDS)
    )


@dataclass(frozen=True)
class RepetitionRules:
    """Table A1. Largest fraction that a kept document may have; None turns a rule off."""

    max_duplicate_line_fraction: float | None = at_most(
        0.30,
        Reason.DUPLICATE_LINES,
        _TABLE_A1,
        Copies(AT.duplicate_lines, AT.repeated_lines),
        AT.lines,
        largest=1,
    )
    max_duplicate_paragraph_fraction: float | None = at_most(
        0.30,
        Reason.DUPLICATE_PARAGRAPHS,
        _TABLE_A1,
        Copies(AT.duplicate_paragraphs, AT.repeated_paragraphs),
        AT.paragraphs,
        largest=1,
    )
    max_duplicate_line_character_fraction: float | None = at_most(
        0.20,
        Reason.DUPLICATE_LINE_CHARACTERS,
        _TABLE_A1,
        Copies(AT.duplicate_line_characters, AT.repeated_line_characters),
        AT.line_characters,
        largest=1,
    )
    max_duplicate_paragraph_character_fraction: float | None = at_most(
        0.20,
        Reason.DUPLICATE_PARAGRAPH_CHARACTERS,
        _TABLE_A1,
        Copies(AT.duplicate_paragraph_characters, AT.repeated_paragraph_characters),
        AT.paragraph_characters,
        largest=1,
    )
    max_top_2_gram_fraction: float | None = at_most(
        0.20, Reason.TOP_2_GRAM, _TABLE_A1, AT.top_2_gram_characters, AT.word_characters, largest=1
    )
    max_top_3_gram_fraction: float | None = at_most(
        0.18, Reason.TOP_3_GRAM, _TABLE_A1, AT.top_3_gram_characters, AT.word_characters, largest=1
    )
    max_top_4_gram_fraction: float | None = at_most(
        0.16, Reason.TOP_4_GRAM, _TABLE_A1, AT.top_4_gram_characters, AT.word_characters, largest=1
    )
    max_duplicate_5_gram_fraction: float | None = at_most(
        0.15,
        Reason.DUPLICATE_5_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_5_gram_characters, AT.repeated_5_gram_characters),
        AT.word_characters,
        largest=1,
    )
    max_duplicate_6_gram_fraction: float | None = at_most(
        0.14,
        Reason.DUPLICATE_6_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_6_gram_characters, AT.repeated_6_gram_characters),
        AT.word_characters,
        largest=1,
    )
    max_duplicate_7_gram_fraction: float | None = at_most(
        0.13,
        Reason.DUPLICATE_7_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_7_gram_characters, AT.repeated_7_gram_characters),
        AT.word_characters,
        largest=1,
    )
    max_duplicate_8_gram_fraction: float | None = at_most(
        0.12,
        Reason.DUPLICATE_8_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_8_gram_characters, AT.repeated_8_gram_characters),
        AT.word_characters,
        largest=1,
    )
    max_duplicate_9_gram_fraction: float | None = at_most(
        0.11,
        Reason.DUPLICATE_9_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_9_gram_characters, AT.repeated_9_gram_characters),
        AT.word_characters,
        largest=1,
    )
    max_duplicate_10_gram_fraction: float | None = at_most(
        0.10,
        Reason.DUPLICATE_10_GRAMS,
        _TABLE_A1,
        Copies(AT.duplicate_10_gram_characters, AT.repeated_10_gram_characters),
        AT.word_characters,
        largest=1,
    )


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

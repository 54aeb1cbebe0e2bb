"""Why a record is not in the corpus: one word each, the same in counters, files and reports."""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons, in the order in which the pipeline finds them."""

    # Readers: what is not a document of this source at all.
    RECORD_TYPE = "record_type"  # a WARC record that is no response: request, metadata, revisit
    HTTP_STATUS = "http_status"
    NOT_HTML = "not_html"
    REDIRECT = "redirect"
    NAMESPACE = "namespace"
    LICENCE = "licence"
    BINARY = "binary"
    GENERATED = "generated"
    TOO_LARGE = "too_large"
    EMPTY = "empty"

    # Content filter (Rae et al. 2021, A.1.1).
    LANGUAGE = "language"
    RATING = "rating"
    DOMAIN = "domain"
    URL = "url"
    HOST = "host"
    EXPLICIT = "explicit"  # by the classifier of the text, where a recipe asks for it
    OPT_OUT = "opt_out"  # not in the paper: the page asks not to be used so

    # Quality filter.
    WORD_COUNT = "word_count"
    MEAN_WORD_LENGTH = "mean_word_length"
    HASH_RATIO = "hash_ratio"
    ELLIPSIS_RATIO = "ellipsis_ratio"
    BULLET_LINES = "bullet_lines"
    ELLIPSIS_LINES = "ellipsis_lines"
    ALPHABETIC_WORDS = "alphabetic_words"
    STOP_WORDS = "stop_words"

    # Repetition removal (Table A1).
    DUPLICATE_LINES = "duplicate_lines"
    DUPLICATE_PARAGRAPHS = "duplicate_paragraphs"
    DUPLICATE_LINE_CHARACTERS = "duplicate_line_characters"
    DUPLICATE_PARAGRAPH_CHARACTERS = "duplicate_paragraph_characters"
    TOP_2_GRAM = "top_2_gram"
    TOP_3_GRAM = "top_3_gram"
    TOP_4_GRAM = "top_4_gram"
    DUPLICATE_5_GRAMS = "duplicate_5_grams"
    DUPLICATE_6_GRAMS = "duplicate_6_grams"
    DUPLICATE_7_GRAMS = "duplicate_7_grams"
    DUPLICATE_8_GRAMS = "duplicate_8_grams"
    DUPLICATE_9_GRAMS = "duplicate_9_grams"
    DUPLICATE_10_GRAMS = "duplicate_10_grams"

    # Document deduplication and test-set filtering.
    EXACT = "exact"
    NEAR = "near"
    OVERLAP = "overlap"
    TEST_TITLE = "test_title"  # a Wikipedia page that is an article of WikiText-103's test splits

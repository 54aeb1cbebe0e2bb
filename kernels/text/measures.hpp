// The integers of one document, in the order of massivetext/measures.py.
#pragma once

#include <cstddef>
#include <cstdint>

namespace massivetext {

// Copies of lines or paragraphs: duplicates are the later ones, repeated are all of them.
struct Copies {
  int64_t duplicate_units, duplicate_characters, repeated_units, repeated_characters;
};

struct Measures {
  int64_t characters, words, word_characters, hash_symbols, ellipses;
  int64_t lines, line_characters, bullet_lines, ellipsis_lines;
  int64_t alphabetic_words, stop_words, stop_word_occurrences;
  int64_t paragraphs, paragraph_characters;
  Copies line_copies, paragraph_copies;
  int64_t top_characters[3];        // of 2- to 4-grams
  int64_t duplicate_characters[6];  // of 5- to 10-grams
  int64_t repeated_characters[6];
};

constexpr size_t kMeasures = 37;
static_assert(sizeof(Measures) == kMeasures * sizeof(int64_t), "read as an array");

// The same order by name, which Python compares with its own when it loads the module.
constexpr const char* kMeasureNames[] = {
    "characters",
    "words",
    "word_characters",
    "hash_symbols",
    "ellipses",
    "lines",
    "line_characters",
    "bullet_lines",
    "ellipsis_lines",
    "alphabetic_words",
    "stop_words",
    "stop_word_occurrences",
    "paragraphs",
    "paragraph_characters",
    "duplicate_lines",
    "duplicate_line_characters",
    "repeated_lines",
    "repeated_line_characters",
    "duplicate_paragraphs",
    "duplicate_paragraph_characters",
    "repeated_paragraphs",
    "repeated_paragraph_characters",
    "top_2_gram_characters",
    "top_3_gram_characters",
    "top_4_gram_characters",
    "duplicate_5_gram_characters",
    "duplicate_6_gram_characters",
    "duplicate_7_gram_characters",
    "duplicate_8_gram_characters",
    "duplicate_9_gram_characters",
    "duplicate_10_gram_characters",
    "repeated_5_gram_characters",
    "repeated_6_gram_characters",
    "repeated_7_gram_characters",
    "repeated_8_gram_characters",
    "repeated_9_gram_characters",
    "repeated_10_gram_characters",
};
static_assert(sizeof(kMeasureNames) == kMeasures * sizeof(char*), "a name for each");

}  // namespace massivetext

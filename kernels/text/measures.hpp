// The integers of one document, in the order of filters/rules/counts.py.
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

}  // namespace massivetext

// The measures of the quality rules (filters/rules/quality.py) that are of words.
#pragma once

#include "text/measures.hpp"
#include "text/words.hpp"

namespace massivetext {

inline void measure_words(const Words& words, Measures& measures) {
  uint64_t stop_words = 0;
  measures.words = words.size;
  for (uint32_t number = 0; number < words.different_size; ++number) {
    const Word& word = words.different[number];
    measures.word_characters += int64_t(word.count) * word.characters;
    if (word.flags & kAlphabetic) measures.alphabetic_words += word.count;
    if (word.stop_word < 0) continue;
    measures.stop_word_occurrences += word.count;
    stop_words |= uint64_t(1) << word.stop_word;
  }
  measures.stop_words = __builtin_popcountll(stop_words);
}

}  // namespace massivetext

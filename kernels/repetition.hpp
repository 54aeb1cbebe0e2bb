// The measures of repeated n-grams (filters/repetition.py).
//
// An n-gram can come twice only if both (n-1)-grams in it do, so each length looks only at the
// places that the length before left over. Its number is that of a pair of numbers: exact.
#pragma once

#include "measures.hpp"
#include "words.hpp"

namespace massivetext {

struct Gram {
  uint32_t first, count;
};

struct GramScratch {
  Interner interner;
  Buffer<uint32_t> numbers;  // of the n-gram at each place, or kOnce
  Buffer<uint32_t> places;   // of n-grams that come twice, ascending
  Buffer<uint32_t> starts;   // characters of the words before each place
  Buffer<Gram> grams;
};

class GramCounter {
 public:
  GramCounter(const Words& words, GramScratch& scratch) : words_(words), scratch_(scratch) {}

  void measure(Measures& measures) {
    read_words();
    for (uint32_t n = 2; n <= 10 && places_; ++n) {
      number_pairs();
      if (n <= 4) measures.top_characters[n - 2] = count_top(n);
      if (n >= 5) cover(n, measures);
      drop_single();
    }
  }

 private:
  static constexpr uint32_t kOnce = ~uint32_t(0);
  static constexpr uint32_t kAhead = 12;

  void read_words() {
    const uint32_t size = words_.size;
    scratch_.numbers.reserve(size_t(size) + 1), scratch_.places.reserve(size);
    scratch_.starts.reserve(size_t(size) + 1), scratch_.grams.reserve(size);
    uint32_t *numbers = scratch_.numbers.data(), *places = scratch_.places.data();
    uint32_t *starts = scratch_.starts.data(), characters = 0, left = 0;
    for (uint32_t place = 0; place < size; ++place) {
      const uint32_t number = words_.numbers[place];
      const Word& word = words_.different[number];
      starts[place] = characters;
      characters += word.characters;
      const bool once = word.count == 1;
      numbers[place] = number | -uint32_t(once);  // kOnce; no branch, words are hard to foresee
      places[left] = place;
      left += !once;
    }
    starts[size] = characters, numbers[size] = kOnce, places_ = left;
  }

  static uint64_t pair(const uint32_t* numbers) { return uint64_t(numbers[0]) << 32 | numbers[1]; }

  // Makes n-grams of pairs of (n-1)-grams; places whose second one is single drop out.
  void number_pairs() {
    uint32_t *numbers = scratch_.numbers.data(), *places = scratch_.places.data();
    Interner& interner = scratch_.interner;
    interner.start(places_);
    uint32_t left = 0;
    for (uint32_t at = 0; at < places_; ++at) {
      if (interner.is_large() && at + kAhead < places_)
        interner.prefetch(pair(numbers + places[at + kAhead]), 0);
      const uint32_t place = places[at];
      if (numbers[place + 1] == kOnce) {
        numbers[place] = kOnce;
        continue;
      }
      numbers[place] = add(pair(numbers + place), place);
      places[left++] = place;
    }
    places_ = left;
  }

  uint32_t add(uint64_t key, uint32_t place) {
    const uint32_t next = scratch_.interner.size();
    const uint32_t number = scratch_.interner.add(key, 0, [](uint32_t) { return true; });
    if (number == next)
      scratch_.grams[number] = {place, 1};
    else
      ++scratch_.grams[number].count;
    return number;
  }

  int64_t characters(uint32_t from, uint32_t to) const {
    return int64_t(scratch_.starts[to]) - scratch_.starts[from];
  }

  // Characters of the most frequent n-gram, times its count; of equals the longest; single: 0.
  int64_t count_top(uint32_t n) const {
    uint32_t most = 2;
    int64_t longest = 0;
    for (uint32_t number = 0; number < scratch_.interner.size(); ++number) {
      const Gram& gram = scratch_.grams[number];
      if (gram.count < most) continue;
      const int64_t length = characters(gram.first, gram.first + n);
      longest = gram.count > most || length > longest ? length : longest;
      most = gram.count;
    }
    return most * longest;
  }

  // Characters of the words in later copies and in all copies, each word once.
  void cover(uint32_t n, Measures& measures) const {
    int64_t &duplicate = measures.duplicate_characters[n - 5];
    int64_t &repeated = measures.repeated_characters[n - 5];
    uint32_t duplicate_end = 0, repeated_end = 0;
    for (uint32_t at = 0; at < places_; ++at) {
      const uint32_t place = scratch_.places[at], end = place + n;
      const Gram& gram = scratch_.grams[scratch_.numbers[place]];
      if (gram.count < 2) continue;
      repeated += characters(place > repeated_end ? place : repeated_end, end);
      repeated_end = end;
      if (gram.first == place) continue;
      duplicate += characters(place > duplicate_end ? place : duplicate_end, end);
      duplicate_end = end;
    }
  }

  void drop_single() {
    uint32_t *numbers = scratch_.numbers.data(), *places = scratch_.places.data(), left = 0;
    const Gram* grams = scratch_.grams.data();
    for (uint32_t at = 0; at < places_; ++at) {
      const uint32_t place = places[at];
      const bool once = grams[numbers[place]].count == 1;
      numbers[place] |= -uint32_t(once);
      places[left] = place;
      left += !once;
    }
    places_ = left;
  }

  const Words& words_;
  GramScratch& scratch_;
  uint32_t places_ = 0;
};

}  // namespace massivetext

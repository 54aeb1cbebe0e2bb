// The measures of repeated n-grams (filters/rules/repetition.py).
//
// An n-gram can come twice only if both (n-1)-grams in it do, so each length looks only at the
// places that the length before left over. Its number is that of a pair of numbers: exact.
#pragma once

#include "text/measures.hpp"
#include "text/words.hpp"

namespace massivetext {

// An n-gram's place, and the numbers of the two (n-1)-grams that it is made of.
struct Pair {
  uint64_t numbers;
  uint32_t place;
};

struct Gram {
  uint32_t first, count;
};

struct GramScratch {
  Interner interner;
  Buffer<uint32_t> numbers;  // of the n-gram at each place, perhaps with kLater, or kOnce
  Buffer<uint32_t> places;   // of n-grams that come twice, ascending
  Buffer<uint32_t> starts;   // characters of the words before each place
  Buffer<Pair> pairs, parted;
  Buffer<Gram> grams;
  Buffer<uint8_t> marks;
  Buffer<uint32_t> ends;  // of the parts
};

class GramCounter {
 public:
  GramCounter(const Words& words, GramScratch& scratch) : words_(words), scratch_(scratch) {}

  void measure(Measures& measures) {
    read_words();
    for (n_ = 2; n_ <= 10 && places_; ++n_) {
      const uint32_t size = list_pairs();
      number_parts(size);
      if (n_ <= 4) measures.top_characters[n_ - 2] = most_ * longest_;
      drop_single();
      if (n_ >= 5)
        cover(measures.duplicate_characters[n_ - 5], measures.repeated_characters[n_ - 5]);
    }
  }

 private:
  static constexpr uint32_t kLater = uint32_t(1) << 31;  // the n-gram came before
  static constexpr uint32_t kOnce = ~uint32_t(0);
  static constexpr uint32_t kAhead = 16;
  static constexpr uint32_t kPartSize = 1 << 14;
  static constexpr uint32_t kFew = 512;  // so few make so few pairs that these fit a cache
  static constexpr uint64_t kMarkFactor = 0x9E3779B97F4A7C15;

  // As everywhere here, what to drop is hard to foresee, so no branch depends on it.
  void read_words() {
    const uint32_t size = words_.size;
    reserve(size);
    uint32_t *numbers = scratch_.numbers.data(), *places = scratch_.places.data();
    uint32_t *starts = scratch_.starts.data(), characters = 0, left = 0;
    for (uint32_t place = 0; place < size; ++place) {
      const uint32_t number = words_.numbers[place];
      const Word& word = words_.different[number];
      starts[place] = characters;
      characters += word.characters;
      const bool once = word.count == 1;
      numbers[place] = number | -uint32_t(once);
      places[left] = place;
      left += !once;
    }
    starts[size] = characters, numbers[size] = kOnce;
    places_ = left, grams_ = words_.different_size;
  }

  void reserve(uint32_t size) {
    scratch_.numbers.reserve(size_t(size) + 1), scratch_.starts.reserve(size_t(size) + 1);
    scratch_.places.reserve(size), scratch_.pairs.reserve(size), scratch_.grams.reserve(size);
  }

  // The pairs without a single (n-1)-gram; returns how many there are.
  uint32_t list_pairs() {
    uint32_t *numbers = scratch_.numbers.data(), *places = scratch_.places.data(), left = 0;
    Pair* pairs = scratch_.pairs.data();
    for (uint32_t at = 0; at < places_; ++at) {
      const uint32_t place = places[at], first = numbers[place], second = numbers[place + 1];
      pairs[left] = {uint64_t(first & ~kLater) << 32 | (second & ~kLater), place};
      left += second != kOnce;
      numbers[place] = kOnce;
    }
    return left;
  }

  // Many pairs are parted by a hash, so that what a part needs stays in the nearest caches.
  void number_parts(uint32_t size) {
    const uint32_t before = std::exchange(grams_, 0);
    const bool all_came_twice = n_ > 2 && size > pairs_ - pairs_ / 8;
    most_ = 2, longest_ = 0, is_repetitive_ = before < size / 8 || all_came_twice;
    pairs_ = size;
    if (size <= kPartSize || before <= kFew) return number_part(scratch_.pairs.data(), size);
    int bits = 1;
    while (bits < 10 && size >> bits > kPartSize / 2) ++bits;
    part(size, bits);
    uint32_t begin = 0;
    for (uint32_t part = 0; part < uint32_t(1) << bits; ++part) {
      number_part(scratch_.parted.data() + begin, scratch_.ends[part] - begin);
      begin = scratch_.ends[part];
    }
  }

  // A counting sort by the upper bits of a hash; equal pairs stay in the order of their places.
  void part(uint32_t size, int bits) {
    const uint64_t seed = Seed::get().factor;
    const auto find_part = [&](const Pair& pair) { return pair.numbers * seed >> (64 - bits); };
    const size_t parts = size_t(1) << bits;
    scratch_.parted.reserve(size), scratch_.ends.reserve(parts);
    uint32_t* ends = scratch_.ends.data();
    std::memset(ends, 0, parts * sizeof *ends);
    for (uint32_t at = 0; at < size; ++at) ++ends[find_part(scratch_.pairs[at])];
    uint32_t begin = 0;
    for (size_t part = 0; part < parts; ++part) begin += std::exchange(ends[part], begin);
    for (uint32_t at = 0; at < size; ++at) {
      const Pair& pair = scratch_.pairs[at];
      scratch_.parted[ends[find_part(pair)]++] = pair;
    }
  }

  void number_part(Pair* pairs, uint32_t size) {
    if (!is_repetitive_) size = drop_unmet(pairs, size);
    scratch_.interner.start(size);
    Gram* grams = scratch_.grams.data() + grams_;
    uint32_t* numbers = scratch_.numbers.data();
    for (uint32_t at = 0; at < size; ++at) {
      const auto [pair, place] = pairs[at];
      if (at + kAhead < size) __builtin_prefetch(numbers + pairs[at + kAhead].place, 1);
      const uint32_t next = scratch_.interner.size();
      const uint32_t number = scratch_.interner.add(pair, 0, [](uint32_t) { return true; });
      if (number == next) grams[number] = {place, 0};
      ++grams[number].count;
      numbers[place] = (grams_ + number) | (number == next ? 0 : kLater);
    }
    for (uint32_t number = 0; number < scratch_.interner.size(); ++number) look_at(grams[number]);
    grams_ += scratch_.interner.size();
  }

  // Each pair leaves a mark in a table: one bit if it came there first, more if another did, most
  // likely its equal. Drops pairs that met no other; those left over come twice, but for a few.
  uint32_t drop_unmet(Pair* pairs, uint32_t size) {
    int bits = 8;
    while (bits < 18 && size >> (bits - 2)) ++bits;
    scratch_.marks.reserve(size_t(1) << bits);
    uint8_t* marks = scratch_.marks.data();
    std::memset(marks, 0, size_t(1) << bits);
    const auto find_mark = [&](const Pair& pair) -> uint8_t& {
      return marks[pair.numbers * kMarkFactor >> (64 - bits)];
    };
    for (uint32_t at = 0; at < size; ++at) {
      uint8_t& mark = find_mark(pairs[at]);
      mark = uint8_t(mark << 1 | 1);
    }
    uint32_t left = 0;
    for (uint32_t at = 0; at < size; ++at) {
      const Pair pair = pairs[at];
      pairs[left] = pair;
      left += find_mark(pair) > 1;
    }
    return left;
  }

  // Drops a single n-gram; a short one may be the most frequent, of equals the longest.
  void look_at(const Gram& gram) {
    if (gram.count == 1) scratch_.numbers[gram.first] = kOnce;
    if (n_ > 4 || gram.count < most_) return;
    const int64_t length = characters(gram.first, gram.first + n_);
    longest_ = gram.count > most_ || length > longest_ ? length : longest_;
    most_ = gram.count;
  }

  int64_t characters(uint32_t from, uint32_t to) const {
    return int64_t(scratch_.starts[to]) - scratch_.starts[from];
  }

  void drop_single() {
    uint32_t* places = scratch_.places.data();
    uint32_t left = 0;
    for (uint32_t at = 0; at < places_; ++at) {
      const uint32_t place = places[at];
      places[left] = place;
      left += scratch_.numbers[place] != kOnce;
    }
    places_ = left;
  }

  // Counts the characters of the words in later copies and in all copies, each word once.
  void cover(int64_t& duplicate, int64_t& repeated) {
    uint32_t duplicate_end = 0, repeated_end = 0;
    for (uint32_t at = 0; at < places_; ++at) {
      const uint32_t place = scratch_.places[at], end = place + n_;
      repeated += characters(place > repeated_end ? place : repeated_end, end);
      repeated_end = end;
      if (!(scratch_.numbers[place] & kLater)) continue;
      duplicate += characters(place > duplicate_end ? place : duplicate_end, end);
      duplicate_end = end;
    }
  }

  const Words& words_;
  GramScratch& scratch_;
  uint32_t places_ = 0, n_ = 0;
  uint32_t grams_ = 0;          // different ones
  uint32_t pairs_ = 0;          // of the length before
  bool is_repetitive_ = false;  // most pairs come twice: not worth looking for those that do not
  uint32_t most_ = 0;           // copies of the most frequent n-gram
  int64_t longest_ = 0;         // characters of the longest of them
};

}  // namespace massivetext

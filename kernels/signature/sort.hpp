// Sorts hashes, which are well mixed: their upper bits alone tell about where each goes.
#pragma once

#include <algorithm>

#include "base/buffer.hpp"

namespace massivetext {

struct SortScratch {
  Buffer<uint64_t> sorted;
  Buffer<uint32_t> places;
};

// A few hashes fall into each bucket. Equal ones share theirs, so a bucket may be large.
inline void sort_bucket(uint64_t* begin, uint64_t* end) {
  constexpr ptrdiff_t kFew = 24;
  if (end - begin > kFew) return std::sort(begin, end);
  for (uint64_t* next = begin + 1; next < end; ++next) {
    const uint64_t value = *next;
    uint64_t* place = next;
    for (; place > begin && place[-1] > value; --place) *place = place[-1];
    *place = value;
  }
}

// The hashes in ascending order, each once; they stay in `scratch`. Returns how many they are.
inline size_t sort_unique(const uint64_t* hashes, size_t size, SortScratch& scratch) {
  constexpr int kMaxBits = 18;
  int bits = 1;
  while (bits < kMaxBits && size >> (bits + 2)) ++bits;
  const size_t buckets = size_t(1) << bits;
  const int shift = 64 - bits;
  scratch.sorted.reserve(size), scratch.places.reserve(buckets + 1);
  uint64_t* sorted = scratch.sorted.data();
  uint32_t* places = scratch.places.data();
  std::fill(places, places + buckets + 1, 0);
  for (size_t place = 0; place < size; ++place) ++places[(hashes[place] >> shift) + 1];
  for (size_t bucket = 1; bucket < buckets; ++bucket) places[bucket] += places[bucket - 1];
  for (size_t place = 0; place < size; ++place)
    sorted[places[hashes[place] >> shift]++] = hashes[place];
  for (size_t bucket = 0, begin = 0; bucket < buckets; begin = places[bucket++])
    sort_bucket(sorted + begin, sorted + places[bucket]);
  return size_t(std::unique(sorted, sorted + size) - sorted);
}

}  // namespace massivetext

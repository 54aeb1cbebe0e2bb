// How many values two sorted arrays share, as massivetext/dedup/pairs.py defines it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace massivetext {

// Both ascend without repetition. Which side goes on is hard to foresee, so no branch depends on
// it.
inline size_t count_shared(const uint64_t* a, size_t a_size, const uint64_t* b, size_t b_size) {
  size_t shared = 0;
  for (size_t i = 0, j = 0; i < a_size && j < b_size;) {
    const uint64_t left = a[i], right = b[j];
    shared += left == right;
    i += left <= right;
    j += right <= left;
  }
  return shared;
}

}  // namespace massivetext

// Numbers of the paper, handed over by Python, where they have their one place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace massivetext {

struct StopWord {
  uint64_t bytes;  // little-endian
  size_t size;     // at most eight
};

struct Paper {
  std::vector<StopWord> stop_words;
  uint32_t shingle_words = 0;
};

}  // namespace massivetext

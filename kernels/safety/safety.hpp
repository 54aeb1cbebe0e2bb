// Hashed words and pairs of words of a text, and the sum of their weights: the definitions of
// massivetext/filters/safety/text/features.py.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace massivetext::safety {

constexpr uint64_t kBasis = 0xCBF29CE484222325u, kPrime = 0x100000001B3u;  // FNV-1a of 64 bits
constexpr uint64_t kMix = 0x9E3779B97F4A7C15u;
constexpr uint32_t kMostBits = 24;

inline bool in_word(uint8_t byte) {
  const uint8_t letter = byte | 0x20;
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || (letter >= 'a' && letter <= 'z');
}

inline uint64_t next(uint64_t hash, uint8_t byte) {
  const uint8_t lower = byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
  return (hash ^ lower) * kPrime;
}

// Calls `see` with the bucket of each word and of each pair of words, `bits` wide.
template <class See>
void visit(std::string_view text, uint32_t bits, See see) {
  bool has_before = false;
  uint64_t before = 0;  // the hash of the word before and a space
  for (size_t place = 0; place < text.size();) {
    if (!in_word(uint8_t(text[place]))) {
      ++place;
      continue;
    }
    uint64_t word = kBasis, pair = before;
    for (; place < text.size() && in_word(uint8_t(text[place])); ++place) {
      word = next(word, uint8_t(text[place]));
      pair = next(pair, uint8_t(text[place]));
    }
    see(uint32_t(word * kMix >> (64 - bits)));
    if (has_before) see(uint32_t(pair * kMix >> (64 - bits)));
    before = next(word, ' ');
    has_before = true;
  }
}

struct Sum {
  int64_t total, count;
};

class Model {
 public:
  Model(const uint8_t* data, size_t size, uint32_t bits) : bits_(bits) {
    if (bits < 1 || bits > kMostBits || size != size_t(1) << bits)
      throw std::invalid_argument("a safety model has a weight for each bucket");
    weights_.assign(reinterpret_cast<const int8_t*>(data),
                    reinterpret_cast<const int8_t*>(data) + size);
  }

  Sum sum(std::string_view text) const {
    Sum found{0, 0};
    visit(text, bits_, [&](uint32_t bucket) {
      found.total += weights_[bucket];
      ++found.count;
    });
    return found;
  }

 private:
  uint32_t bits_;
  std::vector<int8_t> weights_;
};

}  // namespace massivetext::safety

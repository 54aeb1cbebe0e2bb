// Eight bytes at a time, never past the end of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace massivetext {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are hashed as little-endian");

// A part of a text: `size` bytes from `begin`; the text ends at `limit`, at or after them.
struct Bytes {
  const uint8_t* begin;
  size_t size;
  const uint8_t* limit;
};

inline uint64_t load_eight(const uint8_t* data) {
  uint64_t value;
  std::memcpy(&value, data, 8);
  return value;
}

// The first `size` bytes, one to eight, as a little-endian number.
inline uint64_t load_few(const uint8_t* data, size_t size, const uint8_t* limit) {
  if (limit - data >= 8) return load_eight(data) & (~uint64_t(0) >> (64 - 8 * size));
  uint64_t value = 0;
  std::memcpy(&value, data, size);
  return value;
}

constexpr uint64_t kOnes = 0x0101010101010101, kHighBits = 0x80 * kOnes;

// The high bit of each byte from `first` to `last`. `bytes` are ASCII.
inline uint64_t find_range(uint64_t bytes, uint8_t first, uint8_t last) {
  return (bytes + (0x80 - first) * kOnes) & ~(bytes + (0x7F - last) * kOnes) & kHighBits;
}

// The high bit of each byte that is a letter. `bytes` are ASCII.
inline uint64_t find_letters(uint64_t bytes) { return find_range(bytes | 0x20 * kOnes, 'a', 'z'); }

inline uint32_t count_high_bits(uint64_t bits) { return uint32_t((bits >> 7) * kOnes >> 56); }

// Up to 16 bytes as two numbers, each zero padded. Whether a word has more than eight bytes is hard
// to foresee, so no branch depends on it.
struct Halves {
  uint64_t low, high;
};

inline Halves load_halves(const Bytes& bytes) {
  const size_t size = bytes.size, few = size < 8 ? size : 8;
  const uint64_t low = load_few(bytes.begin, few, bytes.limit);
  if (bytes.limit - bytes.begin < 8) return {low, 0};
  const size_t rest = size - few;
  const uint64_t high = load_eight(bytes.begin + rest);  // its last `rest` bytes are wanted
  return {low, rest ? high >> (8 * (8 - rest) & 63) : 0};
}

// Code points in valid UTF-8: bytes that continue none.
inline uint32_t count_points(const uint8_t* data, size_t size) {
  uint32_t points = 0;
  for (size_t place = 0; place < size; ++place) points += (data[place] & 0xC0) != 0x80;
  return points;
}

}  // namespace massivetext

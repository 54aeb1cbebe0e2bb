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

// The first `size` bytes, at most eight, as a little-endian number.
inline uint64_t load_few(const uint8_t* data, size_t size, const uint8_t* limit) {
  if (size >= 8) return load_eight(data);
  if (limit - data >= 8) return load_eight(data) & ((uint64_t(1) << 8 * size) - 1);
  uint64_t value = 0;
  std::memcpy(&value, data, size);
  return value;
}

// Code points in valid UTF-8: bytes that continue none.
inline uint32_t count_points(const uint8_t* data, size_t size) {
  uint32_t points = 0;
  for (size_t place = 0; place < size; ++place) points += (data[place] & 0xC0) != 0x80;
  return points;
}

}  // namespace massivetext

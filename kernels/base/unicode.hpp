// Unicode properties of code points, read from the tables that the Python definitions read too.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "base/bytes.hpp"

namespace massivetext {

constexpr size_t kPoints = 0x110000;

// Flags of a code point; the same numbers as in massivetext/text/unicode.py.
constexpr uint8_t kSpace = 1, kAlphabetic = 2, kPunctuation = 4, kBullet = 8, kUnstable = 16;
constexpr uint8_t kSymbol = 32, kCased = 64;

struct Decomposition {
  uint32_t from;
  uint32_t to[4];  // padded with zeros
};

struct Composition {
  uint32_t first, second, to;
};

struct CaseFold {
  uint32_t from, to;
};

struct Unicode {
  std::vector<uint8_t> properties;            // kPoints flags
  std::vector<uint8_t> combining_classes;     // kPoints
  std::vector<Decomposition> decompositions;  // sorted by `from`
  std::vector<Composition> compositions;      // sorted by (first, second)

  std::vector<CaseFold> case_folds;  // sorted by `from`

  bool has(uint32_t point, uint8_t flag) const { return properties[point] & flag; }

  // The code point that stands for `point` where case does not count.
  uint32_t fold(uint32_t point) const {
    if (point < 0x80) return point - 'A' < 26 ? point | 0x20 : point;
    if (!has(point, kCased)) return point;
    return std::lower_bound(case_folds.begin(), case_folds.end(), point,
                            [](const CaseFold& a, uint32_t from) { return a.from < from; })
        ->to;
  }
};

template <class Row>
std::vector<Row> read_rows(const Bytes& bytes) {
  if (bytes.size % sizeof(Row)) throw std::invalid_argument("a Unicode table has half a row");
  std::vector<Row> rows(bytes.size / sizeof(Row));
  if (bytes.size) std::memcpy(rows.data(), bytes.begin, bytes.size);
  return rows;
}

// Reads the code point at `data`, which is the start of one in valid UTF-8; sets its length.
inline uint32_t decode(const uint8_t* data, uint32_t& length) {
  const uint32_t lead = data[0];
  if (lead < 0x80) return length = 1, lead;
  const uint32_t second = data[1] & 63;
  if (lead < 0xE0) return length = 2, (lead & 31) << 6 | second;
  const uint32_t third = data[2] & 63;
  if (lead < 0xF0) return length = 3, (lead & 15) << 12 | second << 6 | third;
  return length = 4, (lead & 7) << 18 | second << 12 | third << 6 | (data[3] & 63);
}

// Writes `point` as UTF-8 at `data`, which has room for four bytes; returns its length.
inline uint32_t encode(uint32_t point, uint8_t* data) {
  const auto tail = [point](int shift) { return uint8_t(0x80 | (point >> shift & 63)); };
  if (point < 0x80) return data[0] = uint8_t(point), 1;
  if (point < 0x800) return data[0] = uint8_t(0xC0 | point >> 6), data[1] = tail(0), 2;
  if (point < 0x10000) {
    data[0] = uint8_t(0xE0 | point >> 12), data[1] = tail(6), data[2] = tail(0);
    return 3;
  }
  data[0] = uint8_t(0xF0 | point >> 18), data[1] = tail(12), data[2] = tail(6), data[3] = tail(0);
  return 4;
}

}  // namespace massivetext

// Band keys of signatures, as massivetext/dedup/signature.py defines them, and which of them a
// filter of massivetext/dedup/key_filter.py may hold.
#pragma once

#include <vector>

#include "signature/minhash.hpp"

namespace massivetext {

// How a signature is cut: `number` bands of `rows` minima each, from the first on.
struct BandRules {
  uint32_t number, rows;
};

inline uint64_t band_key(const uint32_t* minima, uint32_t band, uint32_t rows) {
  uint64_t key = (uint64_t(band) + 1) * kGolden;
  for (uint32_t row = 0; row < rows; ++row) {
    key = (key ^ minima[size_t(band) * rows + row]) * kChunk;
    key ^= key >> 32;
  }
  return key;
}

// The keys of one signature.
inline void find_band_keys(const uint32_t* minima, const BandRules& rules, uint64_t* keys) {
  for (uint32_t band = 0; band < rules.number; ++band)
    keys[band] = band_key(minima, band, rules.rows);
}

// A Bloom filter: a power of two of bits, of which each key has three.
struct KeyFilter {
  const uint8_t* bytes;
  int shift;  // what is left of a key by this is the place of a bit

  bool may_hold(uint64_t key) const { return has(key) && has(key * kGolden) && has(key * kChunk); }

 private:
  bool has(uint64_t mixed) const {
    const uint64_t place = mixed >> shift;
    return bytes[place >> 3] >> (place & 7) & 1;
  }
};

struct KnownKeys {
  std::vector<uint32_t> signatures;  // the number of the signature that each key is of
  std::vector<uint64_t> keys;
};

// The keys of `size` signatures that a filter may hold, signature by signature, band by band.
inline KnownKeys find_known_keys(const uint32_t* signatures, size_t size, const BandRules& rules,
                                 const KeyFilter& filter) {
  KnownKeys known;
  std::vector<uint64_t> keys(rules.number);
  for (size_t number = 0; number < size; ++number) {
    find_band_keys(signatures + number * kPermutations, rules, keys.data());
    for (const uint64_t key : keys) {
      if (!filter.may_hold(key)) continue;
      known.signatures.push_back(uint32_t(number));
      known.keys.push_back(key);
    }
  }
  return known;
}

}  // namespace massivetext

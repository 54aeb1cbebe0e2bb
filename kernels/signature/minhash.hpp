// MinHash: the minima of 128 permutations of the shingles' hashes, as
// massivetext/dedup/signature.py has it.
#pragma once

#include <array>

#include "signature/shingles.hpp"

namespace massivetext {

constexpr size_t kPermutations = 128;

struct Permutations {
  alignas(64) uint32_t factors[kPermutations], offsets[kPermutations];
};

// SplitMix64 from seed 1: the factors, made odd, then the offsets.
inline const Permutations& permutations() {
  static const Permutations numbers = [] {
    Permutations made;
    uint64_t state = 1;
    const auto next = [&state] {
      state += kGolden;
      uint64_t value = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
      value = (value ^ value >> 27) * 0x94D049BB133111EB;
      return uint32_t(value ^ value >> 31);
    };
    for (uint32_t& factor : made.factors) factor = next() | 1;
    for (uint32_t& offset : made.offsets) offset = next();
    return made;
  }();
  return numbers;
}

using Minima = std::array<uint32_t, kPermutations>;

// Four vectors of permutations at a time stay in registers while all hashes go by.
template <int kVectorBytes>
[[gnu::always_inline]] inline void find_minima_of(const uint64_t* hashes, size_t size,
                                                  const Permutations& numbers, Minima& minima) {
  typedef uint32_t Vector __attribute__((vector_size(kVectorBytes)));
  constexpr size_t kLanes = kVectorBytes / 4, kStep = 4 * kLanes;
  for (size_t first = 0; first < kPermutations; first += kStep) {
    Vector factors[4], offsets[4], least[4];
    std::memcpy(factors, numbers.factors + first, sizeof factors);
    std::memcpy(offsets, numbers.offsets + first, sizeof offsets);
    for (Vector& vector : least) vector = ~Vector{};
    for (size_t place = 0; place < size; ++place) {
      const uint32_t value = uint32_t(hashes[place] >> 32);
      for (int part = 0; part < 4; ++part) {
        const Vector hashed = factors[part] * value + offsets[part];
        least[part] = hashed < least[part] ? hashed : least[part];
      }
    }
    std::memcpy(minima.data() + first, least, sizeof least);
  }
}

inline void find_minima_baseline(const uint64_t* hashes, size_t size, const Permutations& numbers,
                                 Minima& minima) {
  find_minima_of<16>(hashes, size, numbers, minima);
}

#if defined(__x86_64__) && !defined(MASSIVETEXT_PORTABLE)
[[gnu::target("avx2")]] inline void find_minima_avx2(const uint64_t* hashes, size_t size,
                                                     const Permutations& numbers, Minima& minima) {
  find_minima_of<32>(hashes, size, numbers, minima);
}
[[gnu::target("avx512f")]] inline void find_minima_avx512(const uint64_t* hashes, size_t size,
                                                          const Permutations& numbers,
                                                          Minima& minima) {
  find_minima_of<64>(hashes, size, numbers, minima);
}
#endif

using FindMinima = void (*)(const uint64_t*, size_t, const Permutations&, Minima&);

inline FindMinima choose_find_minima() {
#if defined(__x86_64__) && !defined(MASSIVETEXT_PORTABLE)
  if (__builtin_cpu_supports("avx512f")) return find_minima_avx512;
  if (__builtin_cpu_supports("avx2")) return find_minima_avx2;
#endif
  return find_minima_baseline;
}

inline Minima find_minima(const uint64_t* hashes, size_t size) {
  static const FindMinima find = choose_find_minima();
  Minima minima;
  find(hashes, size, permutations(), minima);
  return minima;
}

}  // namespace massivetext

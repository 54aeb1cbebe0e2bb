// One pass over the bytes of a document: where words begin and end, and where newlines are.
#pragma once

#include "base/buffer.hpp"
#include "base/bytes.hpp"
#include "base/unicode.hpp"

// MASSIVETEXT_PORTABLE leaves out what only x86-64 has, so that its tests see the rest.
#if defined(__SSE2__) && !defined(MASSIVETEXT_PORTABLE)
#define MASSIVETEXT_SSE2
#include <emmintrin.h>
#endif

namespace massivetext {

struct Scan {
  Buffer<uint32_t> edges;     // begin and end of each word, in turn
  Buffer<uint32_t> newlines;  // how many words begin before each newline
  uint32_t words, newline_count;
  int64_t characters, hash_symbols, ellipses;
};

// One bit a byte of a block of 64.
struct Masks {
  uint64_t space, newline, hash, dot, lead, continuation;  // lead: first byte of a longer sequence
};

#if defined(MASSIVETEXT_SSE2)
inline uint64_t equal_bits(__m128i bytes, char value) {
  return uint32_t(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(value))));
}

inline uint64_t range_bits(__m128i bytes, char first, char span) {
  const __m128i shifted = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  const __m128i least = _mm_min_epu8(shifted, _mm_set1_epi8(span));
  return uint32_t(_mm_movemask_epi8(_mm_cmpeq_epi8(least, shifted)));
}

inline Masks find_masks(const uint8_t* block) {
  Masks masks{};
  for (int part = 0; part < 64; part += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + part));
    const uint64_t high = uint32_t(_mm_movemask_epi8(bytes));
    const uint64_t continuation =
        uint32_t(_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(-64))));
    masks.space |= (equal_bits(bytes, ' ') | range_bits(bytes, 9, 4) | range_bits(bytes, 28, 3))
                   << part;
    masks.newline |= equal_bits(bytes, '\n') << part;
    masks.hash |= equal_bits(bytes, '#') << part;
    masks.dot |= equal_bits(bytes, '.') << part;
    masks.lead |= (high & ~continuation) << part;
    masks.continuation |= continuation << part;
  }
  return masks;
}
#else
inline Masks find_masks(const uint8_t* block) {
  Masks masks{};
  for (int place = 0; place < 64; ++place) {
    const uint8_t byte = block[place];
    const uint8_t after_tab = uint8_t(byte - 9), after_fs = uint8_t(byte - 28);
    masks.space |= uint64_t((byte == ' ') | (after_tab <= 4) | (after_fs <= 3)) << place;
    masks.newline |= uint64_t(byte == '\n') << place;
    masks.hash |= uint64_t(byte == '#') << place;
    masks.dot |= uint64_t(byte == '.') << place;
    masks.lead |= uint64_t(byte >= 0xC0) << place;
    masks.continuation |= uint64_t((byte & 0xC0) == 0x80) << place;
  }
  return masks;
}
#endif

class Scanner {
 public:
  Scanner(const Unicode& unicode, Bytes text, Scan& scan)
      : unicode_(unicode), text_(text), scan_(scan) {}

  void run() {
    edges_ = 0, scan_.newline_count = 0;
    scan_.characters = int64_t(text_.size), scan_.hash_symbols = scan_.ellipses = 0;
    for (size_t base = 0; base < text_.size; base += 64) read_block(uint32_t(base));
    if (edges_ & 1) push_edges(1, uint32_t(text_.size));
    scan_.words = edges_ / 2;
  }

 private:
  void read_block(uint32_t base) {
    uint8_t padded[64];
    const uint8_t* block = text_.begin + base;
    if (text_.size - base < 64) {
      std::memset(padded, ' ', 64);
      std::memcpy(padded, block, text_.size - base);
      block = padded;
    }
    Masks masks = find_masks(block);
    masks.space |= spill_;
    spill_ = 0;
    if (masks.lead) read_long_points(masks, base);
    if (masks.continuation) scan_.characters -= __builtin_popcountll(masks.continuation);
    if (masks.hash) scan_.hash_symbols += __builtin_popcountll(masks.hash);
    count_dots(masks.dot);
    const uint64_t edges = masks.space ^ (masks.space << 1 | after_space_);
    after_space_ = masks.space >> 63;
    push_newlines(masks.newline, edges);
    push_edges(edges, base);
  }

  // White space and the ellipsis among the code points of two bytes or more.
  void read_long_points(Masks& masks, uint32_t base) {
    for (uint64_t leads = masks.lead; leads; leads &= leads - 1) {
      const int place = __builtin_ctzll(leads);
      uint32_t length;
      const uint32_t point = decode(text_.begin + base + place, length);
      scan_.ellipses += point == 0x2026;
      if (!unicode_.has(point, kSpace)) continue;
      const uint64_t bits = (uint64_t(1) << length) - 1;
      masks.space |= bits << place;
      if (place + length > 64) spill_ = bits >> (64 - place);
    }
  }

  // Three full stops in a row are an ellipsis; the next one starts a new count.
  void count_dots(uint64_t dots) {
    if (!(dots & (dots << 1 | (dot_run_ > 0)))) {
      dot_run_ = uint32_t(dots >> 63);
      return;
    }
    for (int place = 0; place < 64; ++place) {
      dot_run_ = dots >> place & 1 ? dot_run_ + 1 : 0;
      if (dot_run_ == 3) ++scan_.ellipses, dot_run_ = 0;
    }
  }

  // Edges before a newline are an even number, or odd if the newline itself ends a word.
  void push_newlines(uint64_t bits, uint64_t edges) {
    if (!bits) return;
    scan_.newlines.reserve(scan_.newline_count + 64, scan_.newline_count);
    for (; bits; bits &= bits - 1) {
      const uint64_t before = (bits & -bits) - 1;
      const uint32_t edges_before = edges_ + uint32_t(__builtin_popcountll(edges & before));
      scan_.newlines[scan_.newline_count++] = (edges_before + 1) / 2;
    }
  }

  void push_edges(uint64_t bits, uint32_t base) {
    scan_.edges.reserve(edges_ + 64, edges_);
    uint32_t* out = scan_.edges.data() + edges_;
    for (; bits; bits &= bits - 1) *out++ = base + uint32_t(__builtin_ctzll(bits));
    edges_ = uint32_t(out - scan_.edges.data());
  }

  const Unicode& unicode_;
  const Bytes text_;
  Scan& scan_;
  uint64_t spill_ = 0;        // bytes of a white space that began in the block before
  uint64_t after_space_ = 1;  // whether the byte before the block is white space
  uint32_t edges_ = 0, dot_run_ = 0;
};

}  // namespace massivetext

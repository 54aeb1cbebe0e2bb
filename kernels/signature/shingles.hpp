// The hashes of a document's shingles, as massivetext/dedup/signature.py defines them.
#pragma once

#include "base/nfc.hpp"
#include "text/words.hpp"

namespace massivetext {

constexpr uint64_t kGolden = 0x9E3779B97F4A7C15, kChunk = 0xD6E8FEB86659FD93;
constexpr uint64_t kBase = 0xC2B2AE3D27D4EB4F;

inline uint64_t hash_word(const Bytes& bytes) {
  const auto step = [](uint64_t value, uint64_t chunk) {
    value = (value ^ chunk) * kChunk;
    return value ^ value >> 32;
  };
  uint64_t value = bytes.size * kGolden;
  if (bytes.size == 0) return value;
  Bytes rest = bytes;
  for (; rest.size > 16; rest.begin += 8, rest.size -= 8)
    value = step(value, load_eight(rest.begin));
  const auto [low, high] = load_halves(rest);
  const uint64_t once = step(value, low), twice = step(once, high);
  return rest.size > 8 ? twice : once;
}

// MurmurHash3's 64-bit finaliser.
inline uint64_t mix(uint64_t value) {
  value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD;
  value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53;
  return value ^ value >> 33;
}

struct ShingleScratch {
  Buffer<uint64_t> word_hashes;  // of the different words; 0 for words that vanish, see kept
  Buffer<uint8_t> kept;          // whether anything but punctuation is in a word
  Buffer<uint64_t> sequence;     // hashes of the words that stay, in order
  Buffer<uint64_t> hashes;       // of the shingles, in order
  Buffer<uint8_t> word;          // without punctuation
  uint32_t size;
};

// Hashes words in NFC without punctuation.
class WordHasher {
 public:
  WordHasher(const Unicode& unicode, ShingleScratch& scratch)
      : unicode_(unicode), composer_(unicode), scratch_(scratch) {}

  void hash(const WordReader& reader, const Words& words) {
    scratch_.word_hashes.reserve(words.different_size);
    scratch_.kept.reserve(words.different_size);
    for (uint32_t number = 0; number < words.different_size; ++number) {
      const Word& word = words.different[number];
      const Bytes bytes = normalise(reader.word(word.first), word.flags);
      scratch_.kept[number] = bytes.size > 0;
      scratch_.word_hashes[number] = hash_word(bytes);
    }
  }

 private:
  Bytes normalise(const Bytes& bytes, uint8_t flags) {
    if (!(flags & (kPunctuation | kUnstable))) return bytes;
    const uint8_t* end = flags & kUnstable ? keep_composed(bytes)
                         : flags & kLong   ? keep_points(bytes)
                                           : keep_ascii(bytes);
    const uint8_t* word = scratch_.word.data();
    return {word, size_t(end - word), end + 8};
  }

  uint8_t* start_word(size_t size) {
    scratch_.word.reserve(size + 8);
    return scratch_.word.data();
  }

  uint8_t* keep_ascii(const Bytes& bytes) {
    uint8_t* out = start_word(bytes.size);
    for (size_t place = 0; place < bytes.size; ++place) {
      *out = bytes.begin[place];
      out += !unicode_.has(bytes.begin[place], kPunctuation);
    }
    return out;
  }

  [[gnu::noinline]] uint8_t* keep_points(const Bytes& bytes) {
    uint8_t* out = start_word(bytes.size);
    uint32_t length;
    for (const uint8_t *data = bytes.begin, *end = data + bytes.size; data < end; data += length) {
      const uint32_t point = decode(data, length);
      if (!unicode_.has(point, kPunctuation)) out += encode(point, out);
    }
    return out;
  }

  [[gnu::noinline]] uint8_t* keep_composed(const Bytes& bytes) {
    const std::vector<uint32_t>& points = composer_.compose(bytes.begin, bytes.size);
    uint8_t* out = start_word(4 * points.size());
    for (const uint32_t point : points)
      if (!unicode_.has(point, kPunctuation)) out += encode(point, out);
    return out;
  }

  const Unicode& unicode_;
  Composer composer_;
  ShingleScratch& scratch_;
};

inline uint32_t list_word_hashes(const Words& words, ShingleScratch& scratch) {
  scratch.sequence.reserve(words.size);
  uint32_t size = 0;
  for (uint32_t place = 0; place < words.size; ++place) {
    const uint32_t number = words.numbers[place];
    scratch.sequence[size] = scratch.word_hashes[number];
    size += scratch.kept[number];
  }
  return size;
}

// A shingle's hash is a polynomial of its words' hashes, which rolls from one to the next.
inline void hash_shingles(const Words& words, uint32_t width, ShingleScratch& scratch) {
  const uint32_t size = list_word_hashes(words, scratch);
  const uint64_t* sequence = scratch.sequence.data();
  scratch.hashes.reserve(size);
  scratch.size = 0;
  width = width < size ? width : size;
  uint64_t sum = 0, leaving = 1;
  for (uint32_t place = 0; place < width; ++place) leaving *= kBase;
  for (uint32_t place = 0; place < size; ++place) {
    sum = sum * kBase + sequence[place];
    if (place >= width) sum -= sequence[place - width] * leaving;
    if (place + 1 >= width) scratch.hashes[scratch.size++] = mix(sum);
  }
}

}  // namespace massivetext

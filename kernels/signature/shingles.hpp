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

// What shingles are made of; massivetext/dedup/signature.py has the same.
struct ShingleRules {
  uint32_t width;  // words
  bool splits;     // punctuation and symbols are spaces; else punctuation alone is deleted
  bool folds;      // case does not count
};

struct ShingleScratch {
  Buffer<uint64_t> word_hashes;  // of the different words; of those of several, the first of parts
  Buffer<uint32_t> counts;       // of the words that each of them is
  Buffer<uint64_t> parts;        // hashes of the words of those that are several
  Buffer<uint64_t> sequence;     // hashes of all words, in order
  Buffer<uint64_t> hashes;       // of the shingles, in order
  Buffer<uint8_t> word;          // as it is hashed, where it is not as it stands in the text
  uint32_t size;
};

// Hashes words in NFC. A word between white space may be several, or none.
class WordHasher {
 public:
  WordHasher(const Unicode& unicode, const ShingleRules& rules, ShingleScratch& scratch)
      : unicode_(unicode),
        rules_(rules),
        composer_(unicode),
        scratch_(scratch),
        marks_(rules.splits ? kPunctuation | kSymbol : kPunctuation) {}

  void hash(const WordReader& reader, const Words& words) {
    scratch_.word_hashes.reserve(words.different_size);
    scratch_.counts.reserve(words.different_size);
    const uint8_t changing = kUnstable | marks_;
    for (uint32_t number = 0; number < words.different_size; ++number) {
      const Word& word = words.different[number];
      const Bytes bytes = reader.word(word.first);
      if (word.flags & changing || rules_.folds) {
        hash_parts(bytes, word.flags, number);
      } else {
        scratch_.word_hashes[number] = hash_word(bytes);
        scratch_.counts[number] = 1;
      }
    }
  }

  // The hashes of all words in order, without looking which are equal: the faster way where
  // nothing else is asked of them. Returns their number; they are in `parts`.
  uint32_t hash_in_order(const WordReader& reader, uint32_t words) {
    for (uint32_t place = 0; place < words; ++place) {
      const Bytes bytes = reader.word(place);
      const uint8_t flags = reader.find_flags(bytes);
      if (flags & (kUnstable | marks_) || rules_.folds) {
        add_parts(bytes, flags);
      } else {
        add(bytes);
      }
    }
    return size_;
  }

 private:
  // A word that is one after all is kept as one.
  void hash_parts(const Bytes& bytes, uint8_t flags, uint32_t number) {
    const uint32_t start = size_;
    add_parts(bytes, flags);
    const uint32_t count = size_ - start;
    if (count == 1) size_ = start;
    scratch_.counts[number] = count;
    scratch_.word_hashes[number] = count == 1 ? scratch_.parts[start] : start;
  }

  void add_parts(const Bytes& bytes, uint8_t flags) {
    if (flags & kUnstable) {
      rewrite_composed(bytes);
    } else if (rules_.folds || !rules_.splits) {
      rewrite(bytes);
    } else if (bytes.size <= 16 && !(flags & kLong)) {
      split_short(bytes);
    } else {
      split(bytes);
    }
  }

  void add(const Bytes& bytes) {
    scratch_.parts.reserve(size_t(size_) + 1, size_);
    scratch_.parts[size_++] = hash_word(bytes);
  }

  // The same as `split` for at most 16 bytes of ASCII: only what is no letter or digit is looked
  // at.
  void split_short(const Bytes& bytes) {
    const Halves halves = load_halves(bytes);
    const uint8_t *begin = bytes.begin, *const end = bytes.begin + bytes.size;
    const auto cut = [&](uint64_t half, const uint8_t* base) {
      uint64_t others = kHighBits & ~(find_letters(half) | find_range(half, '0', '9'));
      for (; others; others &= others - 1) {
        const uint8_t* const data = base + (__builtin_ctzll(others) >> 3);
        if (data >= end) return;
        if (!unicode_.has(*data, marks_)) continue;
        if (data > begin) add({begin, size_t(data - begin), bytes.limit});
        begin = data + 1;
      }
    };
    cut(halves.low, bytes.begin);
    if (bytes.size > 8) cut(halves.high, bytes.begin + 8);
    if (end > begin) add({begin, size_t(end - begin), bytes.limit});
  }

  // Hashes what stands between punctuation and symbols, where it stands.
  void split(const Bytes& bytes) {
    const uint8_t *data = bytes.begin, *const end = data + bytes.size, *begin = data;
    for (uint32_t length; data < end; data += length) {
      if (!unicode_.has(decode(data, length), marks_)) continue;
      if (data > begin) add({begin, size_t(data - begin), bytes.limit});
      begin = data + length;
    }
    if (end > begin) add({begin, size_t(end - begin), bytes.limit});
  }

  void start_word(size_t size) {
    scratch_.word.reserve(size + 8);
    out_ = scratch_.word.data();
  }

  void take(uint32_t point) {
    if (!unicode_.has(point, marks_)) {
      out_ += encode(rules_.folds ? unicode_.fold(point) : point, out_);
    } else if (rules_.splits) {
      end_word();
    }
  }

  void end_word() {
    const uint8_t* word = scratch_.word.data();
    if (out_ > word) add({word, size_t(out_ - word), out_ + 8});
    out_ = scratch_.word.data();
  }

  [[gnu::noinline]] void rewrite(const Bytes& bytes) {
    start_word(kLongestFold * bytes.size);
    uint32_t length;
    for (const uint8_t *data = bytes.begin, *end = data + bytes.size; data < end; data += length)
      take(decode(data, length));
    end_word();
  }

  [[gnu::noinline]] void rewrite_composed(const Bytes& bytes) {
    const std::vector<uint32_t>& points = composer_.compose(bytes.begin, bytes.size);
    start_word(4 * points.size());
    for (const uint32_t point : points) take(point);
    end_word();
  }

  static constexpr size_t kLongestFold = 2;  // two bytes may become three

  const Unicode& unicode_;
  const ShingleRules rules_;
  Composer composer_;
  ShingleScratch& scratch_;
  const uint8_t marks_;
  uint8_t* out_ = nullptr;
  uint32_t size_ = 0;
};

inline size_t count_words(const Words& words, const ShingleScratch& scratch) {
  size_t count = 0;
  for (uint32_t number = 0; number < words.different_size; ++number)
    count += size_t(words.different[number].count) * scratch.counts[number];
  return count;
}

inline uint32_t list_word_hashes(const Words& words, ShingleScratch& scratch) {
  scratch.sequence.reserve(count_words(words, scratch) + 1);
  const uint64_t* hashes = scratch.word_hashes.data();
  const uint32_t *counts = scratch.counts.data(), *numbers = words.numbers.data();
  uint64_t* sequence = scratch.sequence.data();
  uint32_t size = 0;
  for (uint32_t place = 0; place < words.size; ++place) {
    const uint32_t number = numbers[place], count = counts[number];
    if (__builtin_expect(count > 1, 0)) {
      const uint64_t* parts = scratch.parts.data() + hashes[number];
      for (uint32_t part = 0; part < count; ++part) sequence[size + part] = parts[part];
    } else {
      sequence[size] = hashes[number];  // a word that vanishes is written over
    }
    size += count;
  }
  return size;
}

// A shingle's hash is a polynomial of its words' hashes, which rolls from one to the next.
inline void hash_shingles(const uint64_t* sequence, uint32_t size, uint32_t width,
                          ShingleScratch& scratch) {
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

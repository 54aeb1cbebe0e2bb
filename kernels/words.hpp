// The different words of a document: each is looked at once, however often it comes.
#pragma once

#include "intern.hpp"
#include "paper.hpp"
#include "scan.hpp"

namespace massivetext {

struct Word {
  uint32_t first, count;  // place of its first copy; copies
  uint32_t characters;
  uint8_t flags;  // of all its code points together, and kLong
  int8_t stop_word;  // its place among the stop words, or -1
};

constexpr uint8_t kLong = 128;  // has a code point outside ASCII

struct Words {
  Buffer<uint32_t> numbers;  // which of the different words stands at each place
  Buffer<uint64_t> keys;
  Buffer<Word> different;
  uint32_t size, different_size;
};

class WordReader {
 public:
  WordReader(const Unicode& unicode, const Paper& paper, Bytes text, const Scan& scan)
      : unicode_(unicode), paper_(paper), text_(text), scan_(scan) {}

  Bytes word(uint32_t place) const {
    const uint32_t begin = scan_.edges[2 * size_t(place)];
    const uint32_t end = scan_.edges[2 * size_t(place) + 1];
    return {text_.begin + begin, end - begin, text_.begin + text_.size};
  }

  // Numbers the words.
  void number(Words& words, Interner& interner) const {
    words.size = scan_.words;
    words.numbers.reserve(words.size), words.keys.reserve(words.size);
    for (uint32_t place = 0; place < words.size; ++place)
      words.keys[place] = find_key(word(place));
    interner.start(words.size);
    words.different_size = 0;
    for (uint32_t place = 0; place < words.size; ++place) {
      if (interner.is_large() && place + kAhead < words.size)
        interner.prefetch(words.keys[place + kAhead], length(place + kAhead));
      add(words, interner, place);
    }
  }

  // Looks at each of the different words.
  void describe(Words& words) const {
    for (uint32_t number = 0; number < words.different_size; ++number) {
      Word& found = words.different[number];
      const Bytes bytes = word(found.first);
      found.flags = find_flags(bytes);
      found.characters = uint32_t(
          found.flags & kLong ? count_points(bytes.begin, bytes.size) : bytes.size);
      found.stop_word = find_stop_word(bytes, found.flags);
    }
  }

 private:
  static constexpr uint32_t kAhead = 12;

  uint32_t length(uint32_t place) const {
    return scan_.edges[2 * size_t(place) + 1] - scan_.edges[2 * size_t(place)];
  }

  void add(Words& words, Interner& interner, uint32_t place) const {
    const Bytes bytes = word(place);
    const auto is_same = [&](uint32_t number) {
      return bytes.size <= 8 ||
             !std::memcmp(word(words.different[number].first).begin, bytes.begin, bytes.size);
    };
    const uint32_t number = interner.add(words.keys[place], uint32_t(bytes.size), is_same);
    words.numbers[place] = number;
    if (number < words.different_size) {
      ++words.different[number].count;
      return;
    }
    words.different.reserve(number + 1, number);
    words.different[number] = {place, 1, 0, 0, -1};
    words.different_size = number + 1;
  }

  uint8_t find_flags(const Bytes& bytes) const {
    uint8_t flags = 0;
    for (const uint8_t *data = bytes.begin, *end = data + bytes.size; data < end;) {
      if (*data < 0x80) {
        flags |= unicode_.properties[*data++];
        continue;
      }
      uint32_t length;
      flags |= unicode_.properties[decode(data, length)] | kLong;
      data += length;
    }
    return flags;
  }

  int8_t find_stop_word(Bytes bytes, uint8_t flags) const {
    if (flags & kPunctuation) bytes = strip_punctuation(bytes);
    if (bytes.size > 8) return -1;
    const uint64_t value = lower(load_few(bytes.begin, bytes.size, bytes.limit));
    int8_t place = 0;
    for (const StopWord& word : paper_.stop_words) {
      if (word.bytes == value && word.size == bytes.size) return place;
      ++place;
    }
    return -1;
  }

  Bytes strip_punctuation(Bytes bytes) const {
    const uint8_t *begin = bytes.begin, *end = begin + bytes.size;
    for (uint32_t length; begin < end; begin += length)
      if (!unicode_.has(decode(begin, length), kPunctuation)) break;
    while (begin < end) {
      const uint8_t* last = end - 1;
      while ((*last & 0xC0) == 0x80) --last;
      uint32_t length;
      if (!unicode_.has(decode(last, length), kPunctuation)) break;
      end = last;
    }
    return {begin, size_t(end - begin), bytes.limit};
  }

  // A to Z in lower case, in each of eight bytes; all else as it is.
  static uint64_t lower(uint64_t value) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    const uint64_t seven = value & 0x7F * kOnes;
    const uint64_t from_a = seven + (0x80 - 'A') * kOnes, above_z = seven + (0x7F - 'Z') * kOnes;
    return value | ((from_a & ~above_z & ~value & 0x80 * kOnes) >> 2);
  }

  const Unicode& unicode_;
  const Paper& paper_;
  const Bytes text_;
  const Scan& scan_;
};

}  // namespace massivetext

// The different words of a document: each is looked at once, however often it comes.
#pragma once

#include "base/intern.hpp"
#include "text/paper.hpp"
#include "text/scan.hpp"

namespace massivetext {

struct Word {
  uint32_t first, count;  // place of its first copy; copies
  uint32_t characters;
  uint8_t flags;     // of all its code points together, and kLong; kPunctuation: it may have some
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
    words.different.reserve(words.size);
    const Seed& seed = Seed::get();
    for (uint32_t place = 0; place < words.size; ++place)
      words.keys[place] = find_key(word(place), seed);
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
      const Halves halves = load_halves(bytes);
      if (bytes.size <= 16 && !((halves.low | halves.high) & kHighBits)) {
        describe_short(bytes, halves, found);
      } else {
        describe_any(bytes, found);
      }
    }
  }

  // Of all code points together, as `Word::flags` has them.
  uint8_t find_flags(const Bytes& bytes) const {
    const Halves halves = load_halves(bytes);
    if (bytes.size > 16 || (halves.low | halves.high) & kHighBits) return find_any_flags(bytes);
    const uint64_t named[] = {find_letters(halves.low) | find_range(halves.low, '0', '9'),
                              find_letters(halves.high) | find_range(halves.high, '0', '9')};
    return count_high_bits(named[0]) + count_high_bits(named[1]) < bytes.size ? kPunctuation : 0;
  }

 private:
  static constexpr uint32_t kAhead = 12;

  uint8_t find_any_flags(const Bytes& bytes) const {
    uint8_t flags = 0;
    uint32_t length;
    for (const uint8_t *data = bytes.begin, *end = data + bytes.size; data < end; data += length)
      flags |= unicode_.properties[decode(data, length)] | (length > 1 ? kLong : 0);
    return flags;
  }

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
    words.different[number] = {place, 1, 0, 0, -1};
    words.different_size = number + 1;
  }

  // At most 16 bytes of ASCII, without a branch that is hard to foresee.
  void describe_short(const Bytes& bytes, const Halves& halves, Word& found) const {
    const uint64_t low = find_letters(halves.low), high = find_letters(halves.high);
    const uint64_t digits = find_range(halves.low, '0', '9'),
                   more = find_range(halves.high, '0', '9');
    const uint32_t letters = count_high_bits(low) + count_high_bits(high);
    const uint32_t others =
        uint32_t(bytes.size) - letters - count_high_bits(digits) - count_high_bits(more);
    found.flags = (letters ? kAlphabetic : 0) | (others ? kPunctuation : 0);
    found.characters = uint32_t(bytes.size);
    // Words of eight letters or fewer whose letters, if they stand together, are a stop word.
    const uint64_t initial = find_initial_letters(halves, low, high);
    const uint64_t mask = ~uint64_t(0) >> ((64 - 8 * letters) & 63);
    const bool may_be =
        letters - 1 < 8 && paper_.stop_words.find(lower(initial & mask), letters) >= 0;
    found.stop_word = may_be ? find_stop_word(strip_punctuation(bytes)) : int8_t(-1);
  }

  // Eight bytes from the first letter on.
  static uint64_t find_initial_letters(const Halves& halves, uint64_t low, uint64_t high) {
    if (!low) return high ? halves.high >> (__builtin_ctzll(high) - 7) : 0;
    const int shift = __builtin_ctzll(low) - 7;
    return halves.low >> shift | halves.high << 1 << (63 - shift);
  }

  void describe_any(const Bytes& bytes, Word& found) const {
    uint8_t flags = 0;
    uint32_t length, letters = 0, characters = 0;
    for (const uint8_t *data = bytes.begin, *end = data + bytes.size; data < end; data += length) {
      const uint8_t own = unicode_.properties[decode(data, length)];
      flags |= own | (length > 1 ? kLong : 0);
      letters += (own & kAlphabetic) != 0;
      ++characters;
    }
    found.flags = flags, found.characters = characters;
    const bool may_be = letters && letters <= 8;
    found.stop_word = may_be ? find_stop_word(strip_punctuation(bytes)) : int8_t(-1);
  }

  int8_t find_stop_word(const Bytes& bytes) const {
    if (!bytes.size || bytes.size > 8) return -1;
    const uint64_t value = lower(load_few(bytes.begin, bytes.size, bytes.limit));
    return paper_.stop_words.find(value, bytes.size);
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
    return value | (find_letters(value & ~kHighBits) & ~value) >> 2;
  }

  const Unicode& unicode_;
  const Paper& paper_;
  const Bytes text_;
  const Scan& scan_;
};

}  // namespace massivetext

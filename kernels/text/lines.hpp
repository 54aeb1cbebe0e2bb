// Lines and paragraphs: how they start and end (filters/rules/quality.py), and their copies
// (filters/rules/repetition.py).
#pragma once

#include "text/measures.hpp"
#include "text/words.hpp"

namespace massivetext {

// A line or paragraph, stripped: from the first word's begin to the last word's end.
struct Unit {
  uint32_t begin, end, characters;
};

struct Units {
  Buffer<Unit> all;
  uint32_t size;

  void add(const Unit& unit) {
    all.reserve(size_t(size) + 1, size);
    all[size++] = unit;
  }
};

// Finds the copies among units.
class CopyCounter {
 public:
  CopyCounter(Bytes text, Interner& interner, Buffer<uint64_t>& keys, Buffer<uint32_t>& firsts)
      : text_(text), interner_(interner), keys_(keys), firsts_(firsts) {}

  Copies count(const Units& units) {
    const Seed& seed = Seed::get();
    keys_.reserve(units.size), firsts_.reserve(units.size);
    for (uint32_t place = 0; place < units.size; ++place)
      keys_[place] = find_key(bytes(units.all[place]), seed);
    interner_.start(units.size);
    Copies copies{};
    for (uint32_t place = 0; place < units.size; ++place) {
      if (interner_.is_large() && place + kAhead < units.size)
        interner_.prefetch(keys_[place + kAhead], size(units.all[place + kAhead]));
      add(units, place, copies);
    }
    return copies;
  }

 private:
  static constexpr uint32_t kAhead = 12;
  static constexpr uint32_t kSeenAgain = uint32_t(1) << 31;  // texts are shorter than that

  static uint32_t size(const Unit& unit) { return unit.end - unit.begin; }

  Bytes bytes(const Unit& unit) const {
    return {text_.begin + unit.begin, size(unit), text_.limit};
  }

  void add(const Units& units, uint32_t place, Copies& copies) {
    const Bytes own = bytes(units.all[place]);
    const auto is_same = [&](uint32_t number) {
      const Unit& first = units.all[firsts_[number] & ~kSeenAgain];
      return own.size <= 8 || !std::memcmp(text_.begin + first.begin, own.begin, own.size);
    };
    const uint32_t next = interner_.size();
    const uint32_t number = interner_.add(keys_[place], uint32_t(own.size), is_same);
    if (number == next) {
      firsts_[number] = place;
      return;
    }
    // The first copy joins the repeated ones together with the second.
    const int64_t characters = units.all[place].characters;
    const int repeated = firsts_[number] & kSeenAgain ? 1 : 2;
    firsts_[number] |= kSeenAgain;
    copies.duplicate_units += 1, copies.duplicate_characters += characters;
    copies.repeated_units += repeated, copies.repeated_characters += repeated * characters;
  }

  const Bytes text_;
  Interner& interner_;
  Buffer<uint64_t>& keys_;
  Buffer<uint32_t>& firsts_;
};

class LineReader {
 public:
  LineReader(const Unicode& unicode, Bytes text, const Scan& scan)
      : unicode_(unicode), text_(text), scan_(scan) {}

  void read(Units& lines, Units& paragraphs) const {
    lines.size = paragraphs.size = 0;
    uint32_t line = 0, paragraph = 0;  // first words
    for (uint32_t newline = 0; newline <= scan_.newline_count; ++newline) {
      const bool at_end = newline == scan_.newline_count;
      const uint32_t next = at_end ? scan_.words : scan_.newlines[newline];
      const bool is_blank = next == line;
      if (!is_blank) lines.add(unit(line, next));
      line = next;
      if ((is_blank || at_end) && next > paragraph) {
        paragraphs.add(unit(paragraph, next));
        paragraph = next;
      }
    }
  }

  bool starts_with_bullet(const Unit& line) const {
    uint32_t length;
    return unicode_.has(decode(text_.begin + line.begin, length), kBullet);
  }

  bool ends_with_ellipsis(const Unit& line) const {
    if (line.end - line.begin < 3) return false;
    const uint8_t* last = text_.begin + line.end - 3;
    return !std::memcmp(last, "...", 3) || !std::memcmp(last, "\xE2\x80\xA6", 3);
  }

 private:
  // The text from the word `first` to the one before `next`.
  Unit unit(uint32_t first, uint32_t next) const {
    const uint32_t begin = scan_.edges[2 * size_t(first)], end = scan_.edges[2 * size_t(next) - 1];
    const bool is_ascii = scan_.characters == int64_t(text_.size);
    return {begin, end, is_ascii ? end - begin : count_points(text_.begin + begin, end - begin)};
  }

  const Unicode& unicode_;
  const Bytes text_;
  const Scan& scan_;
};

struct LineScratch {
  Units lines, paragraphs;
  Interner interner;
  Buffer<uint64_t> keys;
  Buffer<uint32_t> firsts;
};

inline void measure_lines(const LineReader& reader, Bytes text, LineScratch& scratch,
                          Measures& measures) {
  reader.read(scratch.lines, scratch.paragraphs);
  measures.lines = scratch.lines.size, measures.paragraphs = scratch.paragraphs.size;
  for (uint32_t place = 0; place < scratch.lines.size; ++place) {
    const Unit& line = scratch.lines.all[place];
    measures.line_characters += line.characters;
    measures.bullet_lines += reader.starts_with_bullet(line);
    measures.ellipsis_lines += reader.ends_with_ellipsis(line);
  }
  for (uint32_t place = 0; place < scratch.paragraphs.size; ++place)
    measures.paragraph_characters += scratch.paragraphs.all[place].characters;
  CopyCounter counter(text, scratch.interner, scratch.keys, scratch.firsts);
  measures.line_copies = counter.count(scratch.lines);
  measures.paragraph_copies = counter.count(scratch.paragraphs);
}

}  // namespace massivetext

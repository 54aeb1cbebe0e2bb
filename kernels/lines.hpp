// Lines and paragraphs: how they start and end (filters/quality.py), and their copies
// (filters/repetition.py).
#pragma once

#include "measures.hpp"
#include "words.hpp"

namespace massivetext {

// A line or paragraph, stripped: from the first word's begin to the last word's end.
struct Unit {
  uint32_t begin, end, characters;
};

// Numbers units and counts those that came before.
class CopyCounter {
 public:
  // `interner` has been started.
  CopyCounter(Bytes text, Interner& interner, Buffer<Unit>& units, Copies& copies)
      : text_(text), interner_(interner), units_(units), copies_(copies) {}

  void add(const Unit& unit) {
    const uint32_t size = unit.end - unit.begin;
    const auto is_same = [&](uint32_t number) {
      return size <= 8 ||
             !std::memcmp(text_.begin + units_[number].begin, text_.begin + unit.begin, size);
    };
    const uint32_t next = interner_.size();
    const Bytes bytes{text_.begin + unit.begin, size, text_.begin + text_.size};
    const uint32_t number = interner_.add(find_key(bytes, Seed::get()), size, is_same);
    if (number == next) {
      units_.reserve(number + 1, number);
      units_[number] = unit;
    } else {
      count(units_[number], unit.characters);
    }
  }

 private:
  // The first copy of a unit joins the repeated ones with the second; then it is marked.
  void count(Unit& first, uint32_t characters) {
    const int copies = first.end ? 2 : 1;
    first.end = 0;
    copies_.duplicate_units += 1, copies_.duplicate_characters += characters;
    copies_.repeated_units += copies;
    copies_.repeated_characters += int64_t(copies) * characters;
  }

  const Bytes text_;
  Interner& interner_;
  Buffer<Unit>& units_;
  Copies& copies_;
};

class LineReader {
 public:
  LineReader(const Unicode& unicode, Bytes text, const Scan& scan)
      : unicode_(unicode), text_(text), scan_(scan) {}

  // Calls `on_line` and `on_paragraph` with each of theirs, in order.
  template <class OnLine, class OnParagraph>
  void read(OnLine on_line, OnParagraph on_paragraph) const {
    uint32_t line = 0, paragraph = 0;  // first words
    for (uint32_t newline = 0; newline <= scan_.newline_count; ++newline) {
      const bool at_end = newline == scan_.newline_count;
      const uint32_t next = at_end ? scan_.words : scan_.newlines[newline];
      const bool is_blank = next == line;
      if (!is_blank) on_line(unit(line, next));
      line = next;
      if ((is_blank || at_end) && next > paragraph) {
        on_paragraph(unit(paragraph, next));
        paragraph = next;
      }
    }
  }

  size_t most_lines() const { return size_t(scan_.newline_count) + 1; }

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
  Interner lines, paragraphs;
  Buffer<Unit> line_units, paragraph_units;
};

inline void measure_lines(const LineReader& reader, Bytes text, LineScratch& scratch,
                          Measures& measures) {
  scratch.lines.start(reader.most_lines()), scratch.paragraphs.start(reader.most_lines() / 2 + 1);
  CopyCounter lines(text, scratch.lines, scratch.line_units, measures.line_copies);
  CopyCounter paragraphs(text, scratch.paragraphs, scratch.paragraph_units,
                         measures.paragraph_copies);
  const auto on_line = [&](const Unit& line) {
    ++measures.lines, measures.line_characters += line.characters;
    measures.bullet_lines += reader.starts_with_bullet(line);
    measures.ellipsis_lines += reader.ends_with_ellipsis(line);
    lines.add(line);
  };
  const auto on_paragraph = [&](const Unit& paragraph) {
    ++measures.paragraphs, measures.paragraph_characters += paragraph.characters;
    paragraphs.add(paragraph);
  };
  reader.read(on_line, on_paragraph);
}

}  // namespace massivetext

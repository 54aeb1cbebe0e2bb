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
    const uint32_t number = interner_.add(find_key(bytes), size, is_same);
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
  LineReader(const Unicode& unicode, Bytes text, const Scan& scan, const Words& words)
      : unicode_(unicode), text_(text), scan_(scan), words_(words) {}

  // Calls `line` and `paragraph` with each of theirs, in order.
  template <class OnLine, class OnParagraph>
  void read(OnLine on_line, OnParagraph on_paragraph) const {
    if (!scan_.words) return;
    const uint32_t* edges = scan_.edges.data();
    Unit line{edges[0], edges[1], characters(0)}, paragraph = line;
    uint32_t newline = skip_newlines(0, edges[0]);
    for (uint32_t place = 1; place < scan_.words; ++place) {
      const uint32_t begin = edges[2 * size_t(place)], end = edges[2 * size_t(place) + 1];
      const uint32_t gap = count_gap(paragraph.end, begin), own = characters(place);
      const uint32_t next = skip_newlines(newline, begin), newlines = next - newline;
      newline = next;
      if (newlines) on_line(line);
      line = newlines ? Unit{begin, end, own} : Unit{line.begin, end, line.characters + gap + own};
      if (newlines > 1) on_paragraph(paragraph);
      paragraph = newlines > 1 ? Unit{begin, end, own}
                               : Unit{paragraph.begin, end, paragraph.characters + gap + own};
    }
    on_line(line), on_paragraph(paragraph);
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
  uint32_t characters(uint32_t place) const {
    return words_.different[words_.numbers[place]].characters;
  }

  uint32_t count_gap(uint32_t from, uint32_t to) const {
    return to - from == 1 ? 1 : count_points(text_.begin + from, to - from);
  }

  uint32_t skip_newlines(uint32_t newline, uint32_t before) const {
    while (newline < scan_.newline_count && scan_.newlines[newline] < before) ++newline;
    return newline;
  }

  const Unicode& unicode_;
  const Bytes text_;
  const Scan& scan_;
  const Words& words_;
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

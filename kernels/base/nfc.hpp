// Canonical composition (NFC) of one word, as massivetext/text/nfc.py defines it.
#pragma once

#include <algorithm>

#include "base/unicode.hpp"

namespace massivetext {

class Composer {
 public:
  explicit Composer(const Unicode& unicode) : unicode_(unicode) {}

  // The code points of `data`, which is valid UTF-8, composed.
  const std::vector<uint32_t>& compose(const uint8_t* data, size_t size) {
    composed_.clear();
    for (const uint8_t* end = data + size; data < end;) {
      const size_t marks = count_marks(data, end);
      data = marks > kMaxMarks ? copy_marks(data, marks) : read_piece(data, end);
    }
    return composed_;
  }

 private:
  static constexpr size_t kMaxMarks = 30;
  static constexpr uint32_t kLead = 0x1100, kLeads = 19, kVowel = 0x1161, kVowels = 21;
  static constexpr uint32_t kTail = 0x11A7, kTails = 28, kSyllable = 0xAC00;
  static constexpr int kNone = -1;

  uint8_t combining_class(uint32_t point) const { return unicode_.combining_classes[point]; }

  const Decomposition* find_decomposition(uint32_t point) const {
    const auto& rows = unicode_.decompositions;
    const auto row =
        std::lower_bound(rows.begin(), rows.end(), point,
                         [](const Decomposition& a, uint32_t from) { return a.from < from; });
    return row != rows.end() && row->from == point ? &*row : nullptr;
  }

  // Whether a code point decomposes into nothing but marks.
  bool is_mark(uint32_t point) const {
    if (combining_class(point)) return true;
    if (!unicode_.has(point, kUnstable)) return false;
    const Decomposition* row = find_decomposition(point);
    return row && combining_class(row->to[0]);
  }

  size_t count_marks(const uint8_t* data, const uint8_t* end) const {
    size_t marks = 0;
    for (uint32_t length; data < end && is_mark(decode(data, length)); data += length) ++marks;
    return marks;
  }

  // A run of more marks than text has stays as it is.
  const uint8_t* copy_marks(const uint8_t* data, size_t marks) {
    for (uint32_t length; marks; --marks, data += length) composed_.push_back(decode(data, length));
    return data;
  }

  // Composes up to the next run of too many marks.
  const uint8_t* read_piece(const uint8_t* data, const uint8_t* end) {
    const uint8_t* stop = data;
    size_t marks = 0;
    for (uint32_t length; stop < end; stop += length) {
      marks = is_mark(decode(stop, length)) ? marks + 1 : 0;
      if (marks > kMaxMarks) break;
    }
    if (stop < end) stop = step_back(stop, kMaxMarks);
    decompose(data, stop);
    compose_piece();
    return stop;
  }

  static const uint8_t* step_back(const uint8_t* data, size_t points) {
    for (; points; --points) do
        --data;
      while ((*data & 0xC0) == 0x80);
    return data;
  }

  void decompose(const uint8_t* data, const uint8_t* stop) {
    piece_.clear();
    for (uint32_t length; data < stop; data += length) {
      const uint32_t point = decode(data, length);
      const Decomposition* row = find_decomposition(point);
      if (!row) {
        push_ordered(point);
        continue;
      }
      for (const uint32_t part : row->to)
        if (part) push_ordered(part);
    }
  }

  // Marks are sorted by their class, those of one class stay in order.
  void push_ordered(uint32_t point) {
    const uint8_t own = combining_class(point);
    size_t place = piece_.size();
    piece_.push_back(point);
    if (!own) return;
    for (; place && combining_class(piece_[place - 1]) > own; --place)
      piece_[place] = piece_[place - 1];
    piece_[place] = point;
  }

  void compose_piece() {
    size_t starter = 0;
    bool has_starter = false;
    int before = kNone;  // class of what stands between the starter and the next code point
    for (const uint32_t point : piece_) {
      const int own = combining_class(point);
      if (has_starter && before < own) {
        const uint32_t pair = join(composed_[starter], point);
        if (pair) {
          composed_[starter] = pair;
          continue;
        }
      }
      before = own ? own : kNone;
      if (!own) starter = composed_.size(), has_starter = true;
      composed_.push_back(point);
    }
  }

  // What two code points compose into, or 0.
  uint32_t join(uint32_t first, uint32_t second) const {
    if (first - kLead < kLeads && second - kVowel < kVowels)
      return kSyllable + ((first - kLead) * kVowels + (second - kVowel)) * kTails;
    if (first - kSyllable < kLeads * kVowels * kTails && (first - kSyllable) % kTails == 0 &&
        second - kTail - 1 < kTails - 1)
      return first + (second - kTail);
    const auto& rows = unicode_.compositions;
    const auto row =
        std::lower_bound(rows.begin(), rows.end(), Composition{first, second, 0},
                         [](const Composition& a, const Composition& b) {
                           return a.first != b.first ? a.first < b.first : a.second < b.second;
                         });
    return row != rows.end() && row->first == first && row->second == second ? row->to : 0;
  }

  const Unicode& unicode_;
  std::vector<uint32_t> piece_, composed_;
};

}  // namespace massivetext

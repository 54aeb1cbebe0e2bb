// Byte-pair encoding of one word, as SentencePiece does it: the best-scored pair of neighbours that
// is a piece is merged first, of equal ones the leftmost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "normalise.hpp"

namespace massivetext::bpe {

inline uint64_t load64(const uint8_t* data) {
  uint64_t value;
  std::memcpy(&value, data, 8);
  return value;
}

inline uint64_t mix(uint64_t a, uint64_t b) {
  const uint64_t x = (a ^ b) * 0x9E3779B97F4A7C15u;
  return x ^ x >> 32;
}

// The pieces that text can become, found by their bytes; spaces are plain spaces.
class Pieces {
 public:
  static constexpr uint32_t kNone = ~0u;

  void add(const std::string& piece, uint32_t id, float score) {
    if (piece.empty() || piece.size() > 0xFFFF || id > 0xFFFF)
      throw std::invalid_argument("a piece is empty or too long, or there are too many");
    entries_.push_back({uint32_t(bytes_.size()), uint16_t(piece.size()), uint16_t(id), score});
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    longest_ = std::max(longest_, piece.size());
    for (size_t i = 1; i < piece.size(); ++i) meet_[pair(uint8_t(piece[i - 1]), uint8_t(piece[i]))] = 1;
  }

  // Makes the table; call it once, after the last add().
  void index() {
    size_t size = 1024;
    while (size < 4 * entries_.size()) size *= 2;
    slots_.assign(size, kNone);
    for (uint32_t entry = 0; entry < entries_.size(); ++entry) {
      size_t slot = hash(bytes_.data() + entries_[entry].begin, entries_[entry].size);
      while (slots_[slot] != kNone) slot = (slot + 1) & (size - 1);
      slots_[slot] = entry;
    }
  }

  // Returns the place of a piece among entries, or kNone.
  uint32_t find(const uint8_t* data, size_t size) const {
    if (size > longest_) return kNone;
    for (size_t slot = hash(data, size);; slot = (slot + 1) & (slots_.size() - 1)) {
      const uint32_t entry = slots_[slot];
      if (entry == kNone) return kNone;
      const Entry& found = entries_[entry];
      if (found.size == size && std::memcmp(bytes_.data() + found.begin, data, size) == 0)
        return entry;
    }
  }

  // Whether any piece has these two bytes side by side. No merge crosses where none has.
  bool meet(uint8_t left, uint8_t right) const { return meet_[pair(left, right)]; }

  uint16_t id(uint32_t entry) const { return entries_[entry].id; }
  float score(uint32_t entry) const { return entries_[entry].score; }

 private:
  struct Entry {
    uint32_t begin;
    uint16_t size, id;
    float score;
  };

  static size_t pair(uint8_t left, uint8_t right) { return size_t(left) << 8 | right; }

  size_t hash(const uint8_t* data, size_t size) const {
    uint64_t h = size, last = 0;
    for (; size >= 8; data += 8, size -= 8) h = mix(h, load64(data));
    std::memcpy(&last, data, size);
    return mix(h, last) & (slots_.size() - 1);
  }

  Bytes bytes_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;
  std::vector<uint8_t> meet_ = std::vector<uint8_t>(1 << 16);
  size_t longest_ = 0;
};

class Merger {
 public:
  // `byte_ids` has the id of each of the 256 bytes, for characters that are no piece.
  Merger(Pieces pieces, std::vector<uint16_t> byte_ids)
      : pieces_(std::move(pieces)), byte_ids_(std::move(byte_ids)) {
    if (byte_ids_.size() != 256) throw std::invalid_argument("there must be 256 byte pieces");
  }

  const Pieces& pieces() const { return pieces_; }

  // Appends the ids of a normalised word.
  void append(const uint8_t* word, size_t size, std::vector<uint16_t>& ids) {
    split(word, size);
    for (size_t i = 1; i < symbols_.size(); ++i) propose(word, int32_t(i - 1), int32_t(i));
    while (!agenda_.empty()) {
      std::pop_heap(agenda_.begin(), agenda_.end());
      const Pair best = agenda_.back();
      agenda_.pop_back();
      merge(word, best);
    }
    for (int32_t i = 0; i >= 0; i = symbols_[size_t(i)].next) emit(word, symbols_[size_t(i)], ids);
    if (symbols_.capacity() > kKept) symbols_.shrink_to_fit();
    if (agenda_.capacity() > kKept) agenda_.shrink_to_fit();
  }

 private:
  static constexpr size_t kKept = 1 << 16;  // more working space than this is given back

  struct Symbol {
    uint32_t begin, size;  // size 0: merged into the symbol before it
    int32_t previous, next;
    uint32_t entry;  // of a merged symbol
  };

  struct Pair {
    float score;
    int32_t left, right;
    uint32_t size, entry;  // of both together
    bool operator<(const Pair& other) const {
      return score < other.score || (score == other.score && left > other.left);
    }
  };

  void split(const uint8_t* word, size_t size) {
    symbols_.clear();
    for (size_t at = 0; at < size;) {
      const size_t length = std::min(character_length(word[at]), size - at);
      const auto index = int32_t(symbols_.size());
      at += length;
      symbols_.push_back({uint32_t(at - length), uint32_t(length), index - 1,
                          at < size ? index + 1 : -1, Pieces::kNone});
    }
  }

  void propose(const uint8_t* word, int32_t left, int32_t right) {
    if (left < 0 || right < 0) return;
    const Symbol &a = symbols_[size_t(left)], &b = symbols_[size_t(right)];
    if (!pieces_.meet(word[b.begin - 1], word[b.begin])) return;
    const uint32_t size = a.size + b.size, entry = pieces_.find(word + a.begin, size);
    if (entry == Pieces::kNone) return;
    agenda_.push_back({pieces_.score(entry), left, right, size, entry});
    std::push_heap(agenda_.begin(), agenda_.end());
  }

  void merge(const uint8_t* word, const Pair& pair) {
    Symbol &left = symbols_[size_t(pair.left)], &right = symbols_[size_t(pair.right)];
    if (!left.size || !right.size || left.size + right.size != pair.size) return;  // out of date
    left.size = pair.size;
    left.entry = pair.entry;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbols_[size_t(left.next)].previous = pair.left;
    propose(word, left.previous, pair.left);
    propose(word, pair.left, left.next);
  }

  void emit(const uint8_t* word, const Symbol& symbol, std::vector<uint16_t>& ids) const {
    const uint8_t* data = word + symbol.begin;
    const uint32_t entry =
        symbol.entry == Pieces::kNone ? pieces_.find(data, symbol.size) : symbol.entry;
    if (entry != Pieces::kNone) return ids.push_back(pieces_.id(entry));
    for (uint32_t i = 0; i < symbol.size; ++i) ids.push_back(byte_ids_[data[i]]);
  }

  Pieces pieces_;
  std::vector<uint16_t> byte_ids_;
  std::vector<Symbol> symbols_;
  std::vector<Pair> agenda_;
};

}  // namespace massivetext::bpe

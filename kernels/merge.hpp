// Byte-pair encoding of one word, as SentencePiece does it: the best-scored pair of neighbours that
// is a piece is merged first, of equal ones the leftmost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "pieces.hpp"

namespace massivetext::bpe {

// Ids that are being appended.
class Ids {
 public:
  const uint16_t* data() const { return data_.get(); }
  size_t size() const { return size_; }

  // Returns where `room` more ids may be written; see advance().
  uint16_t* end(size_t room) {
    if (size_ + room > capacity_) grow(size_ + room);
    return data_.get() + size_;
  }
  void advance(size_t count) { size_ += count; }
  void push_back(uint16_t id) {
    *end(1) = id;
    advance(1);
  }

 private:
  void grow(size_t least) {
    capacity_ = std::max(2 * capacity_, least);
    std::unique_ptr<uint16_t[]> larger(new uint16_t[capacity_]);
    std::copy(data_.get(), data_.get() + size_, larger.get());
    data_ = std::move(larger);
  }

  size_t size_ = 0, capacity_ = 0;
  std::unique_ptr<uint16_t[]> data_;
};

class Merger {
 public:
  explicit Merger(Pieces pieces) : pieces_(std::move(pieces)) {}

  const Pieces& pieces() const { return pieces_; }

  // Appends the ids of a normalised word.
  void append(const uint8_t* word, size_t size, Ids& ids) {
    word_.assign(word, word + size);
    word_.resize(size + kPadding);
    split(size);
    for (size_t i = 1; i < symbols_.size(); ++i) propose(int32_t(i - 1), int32_t(i));
    while (!agenda_.empty()) {
      std::pop_heap(agenda_.begin(), agenda_.end());
      const Pair best = agenda_.back();
      agenda_.pop_back();
      merge(best);
    }
    for (int32_t i = 0; i >= 0; i = symbols_[size_t(i)].next) emit(symbols_[size_t(i)], ids);
    if (size > kKept) shrink();
  }

 private:
  static constexpr size_t kKept = 1 << 16;  // after longer words the working space is given back

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

  void shrink() {
    ByteVector().swap(word_);
    std::vector<Symbol>().swap(symbols_);
    std::vector<Pair>().swap(agenda_);
  }

  void split(size_t size) {
    symbols_.clear();
    for (size_t at = 0; at < size;) {
      const size_t length = std::min(character_length(word_[at]), size - at);
      const auto index = int32_t(symbols_.size());
      at += length;
      symbols_.push_back({uint32_t(at - length), uint32_t(length), index - 1,
                          at < size ? index + 1 : -1, Pieces::kNone});
    }
  }

  void propose(int32_t left, int32_t right) {
    if (left < 0 || right < 0) return;
    const Symbol &a = symbols_[size_t(left)], &b = symbols_[size_t(right)];
    const uint32_t size = a.size + b.size, entry = find(a.begin, size);
    if (entry == Pieces::kNone) return;
    agenda_.push_back({pieces_.score(entry), left, right, size, entry});
    std::push_heap(agenda_.begin(), agenda_.end());
  }

  uint32_t find(uint32_t begin, uint32_t size) const {
    const uint8_t* data = word_.data() + begin;
    return size == 2 && (data[0] | data[1]) < 0x80 ? pieces_.find_two(data[0], data[1])
                                                   : pieces_.find(data, size);
  }

  void merge(const Pair& pair) {
    Symbol &left = symbols_[size_t(pair.left)], &right = symbols_[size_t(pair.right)];
    if (!left.size || !right.size || left.size + right.size != pair.size) return;  // out of date
    left.size = pair.size;
    left.entry = pair.entry;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbols_[size_t(left.next)].previous = pair.left;
    propose(left.previous, pair.left);
    propose(pair.left, left.next);
  }

  void emit(const Symbol& symbol, Ids& ids) const {
    const uint8_t* data = word_.data() + symbol.begin;
    if (symbol.size == 1) return ids.push_back(pieces_.single_id(data[0]));
    const uint32_t entry =
        symbol.entry == Pieces::kNone ? pieces_.find(data, symbol.size) : symbol.entry;
    if (entry != Pieces::kNone) return ids.push_back(pieces_.id(entry));
    for (uint32_t i = 0; i < symbol.size; ++i) ids.push_back(pieces_.byte_id(data[i]));
  }

  Pieces pieces_;
  ByteVector word_;  // padded
  std::vector<Symbol> symbols_;
  std::vector<Pair> agenda_;
};

}  // namespace massivetext::bpe

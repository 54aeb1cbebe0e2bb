// Byte-pair encoding of one word, as SentencePiece does it: the best-scored pair of neighbors that
// is a piece is merged first, of equal ones the leftmost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "encode/pieces.hpp"

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

  // Appends the ids of a normalized word.
  void append(const uint8_t* word, size_t size, Ids& ids) {
    word_.assign(word, word + size);
    word_.resize(size + kPadding);
    if (size <= kShort) return append_short(size, ids);
    split(size);
    for (size_t i = 1; i < symbols_.size(); ++i) propose(int32_t(i - 1), int32_t(i));
    while (!agenda_.empty()) {
      std::pop_heap(agenda_.begin(), agenda_.end());
      const Pair best = agenda_.back();
      agenda_.pop_back();
      merge(best);
    }
    for (int32_t i = 0; i >= 0; i = symbols_[size_t(i)].next)
      emit(symbols_[size_t(i)].begin, symbols_[size_t(i)].size, ids);
    if (size > kKept) shrink();
  }

 private:
  static constexpr size_t kKept = 1 << 16;  // after longer words the working space is given back
  static constexpr size_t kShort = 32;

  struct Symbol {
    uint32_t begin, size;  // size 0: merged into the symbol before it
    int32_t previous, next;
  };

  struct Pair {
    float score;
    int32_t left, right;
    uint32_t size;  // of both together
    bool operator<(const Pair& other) const {
      return score < other.score || (score == other.score && left > other.left);
    }
  };

  // The same for a short word, where looking at all pairs is faster than keeping them sorted.
  void append_short(size_t size, Ids& ids) {
    uint8_t begins[kShort + 1];  // of the symbols, and the word's end
    float scores[kShort];        // of each symbol with the next
    size_t count = 0;
    for (size_t at = 0; at < size; at += character_length(word_[at])) begins[count++] = uint8_t(at);
    begins[count] = uint8_t(size);
    for (size_t i = 0; i + 1 < count; ++i) scores[i] = score(begins[i], begins[i + 2]);
    while (count > 1) {
      const size_t best = size_t(std::max_element(scores, scores + count - 1) - scores);
      if (scores[best] == kNever) break;
      --count;
      std::copy(begins + best + 2, begins + count + 2, begins + best + 1);
      std::copy(scores + best + 1, scores + count, scores + best);
      if (best > 0) scores[best - 1] = score(begins[best - 1], begins[best + 1]);
      if (best + 1 < count) scores[best] = score(begins[best], begins[best + 2]);
    }
    for (size_t i = 0; i < count; ++i) emit(begins[i], begins[i + 1] - begins[i], ids);
  }

  // Returns the score of what lies in [begin, end) of the word, kNever where it is no piece.
  float score(size_t begin, size_t end) const {
    const Pieces::Piece* piece = pieces_.find(word_.data() + begin, end - begin);
    return piece ? piece->score : kNever;
  }

  static constexpr float kNever = -std::numeric_limits<float>::infinity();

  void shrink() {
    ByteVector().swap(word_);
    std::vector<Symbol>().swap(symbols_);
    std::vector<Pair>().swap(agenda_);
  }

  void split(size_t size) {
    symbols_.clear(), agenda_.clear();
    for (size_t at = 0; at < size;) {
      const size_t length = std::min(character_length(word_[at]), size - at);
      const auto index = int32_t(symbols_.size());
      at += length;
      symbols_.push_back(
          {uint32_t(at - length), uint32_t(length), index - 1, at < size ? index + 1 : -1});
    }
  }

  void propose(int32_t left, int32_t right) {
    if (left < 0 || right < 0) return;
    const Symbol &a = symbols_[size_t(left)], &b = symbols_[size_t(right)];
    const float found = score(a.begin, a.begin + a.size + b.size);
    if (found == kNever) return;
    agenda_.push_back({found, left, right, a.size + b.size});
    std::push_heap(agenda_.begin(), agenda_.end());
  }

  void merge(const Pair& pair) {
    Symbol &left = symbols_[size_t(pair.left)], &right = symbols_[size_t(pair.right)];
    if (!left.size || !right.size || left.size + right.size != pair.size) return;  // out of date
    left.size = pair.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbols_[size_t(left.next)].previous = pair.left;
    propose(left.previous, pair.left);
    propose(pair.left, left.next);
  }

  void emit(size_t begin, size_t size, Ids& ids) const {
    const uint8_t* data = word_.data() + begin;
    if (size == 1) return ids.push_back(pieces_.single_id(*data));
    if (const Pieces::Piece* piece = pieces_.find(data, size)) return ids.push_back(piece->id);
    for (size_t i = 0; i < size; ++i) ids.push_back(pieces_.byte_id(data[i]));
  }

  Pieces pieces_;
  ByteVector word_;  // padded
  std::vector<Symbol> symbols_;
  std::vector<Pair> agenda_;
};

}  // namespace massivetext::bpe

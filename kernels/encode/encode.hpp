// Encodes text to the ids of SentencePiece's byte-pair encoding, word by word, from memory.
//
// A word is a run of bytes of which each two neighbors are neighbors in some piece: pieces have a
// space only at their beginning, and none joins letters with punctuation, so words are short. No
// merge crosses from one word into the next, so a word's ids do not depend on what stands around
// it, and they are remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "encode/merge.hpp"
#include "encode/normalize.hpp"
#include "encode/word_cache.hpp"

namespace massivetext::bpe {

class Encoder {
 public:
  // `collapse`: join runs of spaces and drop them at both ends.
  Encoder(Merger merger, Normalizer normalizer, bool collapse)
      : merger_(std::move(merger)), normalizer_(std::move(normalizer)), collapse_(collapse) {}

  // Returns the ids of valid UTF-8. One text at a time: callers in other threads wait.
  Ids encode(const uint8_t* text, size_t size) {
    const std::lock_guard<std::mutex> guard(lock_);
    ids_ = Ids();  // memory ran out in the text before, perhaps
    ids_.end(size / 3 + 64);
    if (collapse_) {
      collapse(text, size);
      words(buffer_.data(), buffer_.size());
    } else {
      for (size_t at = 0; at < size;) at = plain_words(text, at, size);
    }
    if (buffer_.capacity() > kKept) ByteVector().swap(buffer_);
    return std::exchange(ids_, {});
  }

 private:
  static constexpr size_t kKept = 1 << 20;
  static constexpr unsigned kCacheBits = 16;

  bool meet(uint8_t left, uint8_t right) const { return merger_.pieces().meet(left, right); }

  // Whether what begins at `at` stays as it is whatever follows it. No rule begins with a space.
  static bool is_plain(const uint8_t* text, size_t at, size_t size) {
    const uint8_t first = text[at];
    if (first == ' ' || first == '\n' || first == '\t') return true;
    return first < 0x80 && (at + 1 == size || text[at + 1] < 0x80);
  }

  // Encodes the words of ASCII that begin at `at`, or those with a normal form of their own, and
  // returns where they end: before a plain character that does not meet the one before it.
  size_t plain_words(const uint8_t* text, size_t at, size_t size) {
    size_t begin = at;
    while (at < size && is_plain(text, at, size)) {
      ++at;
      if (at < size && meet(text[at - 1], text[at])) continue;
      if (at < size && !is_plain(text, at, size)) break;
      word(text + begin, at - begin, text + size);
      begin = at;
    }
    words_.flush(merger_, ids_);
    return at < size ? normalized_words(text, begin, size) : at;
  }

  size_t normalized_words(const uint8_t* text, size_t at, size_t size) {
    buffer_.clear();
    do {
      at += append_one(text + at, size - at);
    } while (at < size &&
             (buffer_.empty() || meet(buffer_.back(), text[at]) || !is_plain(text, at, size)));
    words(buffer_.data(), buffer_.size());
    return at;
  }

  // Encodes the words of a text in normal form.
  void words(const uint8_t* text, size_t size) {
    for (size_t begin = 0, at = 1; begin < size; ++at) {
      if (at < size && meet(text[at - 1], text[at])) continue;
      word(text + begin, at - begin, text + size);
      begin = at;
    }
    words_.flush(merger_, ids_);
  }

  void word(const uint8_t* word, size_t size, const uint8_t* limit) {
    words_.append(word, size, limit, merger_, ids_);
  }

  // Appends the normal form of what begins `text` to the buffer; returns its length.
  size_t append_one(const uint8_t* text, size_t size) {
    if (text[0] != '\n' && text[0] != '\t') return normalizer_.append_one(text, size, buffer_);
    buffer_.push_back(text[0]);
    return 1;
  }

  // Fills the buffer with the normal form of a text whose runs of spaces are joined. As in
  // SentencePiece, spaces are dropped at the beginning of a rule's replacement, not inside.
  void collapse(const uint8_t* text, size_t size) {
    buffer_.clear();
    bool after_space = true;
    for (size_t at = 0; at < size;) {
      const size_t before = buffer_.size();
      const bool escaped = size - at >= 3 && std::memcmp(text + at, kEscapedSpace, 3) == 0;
      at += append_one(text + at, size - at);
      if (escaped) {  // stays, and does not count as a space yet
        after_space = false;
        continue;
      }
      size_t spaces = before;
      while (after_space && spaces < buffer_.size() && buffer_[spaces] == ' ') ++spaces;
      buffer_.erase(buffer_.begin() + long(before), buffer_.begin() + long(spaces));
      if (buffer_.size() > before) after_space = buffer_.back() == ' ';
    }
    while (!buffer_.empty() && buffer_.back() == ' ') buffer_.pop_back();
  }

  Merger merger_;
  Normalizer normalizer_;
  bool collapse_;
  WordCache words_{kCacheBits};
  ByteVector buffer_;
  Ids ids_;
  std::mutex lock_;
};

}  // namespace massivetext::bpe

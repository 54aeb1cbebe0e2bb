// Encodes text to the ids of SentencePiece's byte-pair encoding, word by word, from memory.
//
// A word is a run of spaces and what follows it up to the next space, newline or tab. No piece has a
// space after another character, so no merge crosses from one word into the next, and a word's ids
// do not depend on its neighbours: they are remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

#include "merge.hpp"
#include "normalise.hpp"

namespace massivetext::bpe {

struct Settings {
  bool collapse;  // join runs of spaces, drop them at both ends
  uint16_t newline, tab;
};

// The ids of recent short words. Each word has one place; a newcomer takes it over.
class Memory {
 public:
  static constexpr size_t kWordBytes = 24, kIds = 19;

  struct Entry {
    uint64_t word[kWordBytes / 8];  // padded with zeros
    uint8_t size, count;
    uint16_t ids[kIds];
  };
  static_assert(sizeof(Entry) == 64, "one cache line");

  explicit Memory(unsigned bits) : shift_(64 - bits), entries_(size_t(1) << bits) {}

  // Returns the place of a word, which may hold another; fills in `wanted`'s word and size.
  Entry& place(const uint8_t* word, size_t size, Entry& wanted) {
    std::memset(wanted.word, 0, sizeof wanted.word);
    std::memcpy(wanted.word, word, size);
    wanted.size = uint8_t(size);
    const uint64_t h = mix(mix(wanted.word[0], wanted.word[1] * 3), wanted.word[2] + size);
    return entries_[(h * 0x9E3779B97F4A7C15u) >> shift_];
  }

  static bool same(const Entry& a, const Entry& b) {
    return a.size == b.size && a.word[0] == b.word[0] && a.word[1] == b.word[1] &&
           a.word[2] == b.word[2];
  }

 private:
  unsigned shift_;
  std::vector<Entry> entries_;  // of size 0 at first, which no word has
};

class Encoder {
 public:
  Encoder(Merger merger, Normaliser normaliser, Settings settings)
      : merger_(std::move(merger)), normaliser_(std::move(normaliser)), settings_(settings) {}

  // Returns the ids of valid UTF-8. One text at a time: callers in other threads wait.
  std::vector<uint16_t> encode(const uint8_t* text, size_t size) {
    const std::lock_guard<std::mutex> guard(lock_);
    ids_.clear();
    ids_.reserve(size / 3 + 16);
    if (settings_.collapse) {
      collapse(text, size);
      words(buffer_.data(), buffer_.size(), true);
    } else {
      words(text, size, false);
    }
    if (buffer_.capacity() > kKept) Bytes().swap(buffer_);
    return std::move(ids_);
  }

 private:
  static constexpr size_t kKept = 1 << 20;
  static constexpr unsigned kMemoryBits = 16;

  static bool is_border(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t'; }

  // Returns the end of the word that begins at `at`; sets `plain` if it is all ASCII.
  static size_t word_end(const uint8_t* text, size_t at, size_t size, bool& plain) {
    uint8_t seen = 0;
    while (at < size && text[at] == ' ') ++at;
    for (; at < size && !is_border(text[at]); ++at) seen |= text[at];
    plain = seen < 0x80;
    return at;
  }

  void words(const uint8_t* text, size_t size, bool normal) {
    for (size_t at = 0; at < size;) {
      if (text[at] == '\n' || text[at] == '\t') {
        ids_.push_back(text[at++] == '\n' ? settings_.newline : settings_.tab);
        continue;
      }
      bool plain = false;
      const size_t end = word_end(text, at, size, plain);
      if (normal || plain) {
        word(text + at, end - at);
        at = end;
      } else {
        at = normalised(text, at, size);
      }
    }
  }

  // Encodes the word at `at` in normal form, and returns its end. A normal form that ends in a
  // space runs on into the next word.
  size_t normalised(const uint8_t* text, size_t at, size_t size) {
    buffer_.clear();
    do {
      bool plain = false;
      const size_t end = word_end(text, at, size, plain);
      normaliser_.append(text + at, end - at, buffer_);
      at = end;
    } while (at < size && text[at] == ' ' && !buffer_.empty() && buffer_.back() == ' ');
    words(buffer_.data(), buffer_.size(), true);
    return at;
  }

  void word(const uint8_t* data, size_t size) {
    if (size > Memory::kWordBytes) return merger_.append(data, size, ids_);
    Memory::Entry wanted;
    Memory::Entry& entry = memory_.place(data, size, wanted);
    if (!Memory::same(entry, wanted)) {
      const size_t before = ids_.size();
      merger_.append(data, size, ids_);
      const size_t count = ids_.size() - before;
      if (count > Memory::kIds) return;
      wanted.count = uint8_t(count);
      std::copy(ids_.begin() + long(before), ids_.end(), wanted.ids);
      entry = wanted;
      return;
    }
    ids_.insert(ids_.end(), entry.ids, entry.ids + entry.count);
  }

  // Fills the buffer with the normal form of a text whose runs of spaces are joined. As in
  // SentencePiece, spaces are dropped at the beginning of a rule's replacement, not inside.
  void collapse(const uint8_t* text, size_t size) {
    buffer_.clear();
    bool after_space = true;
    for (size_t at = 0; at < size;) {
      const size_t before = buffer_.size();
      const bool escaped = size - at >= 3 && std::memcmp(text + at, kEscapedSpace, 3) == 0;
      at += text[at] == '\n' || text[at] == '\t' ? (buffer_.push_back(text[at]), 1)
                                                 : normaliser_.append_one(text + at, size - at, buffer_);
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
  Normaliser normaliser_;
  Settings settings_;
  Memory memory_{kMemoryBits};
  Bytes buffer_;
  std::vector<uint16_t> ids_;
  std::mutex lock_;
};

}  // namespace massivetext::bpe

// The pieces of a vocabulary, found by their bytes.
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

constexpr size_t kPadding = 8;  // bytes after a text that may be read, whatever they are

inline uint64_t load64(const uint8_t* data) {
  uint64_t value;
  std::memcpy(&value, data, 8);
  return value;
}

// The first `size` bytes, the rest zeros (little-endian); reads eight.
inline uint64_t load_up_to_8(const uint8_t* data, size_t size) {
  return size >= 8 ? load64(data) : load64(data) & ~(~uint64_t(0) << 8 * size);
}

inline uint64_t mix(uint64_t a, uint64_t b) {
  const uint64_t x = (a ^ b) * 0x9E3779B97F4A7C15u;
  return x ^ x >> 32;
}

// Spaces are plain spaces here. All texts must have kPadding readable bytes after their end.
class Pieces {
 public:
  static constexpr uint32_t kNone = ~0u;

  // `byte_ids` has the id of each of the 256 bytes, for characters that are no piece.
  explicit Pieces(std::vector<uint16_t> byte_ids)
      : singles_(std::move(byte_ids)), neighbours_(1 << 16), twins_(1 << 14, kNone) {
    if (singles_.size() != 256) throw std::invalid_argument("there must be 256 byte pieces");
    byte_ids_ = singles_;
  }

  void add(const std::string& piece, uint32_t id, float score) {
    if (piece.empty() || piece.size() > 0xFFFF || id > 0xFFFF)
      throw std::invalid_argument("a piece is empty or too long, or there are too many");
    const auto entry = uint32_t(entries_.size());
    entries_.push_back({uint32_t(bytes_.size()), uint16_t(piece.size()), uint16_t(id), score});
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    longest_ = std::max(longest_, piece.size());
    const auto byte = [&](size_t i) { return uint8_t(piece[i]); };
    if (piece.size() == 1) singles_[byte(0)] = uint16_t(id);
    if (piece.size() == 2 && byte(0) < 0x80) twins_[size_t(byte(0)) << 7 | byte(1)] = entry;
    for (size_t i = 1; i < piece.size(); ++i) neighbours_[pair(byte(i - 1), byte(i))] = 1;
  }

  // Makes the table; call it once, after the last add().
  void index() {
    size_t size = 1024;
    while (size < 2 * entries_.size()) size *= 2;
    slots_.assign(size, {0, kNone});
    bytes_.resize(bytes_.size() + kPadding);
    for (uint32_t entry = 0; entry < entries_.size(); ++entry) {
      const uint64_t h = hash(bytes_.data() + entries_[entry].begin, entries_[entry].size);
      size_t slot = h & (size - 1);
      while (slots_[slot].entry != kNone) slot = (slot + 1) & (size - 1);
      slots_[slot] = {uint32_t(h >> 32), entry};
    }
  }

  // Returns the place of a piece among entries, or kNone.
  uint32_t find(const uint8_t* data, size_t size) const {
    if (size > longest_) return kNone;
    const uint64_t h = hash(data, size);
    for (size_t slot = h & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      const Slot& found = slots_[slot];
      if (found.entry == kNone) return kNone;
      if (found.tag == uint32_t(h >> 32) && is(found.entry, data, size)) return found.entry;
    }
  }

  // The same for two ASCII characters.
  uint32_t find_two(uint8_t left, uint8_t right) const { return twins_[size_t(left) << 7 | right]; }

  // Whether any piece has these two bytes side by side. No merge crosses where none has.
  bool meet(uint8_t left, uint8_t right) const { return neighbours_[pair(left, right)]; }

  uint16_t id(uint32_t entry) const { return entries_[entry].id; }
  float score(uint32_t entry) const { return entries_[entry].score; }
  uint16_t byte_id(uint8_t byte) const { return byte_ids_[byte]; }
  // The id of a byte by itself: of the character that it is, or of the byte.
  uint16_t single_id(uint8_t byte) const { return singles_[byte]; }

 private:
  struct Entry {
    uint32_t begin;
    uint16_t size, id;
    float score;
  };

  struct Slot {
    uint32_t tag, entry;
  };

  static size_t pair(uint8_t left, uint8_t right) { return size_t(left) << 8 | right; }

  static uint64_t hash(const uint8_t* data, size_t size) {
    uint64_t h = size;
    for (; size > 8; data += 8, size -= 8) h = mix(h, load64(data));
    return mix(h, load_up_to_8(data, size)) * 0xD6E8FEB86659FD93u;
  }

  bool is(uint32_t entry, const uint8_t* data, size_t size) const {
    if (entries_[entry].size != size) return false;
    const uint8_t* piece = bytes_.data() + entries_[entry].begin;
    for (; size > 8; data += 8, piece += 8, size -= 8)
      if (load64(data) != load64(piece)) return false;
    return load_up_to_8(data, size) == load_up_to_8(piece, size);
  }

  ByteVector bytes_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;
  std::vector<uint16_t> byte_ids_, singles_;
  std::vector<uint8_t> neighbours_;
  std::vector<uint32_t> twins_;
  size_t longest_ = 0;
};

}  // namespace massivetext::bpe

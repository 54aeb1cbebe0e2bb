// The pieces of a vocabulary, found by their bytes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "encode/normalize.hpp"

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
  struct Piece {
    uint64_t key;  // of up to 8 bytes: those; of more: their hash
    float score;   // of two possible merges the higher comes first
    uint16_t id, size;
  };

  // `byte_ids` has the id of each of the 256 bytes, for characters that are no piece.
  explicit Pieces(std::vector<uint16_t> byte_ids)
      : byte_ids_(std::move(byte_ids)), single_ids_(byte_ids_), neighbors_(1 << 16) {
    if (byte_ids_.size() != 256) throw std::invalid_argument("there must be 256 byte pieces");
  }

  void add(const std::string& text, uint32_t id, float score) {
    if (text.empty() || text.size() > 0xFFFF || id > 0xFFFF)
      throw std::invalid_argument("a piece is empty or too long, or there are too many");
    begins_.resize(std::max<size_t>(begins_.size(), id + 1));
    begins_[id] = uint32_t(bytes_.size());
    const auto* data = reinterpret_cast<const uint8_t*>(text.data());
    bytes_.insert(bytes_.end(), data, data + text.size());
    pieces_.push_back({0, score, uint16_t(id), uint16_t(text.size())});
    longest_ = std::max(longest_, text.size());
    if (text.size() == 1) single_ids_[data[0]] = uint16_t(id);
    for (size_t i = 1; i < text.size(); ++i) neighbors_[pair(data[i - 1], data[i])] = 1;
  }

  // Makes the table; call it once, after the last add().
  void index() {
    bytes_.resize(bytes_.size() + kPadding);
    size_t size = 1024;
    while (size < 2 * pieces_.size()) size *= 2;
    slots_.assign(size, {});  // of size 0, which no piece has
    for (Piece piece : pieces_) {
      piece.key = key(bytes_.data() + begins_[piece.id], piece.size);
      size_t slot = place(piece.key, piece.size);
      while (slots_[slot].size) slot = (slot + 1) & (size - 1);
      slots_[slot] = piece;
    }
  }

  // Returns a piece by its bytes, null where there is none.
  const Piece* find(const uint8_t* data, size_t size) const {
    if (size > longest_) return nullptr;
    const uint64_t wanted = key(data, size);
    for (size_t slot = place(wanted, size);; slot = (slot + 1) & (slots_.size() - 1)) {
      const Piece& piece = slots_[slot];
      if (piece.key == wanted && piece.size == size && is(piece, data)) return &piece;
      if (!piece.size) return nullptr;
    }
  }

  // Whether any piece has these two bytes side by side. No merge crosses where none has.
  bool meet(uint8_t left, uint8_t right) const { return neighbors_[pair(left, right)]; }

  uint16_t byte_id(uint8_t byte) const { return byte_ids_[byte]; }
  // The id of a byte by itself: of the character that it is, or of the byte.
  uint16_t single_id(uint8_t byte) const { return single_ids_[byte]; }

 private:
  static size_t pair(uint8_t left, uint8_t right) { return size_t(left) << 8 | right; }

  static uint64_t key(const uint8_t* data, size_t size) {
    if (size <= 8) return load_up_to_8(data, size);
    uint64_t h = size;
    for (; size > 8; data += 8, size -= 8) h = mix(h, load64(data));
    return mix(h, load_up_to_8(data, size));
  }

  size_t place(uint64_t key, size_t size) const {
    return (mix(key, size) * 0xD6E8FEB86659FD93u >> 20) & (slots_.size() - 1);
  }

  bool is(const Piece& piece, const uint8_t* data) const {
    return piece.size <= 8 || std::memcmp(bytes_.data() + begins_[piece.id], data, piece.size) == 0;
  }

  std::vector<Piece> pieces_, slots_;
  ByteVector bytes_;
  std::vector<uint32_t> begins_;  // by id
  std::vector<uint16_t> byte_ids_, single_ids_;
  std::vector<uint8_t> neighbors_;
  size_t longest_ = 0;
};

}  // namespace massivetext::bpe

// Numbers for equal things: the same number for equal keys, counted up from 0 in order of arrival.
#pragma once

#include <unistd.h>

#include <stdexcept>

#include "base/buffer.hpp"
#include "base/bytes.hpp"

namespace massivetext {

// Random per process, so that no text can be made whose words all fall into one place of a table.
// Numbers depend on the order of arrival alone, never on the seed.
struct Seed {
  uint64_t key, factor;
  static const Seed& get() {
    static const Seed seed = [] {
      Seed made;
      if (getentropy(&made, sizeof made)) throw std::runtime_error("no random numbers");
      made.factor |= 1;
      return made;
    }();
    return seed;
  }
};

inline uint64_t fold_product(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return uint64_t(product) ^ uint64_t(product >> 64);
}

inline uint64_t hash_long(const Bytes& bytes, const Seed& seed) {
  const uint8_t* data = bytes.begin;
  uint64_t hash = seed.key;
  for (size_t left = bytes.size; left > 16; left -= 16, data += 16)
    hash = fold_product(load_eight(data) ^ seed.factor, load_eight(data + 8) ^ hash);
  const uint8_t* last = bytes.begin + bytes.size - 16;
  return fold_product(load_eight(last) ^ seed.factor, load_eight(last + 8) ^ hash);
}

// What bytes (one or more) are compared by: themselves if they are eight at most, else a hash.
inline uint64_t find_key(const Bytes& bytes, const Seed& seed) {
  if (bytes.size > 16) return hash_long(bytes, seed);
  const auto [low, high] = load_halves(bytes);
  const uint64_t hash = fold_product(low ^ seed.key, high ^ seed.factor);
  return bytes.size > 8 ? hash : low;
}

class Interner {
 public:
  // Forgets all; at most `expected` different keys will come.
  void start(size_t expected) {
    size_t capacity = 16;
    while (capacity < 2 * expected && capacity < 1024) capacity *= 2;
    size_ = 0, added_ = 0;
    clear(capacity);
  }

  uint32_t size() const { return size_; }
  bool is_large() const { return mask_ >= kLarge; }
  void prefetch(uint64_t key, uint32_t length) const {
    __builtin_prefetch(&slots_[find_place(key, length)]);
  }

  // The number of `key`, which is `size()` of before if it is new. `is_same(number)` says whether
  // what has an equal key is equal.
  template <class IsSame>
  uint32_t add(uint64_t key, uint32_t length, IsSame is_same) {
    ++added_;
    for (size_t place = find_place(key, length);; place = (place + 1) & mask_) {
      Slot& slot = slots_[place];
      if (slot.number == kNone) {
        slot = {key, length, size_};
        if (2 * size_t(size_ + 1) > mask_) grow();
        return size_++;
      }
      if (slot.key == key && slot.length == length && is_same(slot.number)) return slot.number;
    }
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t(0);
  static constexpr size_t kAhead = 12;
  static constexpr size_t kLarge = 1 << 14;  // more than the nearest caches hold

  struct Slot {
    uint64_t key;
    uint32_t length, number;
  };

  size_t find_place(uint64_t key, uint32_t length) const {
    return fold_product(key ^ seed_.key, seed_.factor + 2 * uint64_t(length)) & mask_;
  }

  void clear(size_t capacity) {
    slots_.reserve(capacity);
    std::memset(static_cast<void*>(slots_.data()), 0xFF, capacity * sizeof(Slot));
    mask_ = capacity - 1;
  }

  // A large table of mostly new keys grows more at once: it is moved less often.
  void grow() {
    const size_t old = mask_ + 1, times = old < kLarge ? 4 : added_ < 2 * size_t(size_) ? 8 : 2;
    std::swap(slots_, spare_);
    clear(times * old);
    for (size_t place = 0; place < old; ++place) {
      const Slot& ahead = spare_[(place + kAhead) & (old - 1)];
      if (old >= kLarge) prefetch(ahead.key, ahead.length);
      if (spare_[place].number != kNone) put(spare_[place]);
    }
  }

  void put(const Slot& slot) {
    size_t place = find_place(slot.key, slot.length);
    while (slots_[place].number != kNone) place = (place + 1) & mask_;
    slots_[place] = slot;
  }

  Buffer<Slot> slots_, spare_;
  Seed seed_ = Seed::get();
  size_t mask_ = 0;
  uint32_t size_ = 0, added_ = 0;  // different keys, and all
};

}  // namespace massivetext

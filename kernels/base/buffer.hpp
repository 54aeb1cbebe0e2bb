// Memory that is kept from document to document and not cleared between them.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace massivetext {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Tables of millions of words are read at random: with small pages, half of the time goes into
// finding the page.
inline void* allocate(size_t size) {
  constexpr size_t kLarge = size_t(2) << 20;
  if (size < 2 * kLarge) {
    void* memory = std::malloc(size);
    return memory ? memory : throw std::bad_alloc();
  }
  const size_t rounded = (size + kLarge - 1) & ~(kLarge - 1);
  void* memory = std::aligned_alloc(kLarge, rounded);
  if (!memory) throw std::bad_alloc();
#if defined(__linux__)
  madvise(memory, rounded, MADV_HUGEPAGE);  // only advice: failing is fine
#endif
  return memory;
}

template <class T>
class Buffer {
  static_assert(std::is_trivial_v<T>, "what grows is copied as bytes");

 public:
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }
  T& operator[](size_t place) { return items_.get()[place]; }
  const T& operator[](size_t place) const { return items_.get()[place]; }

  // Makes room for `size` items; the first `kept` stay as they are, the others are undefined.
  void reserve(size_t size, size_t kept = 0) {
    if (size <= capacity_) return;
    const size_t larger = size > 2 * capacity_ ? size : 2 * capacity_;
    std::unique_ptr<T, Free> items(static_cast<T*>(allocate(larger * sizeof(T))));
    if (kept) std::memcpy(items.get(), items_.get(), kept * sizeof(T));
    items_ = std::move(items);
    capacity_ = larger;
  }

 private:
  std::unique_ptr<T, Free> items_;
  size_t capacity_ = 0;
};

}  // namespace massivetext

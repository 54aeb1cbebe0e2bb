// Memory that is kept from document to document and not cleared between them.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>

namespace massivetext {

template <class T>
class Buffer {
  static_assert(std::is_trivial_v<T>, "what grows is copied as bytes");

 public:
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }
  T& operator[](size_t place) { return items_[place]; }
  const T& operator[](size_t place) const { return items_[place]; }

  // Makes room for `size` items; the first `kept` stay as they are, the others are undefined.
  void reserve(size_t size, size_t kept = 0) {
    if (size <= capacity_) return;
    const size_t larger = size > 2 * capacity_ ? size : 2 * capacity_;
    std::unique_ptr<T[]> items(new T[larger]);
    if (kept) std::memcpy(items.get(), items_.get(), kept * sizeof(T));
    items_ = std::move(items);
    capacity_ = larger;
  }

 private:
  std::unique_ptr<T[]> items_;
  size_t capacity_ = 0;
};

}  // namespace massivetext

// Registers what is done with signatures and shingles: band keys, shared shingles.
#pragma once

#include <nanobind/nanobind.h>

#include "signature/bands.hpp"
#include "signature/shared.hpp"

namespace massivetext {

namespace nb = nanobind;

// A view of any contiguous memory that Python has, such as an array's.
class View {
 public:
  explicit View(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &buffer_, PyBUF_C_CONTIGUOUS)) nb::raise_python_error();
  }
  ~View() { PyBuffer_Release(&buffer_); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  template <class T>
  const T* data() const {
    return static_cast<const T*>(buffer_.buf);
  }
  size_t size() const { return size_t(buffer_.len); }

 private:
  Py_buffer buffer_;
};

inline size_t count_signatures(const View& view, const BandRules& rules) {
  constexpr size_t kBytes = kPermutations * sizeof(uint32_t);
  if (view.size() % kBytes) throw std::invalid_argument("not whole signatures");
  if (uint64_t(rules.number) * rules.rows > kPermutations)
    throw std::invalid_argument("more rows than a signature has");
  return view.size() / kBytes;
}

inline nb::bytes band_keys(nb::handle signatures, uint32_t number, uint32_t rows) {
  const View view(signatures);
  const BandRules rules{number, rows};
  const size_t size = count_signatures(view, rules);
  std::vector<uint64_t> keys(size * number);
  {
    nb::gil_scoped_release released;
    for (size_t place = 0; place < size; ++place)
      find_band_keys(view.data<uint32_t>() + place * kPermutations, rules, &keys[place * number]);
  }
  return nb::bytes(keys.data(), keys.size() * sizeof(uint64_t));
}

inline nb::tuple known_band_keys(nb::handle signatures, uint32_t number, uint32_t rows,
                                 nb::handle filter) {
  const View view(signatures), bits(filter);
  const BandRules rules{number, rows};
  const size_t size = count_signatures(view, rules);
  if (!bits.size() || bits.size() & (bits.size() - 1))
    throw std::invalid_argument("a filter's bytes are a power of two");
  const int shift = 61 - __builtin_ctzll(bits.size());
  KnownKeys known;
  {
    nb::gil_scoped_release released;
    known = find_known_keys(view.data<uint32_t>(), size, rules, {bits.data<uint8_t>(), shift});
  }
  return nb::make_tuple(
      nb::bytes(known.signatures.data(), known.signatures.size() * sizeof(uint32_t)),
      nb::bytes(known.keys.data(), known.keys.size() * sizeof(uint64_t)));
}

inline size_t count_shared_hashes(nb::handle first, nb::handle second) {
  const View a(first), b(second);
  if ((a.size() | b.size()) % sizeof(uint64_t)) throw std::invalid_argument("not whole hashes");
  return count_shared(a.data<uint64_t>(), a.size() / sizeof(uint64_t), b.data<uint64_t>(),
                      b.size() / sizeof(uint64_t));
}

inline void bind_signature(nb::module_& module) {
  module.def("count_shared", &count_shared_hashes);
  module.def("band_keys", &band_keys);
  module.def("known_band_keys", &known_band_keys);
}

}  // namespace massivetext

// Registers the classifier of explicit text.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "safety/safety.hpp"

namespace massivetext {

namespace nb = nanobind;

inline void make_safety(safety::Model* self, const nb::bytes& weights, uint32_t bits) {
  new (self) safety::Model(reinterpret_cast<const uint8_t*>(weights.c_str()), weights.size(), bits);
}

inline std::string_view text_view(const nb::str& text) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (!data) nb::raise_python_error();
  return {data, size_t(size)};
}

// Returns (sum of the weights of a text's buckets, their number).
inline nb::tuple sum_safety(const safety::Model& self, const nb::str& text) {
  const std::string_view view = text_view(text);
  safety::Sum found;
  {
    nb::gil_scoped_release release;
    found = self.sum(view);
  }
  return nb::make_tuple(found.total, found.count);
}

// Returns the buckets of a text, uint32 each.
inline nb::bytes safety_buckets(const nb::str& text, uint32_t bits) {
  if (bits < 1 || bits > safety::kMostBits) throw std::invalid_argument("odd number of bits");
  std::vector<uint32_t> found;
  safety::visit(text_view(text), bits, [&](uint32_t bucket) { found.push_back(bucket); });
  return nb::bytes(found.data(), found.size() * sizeof(uint32_t));
}

inline void bind_safety(nb::module_& module) {
  nb::class_<safety::Model>(module, "SafetyModel")
      .def("__init__", &make_safety)
      .def("sum", &sum_safety);
  module.def("safety_buckets", &safety_buckets);
}

}  // namespace massivetext

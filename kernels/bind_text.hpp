// Registers the measures and the signature of a document.
#pragma once

#include <nanobind/nanobind.h>

#include "unicode.hpp"

namespace massivetext {

namespace nb = nanobind;

inline Unicode& unicode() {
  static Unicode tables;
  return tables;
}

// A string's UTF-8, which lives as long as the string; lone surrogates raise UnicodeEncodeError.
struct Text {
  const uint8_t* data;
  size_t size;

  explicit Text(nb::handle string) {
    Py_ssize_t length = 0;
    data = reinterpret_cast<const uint8_t*>(PyUnicode_AsUTF8AndSize(string.ptr(), &length));
    if (!data) nb::raise_python_error();
    size = size_t(length);
  }
};

inline void load_unicode(nb::bytes properties, nb::bytes classes, nb::bytes decompositions,
                         nb::bytes compositions) {
  const auto data = [](const nb::bytes& b) { return reinterpret_cast<const uint8_t*>(b.c_str()); };
  if (properties.size() != kPoints || classes.size() != kPoints)
    throw std::invalid_argument("a Unicode table is not as long as Unicode");
  unicode() = {{data(properties), data(properties) + kPoints},
               {data(classes), data(classes) + kPoints},
               read_rows<Decomposition>(data(decompositions), decompositions.size()),
               read_rows<Composition>(data(compositions), compositions.size())};
}

inline void bind_text(nb::module_& module) { module.def("load_unicode", &load_unicode); }

}  // namespace massivetext

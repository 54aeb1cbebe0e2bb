// Registers the encoder of a vocabulary.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <tuple>
#include <vector>

#include "encode/encode.hpp"

namespace massivetext {

namespace nb = nanobind;

// Pieces are (bytes, id, score).
inline void make_encoder(bpe::Encoder* self, const nb::list& pieces,
                         const std::vector<uint16_t>& byte_ids, const nb::bytes& rules,
                         bool collapse) {
  bpe::Pieces table(byte_ids);
  for (nb::handle row : pieces) {
    const auto [piece, id, score] = nb::cast<std::tuple<nb::bytes, uint32_t, float>>(row);
    table.add(std::string(piece.c_str(), piece.size()), id, score);
  }
  table.index();
  new (self) bpe::Encoder(
      bpe::Merger(std::move(table)),
      bpe::Normalizer(reinterpret_cast<const uint8_t*>(rules.c_str()), rules.size()), collapse);
}

// Returns little-endian uint16 ids; lone surrogates raise UnicodeEncodeError.
inline nb::bytes encode_text(bpe::Encoder& self, const nb::str& string) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(string.ptr(), &size);
  if (!text) nb::raise_python_error();
  bpe::Ids ids;
  {
    nb::gil_scoped_release release;
    ids = self.encode(reinterpret_cast<const uint8_t*>(text), size_t(size));
  }
  return nb::bytes(ids.data(), ids.size() * 2);
}

inline void bind_encode(nb::module_& module) {
  nb::class_<bpe::Encoder>(module, "Encoder")
      .def("__init__", &make_encoder)
      .def("encode", &encode_text);
}

}  // namespace massivetext

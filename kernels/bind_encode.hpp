// Registers the encoder of a vocabulary.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <tuple>
#include <vector>

#include "bind_text.hpp"
#include "encode.hpp"

namespace massivetext {

// Pieces are (bytes, id, score).
inline void make_encoder(bpe::Encoder* self, const nb::list& pieces,
                         const std::vector<uint16_t>& byte_ids, nb::bytes rules,
                         std::tuple<bool, uint16_t, uint16_t> settings) {
  bpe::Pieces table;
  for (nb::handle row : pieces) {
    const auto [piece, id, score] = nb::cast<std::tuple<nb::bytes, uint32_t, float>>(row);
    table.add(std::string(piece.c_str(), piece.size()), id, score);
  }
  table.index();
  const auto [collapse, newline, tab] = settings;
  new (self) bpe::Encoder(
      bpe::Merger(std::move(table), byte_ids),
      bpe::Normaliser(reinterpret_cast<const uint8_t*>(rules.c_str()), rules.size()),
      {collapse, newline, tab});
}

// Returns little-endian uint16 ids.
inline nb::bytes encode_text(bpe::Encoder& self, nb::str string) {
  const Text text(string);
  std::vector<uint16_t> ids;
  {
    nb::gil_scoped_release release;
    ids = self.encode(text.data, text.size);
  }
  return nb::bytes(reinterpret_cast<const char*>(ids.data()), ids.size() * 2);
}

inline void bind_encode(nb::module_& module) {
  nb::class_<bpe::Encoder>(module, "Encoder")
      .def("__init__", &make_encoder)
      .def("encode", &encode_text);
}

}  // namespace massivetext

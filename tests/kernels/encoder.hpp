// Makes an encoder of what tokenizer/native.py hands to the kernel, as fields: whether runs of
// spaces are joined (one byte), the ids of the 256 bytes (uint16), the normalizer's rules, then
// each piece: its id (uint32), its score (float) and its bytes.
#pragma once

#include <memory>

#include "encode/encode.hpp"
#include "fields.hpp"

template <class T>
T read_value(const Field& field, size_t place) {
  T value;
  if (field.size() < place + sizeof value) std::abort();
  std::memcpy(&value, field.data() + place, sizeof value);
  return value;
}

inline std::vector<uint16_t> read_byte_ids(const Field& field) {
  std::vector<uint16_t> ids(field.size() / 2);
  if (!ids.empty()) std::memcpy(ids.data(), field.data(), 2 * ids.size());
  return ids;
}

// Throws std::invalid_argument as the kernel does.
inline std::unique_ptr<massivetext::bpe::Encoder> make_encoder(const std::vector<Field>& fields) {
  namespace bpe = massivetext::bpe;
  bpe::Pieces pieces(read_byte_ids(fields.at(1)));
  for (size_t place = 3; place < fields.size(); ++place) {
    const Field& piece = fields[place];
    pieces.add({piece.begin() + 8, piece.end()}, read_value<uint32_t>(piece, 0),
               read_value<float>(piece, 4));
  }
  pieces.index();
  return std::make_unique<bpe::Encoder>(bpe::Merger(std::move(pieces)),
                                        bpe::Normalizer(fields[2].data(), fields[2].size()),
                                        fields.at(0).at(0) != 0);
}

// The encoders of several models as a library that says whether a text took a new way.
#include "coverage.hpp"
#include "encoder.hpp"

static std::vector<std::unique_ptr<massivetext::bpe::Encoder>> encoders;

// Takes the fields of encoder.hpp; returns the number of the encoder.
extern "C" size_t load(const uint8_t* data, size_t size) {
  encoders.push_back(make_encoder(split_fields({data, data + size})));
  return encoders.size() - 1;
}

// Writes the ids, at most `room`, and how many; returns whether the way was new.
extern "C" int run(size_t number, const uint8_t* data, size_t size, uint16_t* ids, size_t room,
                   size_t* count) {
  start_way();
  const auto found = encoders[number]->encode(data, size);
  const bool is_new = is_new_way();
  *count = found.size();
  std::memcpy(ids, found.data(), 2 * std::min(room, found.size()));
  return is_new;
}

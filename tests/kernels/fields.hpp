// What the tests hand over and get back: fields of a uint32 length and that many bytes, in a row.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/bytes.hpp"

using Field = std::vector<uint8_t>;  // of exactly its size, so that a byte too far is seen

inline massivetext::Bytes view(const Field& field) {
  return {field.data(), field.size(), field.data() + field.size()};
}

inline std::vector<Field> split_fields(const Field& joined) {
  std::vector<Field> fields;
  for (size_t place = 0; place < joined.size();) {
    uint32_t size;
    if (joined.size() - place < sizeof size) std::abort();
    std::memcpy(&size, joined.data() + place, sizeof size);
    place += sizeof size;
    if (joined.size() - place < size) std::abort();
    fields.emplace_back(joined.begin() + long(place), joined.begin() + long(place + size));
    place += size;
  }
  return fields;
}

inline std::vector<Field> read_fields(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (!file) std::perror(path), std::exit(1);
  Field content;
  uint8_t block[1 << 16];
  for (size_t size; (size = std::fread(block, 1, sizeof block, file)) > 0;)
    content.insert(content.end(), block, block + size);
  std::fclose(file);
  return split_fields(content);
}

template <class T>
void write(const T* items, size_t size) {
  if (size) std::fwrite(items, sizeof(T), size, stdout);
}

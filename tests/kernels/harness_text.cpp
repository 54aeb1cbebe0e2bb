// Runs the kernels on the documents of a file, without Python: what the sanitizers watch.
//
// harness TABLES DOCUMENTS > RESULTS; both files are fields of a uint32 length and that many bytes.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../../kernels/document.hpp"

using namespace massivetext;

static std::vector<std::vector<uint8_t>> read_fields(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (!file) std::perror(path), std::exit(1);
  std::vector<std::vector<uint8_t>> fields;
  for (uint32_t size; std::fread(&size, sizeof size, 1, file) == 1;) {
    std::vector<uint8_t> field(size);  // of exactly its size, so that a byte too far is seen
    if (size && std::fread(field.data(), size, 1, file) != 1) std::exit(1);
    fields.push_back(std::move(field));
  }
  std::fclose(file);
  return fields;
}

static Bytes view(const std::vector<uint8_t>& field) {
  return {field.data(), field.size(), field.data() + field.size()};
}

template <class T>
static void write(const T* items, size_t size) {
  if (size) std::fwrite(items, sizeof(T), size, stdout);
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto tables = read_fields(arguments[1]);
  const Unicode unicode{tables[0], tables[1], read_rows<Decomposition>(view(tables[2])),
                        read_rows<Composition>(view(tables[3]))};
  std::vector<Bytes> stop_words;
  for (size_t word = 5; word < tables.size(); ++word) stop_words.push_back(view(tables[word]));
  const Paper paper{StopWords(stop_words), tables[4][0]};
  for (const auto& document : read_fields(arguments[2])) {
    read_document(unicode, paper, view(document), [](DocumentReader& reader) {
      const Measures measures = reader.measure();
      const auto [hashes, size] = reader.shingles();
      const Minima minima = find_minima(hashes, size);
      write(&measures, 1), write(minima.data(), minima.size());
      write(&size, 1), write(hashes, size);
      return 0;
    });
  }
}

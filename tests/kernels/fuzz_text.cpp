// The measures, the signature and the shingles as a library that says whether a document took a
// new way.
#include <cstdlib>
#include <iterator>

#include "coverage.hpp"
#include "rules.hpp"
#include "text/document.hpp"

using namespace massivetext;

static Unicode unicode;
static Paper paper;

extern "C" void load(const uint8_t* const* fields, const size_t* sizes, size_t count) {
  const auto view = [&](size_t place) {
    return Bytes{fields[place], sizes[place], fields[place] + sizes[place]};
  };
  unicode = {{view(0).begin, view(0).limit},
             {view(1).begin, view(1).limit},
             read_rows<Decomposition>(view(2)),
             read_rows<Composition>(view(3)),
             read_rows<CaseFold>(view(4))};
  std::vector<Bytes> stop_words;
  for (size_t word = 5; word < count; ++word) stop_words.push_back(view(word));
  paper = {StopWords(stop_words)};
}

// Writes the measures as int64, then for each of the rules for shingles the minima and a sum
// over the distinct hashes in their order; returns whether the way was new.
extern "C" int run(const uint8_t* data, size_t size, int64_t* results) {
  start_way();
  const Bytes text{data, size, data + size};
  Minima alone[std::size(kRules)];  // without the measures the words are read in another way
  for (size_t place = 0; place < std::size(kRules); ++place)
    alone[place] = read_document(
        unicode, paper, text, [&](DocumentReader& reader) { return reader.sign(kRules[place]); });
  const Minima* next = alone;
  read_document(unicode, paper, text, [&](DocumentReader& reader) {
    const Measures measures = reader.measure();
    std::memcpy(results, &measures, sizeof measures);
    results += kMeasures;
    for (const ShingleRules& rules : kRules) {
      const Minima minima = reader.sign(rules);
      if (*next++ != minima) std::abort();
      for (const uint32_t minimum : minima) *results++ = minimum;
      const auto [hashes, count] = reader.distinct_shingles(rules);
      uint64_t sum = count;
      for (size_t place = 0; place < count; ++place) sum = 31 * sum + hashes[place];
      *results++ = int64_t(sum);
    }
    return 0;
  });
  return is_new_way();
}

// Runs the measures, the signature and the shingles on the documents of a file, without Python:
// what the sanitizers watch.
//
// harness_text TABLES DOCUMENTS > RESULTS; see fields.hpp.
#include <cstdlib>

#include "fields.hpp"
#include "rules.hpp"
#include "text/document.hpp"

using namespace massivetext;

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto tables = read_fields(arguments[1]);
  const Unicode unicode{tables[0], tables[1], read_rows<Decomposition>(view(tables[2])),
                        read_rows<Composition>(view(tables[3])),
                        read_rows<CaseFold>(view(tables[4]))};
  std::vector<Bytes> stop_words;
  for (size_t word = 5; word < tables.size(); ++word) stop_words.push_back(view(tables[word]));
  const Paper paper{StopWords(stop_words)};
  for (const auto& document : read_fields(arguments[2])) {
    std::vector<Minima> alone;  // without the measures the words are read in another way
    for (const ShingleRules& rules : kRules)
      alone.push_back(read_document(unicode, paper, view(document),
                                    [&](DocumentReader& reader) { return reader.sign(rules); }));
    const Minima* next = alone.data();
    read_document(unicode, paper, view(document), [&](DocumentReader& reader) {
      const Measures measures = reader.measure();
      write(&measures, 1);
      for (const ShingleRules& rules : kRules) {
        const Minima minima = reader.sign(rules);
        if (*next++ != minima) std::abort();
        write(minima.data(), minima.size());
        const auto [sorted, distinct] = reader.distinct_shingles(rules);
        write(&distinct, 1), write(sorted, distinct);
      }
      return 0;
    });
  }
}

// All that is measured of a document, in one pass over its bytes and then over its words' numbers.
#pragma once

#include "signature/minhash.hpp"
#include "signature/sort.hpp"
#include "text/lines.hpp"
#include "text/quality.hpp"
#include "text/repetition.hpp"

namespace massivetext {

// What a thread keeps from document to document.
struct Scratch {
  Scan scan;
  Words words;
  Interner interner;
  LineScratch lines;
  GramScratch grams;
  ShingleScratch shingles;
  SortScratch sort;
};

class DocumentReader {
 public:
  // Reads the words of `text`, which is valid UTF-8.
  DocumentReader(const Unicode& unicode, const Paper& paper, Bytes text, Scratch& scratch)
      : unicode_(unicode),
        text_(text),
        scratch_(scratch),
        reader_(unicode, paper, text, scratch.scan) {
    if (text.size >= kMaxSize) throw std::length_error("a text of 2 GiB or more");
    Scanner(unicode, text, scratch.scan).run();
  }

  Measures measure() {
    reader_.number(scratch_.words, scratch_.interner);
    reader_.describe(scratch_.words);
    is_numbered_ = true;
    Measures measures{};
    measures.characters = scratch_.scan.characters;
    measures.hash_symbols = scratch_.scan.hash_symbols;
    measures.ellipses = scratch_.scan.ellipses;
    measure_words(scratch_.words, measures);
    const LineReader lines(unicode_, text_, scratch_.scan);
    measure_lines(lines, text_, scratch_.lines, measures);
    GramCounter(scratch_.words, scratch_.grams).measure(measures);
    return measures;
  }

  // The hashes of all shingles, in the order of the text. Each different word is hashed once where
  // it was measured.
  std::pair<uint64_t*, size_t> shingles(const ShingleRules& rules) {
    ShingleScratch& scratch = scratch_.shingles;
    WordHasher hasher(unicode_, rules, scratch);
    if (is_numbered_) {
      hasher.hash(reader_, scratch_.words);
      const uint32_t size = list_word_hashes(scratch_.words, scratch);
      hash_shingles(scratch.sequence.data(), size, rules.width, scratch);
    } else {
      const uint32_t size = hasher.hash_in_order(reader_, scratch_.scan.words);
      hash_shingles(scratch.parts.data(), size, rules.width, scratch);
    }
    return {scratch_.shingles.hashes.data(), scratch_.shingles.size};
  }

  // The same in ascending order, each once.
  std::pair<const uint64_t*, size_t> distinct_shingles(const ShingleRules& rules) {
    const auto [hashes, size] = shingles(rules);
    const size_t distinct = sort_unique(hashes, size, scratch_.sort);
    return {scratch_.sort.sorted.data(), distinct};
  }

  Minima sign(const ShingleRules& rules) {
    const auto [hashes, size] = shingles(rules);
    return find_minima(hashes, size);
  }

 private:
  static constexpr size_t kMaxSize = size_t(1) << 31;  // places are 32-bit numbers

  const Unicode& unicode_;
  const Bytes text_;
  Scratch& scratch_;
  const WordReader reader_;
  bool is_numbered_ = false;  // whether equal words are known
};

// Calls `work` with a reader of `text`; what a large text needed is given back.
template <class Work>
auto read_document(const Unicode& unicode, const Paper& paper, Bytes text, Work work) {
  constexpr size_t kLargeText = 1 << 20;
  static thread_local Scratch kept;
  if (text.size <= kLargeText) {
    DocumentReader reader(unicode, paper, text, kept);
    return work(reader);
  }
  Scratch own;
  DocumentReader reader(unicode, paper, text, own);
  return work(reader);
}

}  // namespace massivetext

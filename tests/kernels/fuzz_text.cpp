// The kernels as a library that says whether a document took a way through them that none before
// took: what guides the fuzzer. Compiled with -fsanitize-coverage=trace-pc.
#include <cstdint>
#include <cstring>

static constexpr uint32_t kEdges = 1 << 16;
static uint8_t edges[kEdges];  // how often each was taken by this document
static uint8_t seen[kEdges];   // one bit for once, twice, 4, 8 ... 128 times
static uintptr_t previous;

// Called at each basic block; an edge is a pair of blocks.
extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc() {
  const uintptr_t block = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  const uintptr_t mixed = block * 0x9E3779B97F4A7C15 >> 48;
  uint8_t& taken = edges[(mixed ^ previous) % kEdges];
  if (taken < 255) ++taken;
  previous = mixed >> 1;
}

#include "../../kernels/document.hpp"

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
             read_rows<Composition>(view(3))};
  std::vector<Bytes> stop_words;
  for (size_t word = 5; word < count; ++word) stop_words.push_back(view(word));
  paper = {StopWords(stop_words), fields[4][0]};
}

// Writes the measures, then the minima, then the number of shingles, as int64; returns whether
// the way was new.
extern "C" __attribute__((no_sanitize_coverage)) int run(const uint8_t* data, size_t size,
                                                         int64_t* results) {
  std::memset(edges, 0, sizeof edges);
  previous = 0;
  read_document(unicode, paper, {data, size, data + size}, [&](DocumentReader& reader) {
    const Measures measures = reader.measure();
    const auto [hashes, count] = reader.shingles();
    const Minima minima = find_minima(hashes, count);
    std::memcpy(results, &measures, sizeof measures);
    for (size_t place = 0; place < minima.size(); ++place)
      results[kMeasures + place] = minima[place];
    results[kMeasures + minima.size()] = int64_t(count);
    return 0;
  });
  int is_new = 0;
  for (uint32_t edge = 0; edge < kEdges; ++edge) {
    if (!edges[edge]) continue;
    const uint8_t often = uint8_t(1 << (31 - __builtin_clz(edges[edge])));
    is_new |= often & ~seen[edge];
    seen[edge] |= often;
  }
  return is_new != 0;
}

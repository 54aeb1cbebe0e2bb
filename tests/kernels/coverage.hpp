// Whether an input took a way through the kernels that none before took: what guides the fuzzers.
// Compiled with -fsanitize-coverage=trace-pc.
#pragma once

#include <cstdint>
#include <cstring>

static constexpr uint32_t kEdges = 1 << 16;
static uint8_t edges[kEdges];  // how often each was taken by this input
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

__attribute__((no_sanitize_coverage)) inline void start_way() {
  std::memset(edges, 0, sizeof edges);
  previous = 0;
}

__attribute__((no_sanitize_coverage)) inline bool is_new_way() {
  bool is_new = false;
  for (uint32_t edge = 0; edge < kEdges; ++edge) {
    if (!edges[edge]) continue;
    const uint8_t often = uint8_t(1 << (31 - __builtin_clz(edges[edge])));
    is_new |= (often & ~seen[edge]) != 0;
    seen[edge] |= often;
  }
  return is_new;
}

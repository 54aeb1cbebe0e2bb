// The language model as a library that says whether a line took a new way.
#include "coverage.hpp"
#include "language/language.hpp"

using massivetext::language::Model;

static std::unique_ptr<Model> model;

extern "C" void load(const uint8_t* data, size_t size) {
  model = std::make_unique<Model>(data, size);
}

// Writes the best label's number, -1 if there is none, and its and the wanted label's probability;
// returns whether the way was new.
extern "C" int run(const char* line, size_t size, size_t wanted, int32_t* best, float* shares) {
  start_way();
  const auto scores = model->score({line, size}, wanted, 0.001f);
  *best = scores.found ? int32_t(scores.best) : -1;
  shares[0] = scores.probability, shares[1] = scores.wanted;
  return is_new_way();
}

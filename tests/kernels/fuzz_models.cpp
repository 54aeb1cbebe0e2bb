// Changes the bytes of a model, keeps the copies that take a new way through the kernel, and
// changes them again. The sanitizers watch; a damaged model must be refused or work like any other.
//
// fuzz_models language|rules FIELDS CHANGES: the first field is the model file, or a normalizer's
// rules, and the others are texts. Prints how many copies were read, refused and kept.
#include <random>
#include <string>

#include "coverage.hpp"
#include "encode/encode.hpp"
#include "fields.hpp"
#include "language/language.hpp"

using massivetext::bpe::Normalizer;
using massivetext::language::Model;

static std::mt19937 choices{21};

static size_t choose(size_t count) { return count ? choices() % count : 0; }

static void score_all(const Field& data, const std::vector<Field>& texts) {
  const Model model(data.data(), data.size());
  for (const Field& text : texts) {
    const std::string_view line(reinterpret_cast<const char*>(text.data()), text.size());
    const auto scores = model.score(line, choose(model.labels().size()), 0.001f);
    if (scores.found && scores.best >= model.labels().size()) std::abort();
  }
}

static void normalize_all(const Field& data, const std::vector<Field>& texts) {
  const Normalizer normalizer(data.data(), data.size());
  massivetext::bpe::ByteVector out;
  for (const Field& text : texts) {
    for (size_t place = 0, step; place < text.size(); place += step) {
      step = normalizer.append_one(text.data() + place, text.size() - place, out);
      if (step == 0 || step > text.size() - place) std::abort();
    }
  }
}

// Overwrites some bytes: by a number that code is likely to get wrong, by others of the model, by
// one flipped bit, or by anything.
static void overwrite(Field& data) {
  const int64_t numbers[] = {0, -1, 1, 255, 4096, 1 << 28, INT32_MAX, INT32_MIN, INT64_MAX - 2};
  const size_t place = choose(data.size()), left = data.size() - place;
  const size_t kind = choose(4);
  if (kind == 0) {
    const int64_t number = numbers[choose(std::size(numbers))] + int64_t(choose(3)) - 1;
    std::memcpy(&data[place], &number, std::min(left, size_t(1) << choose(4)));
  } else if (kind == 1) {
    const size_t size = choose(std::min(left, size_t(64)) + 1);
    std::memmove(&data[place], &data[choose(data.size() - size + 1)], size);
  } else if (kind == 2) {
    data[place] = uint8_t(data[place] ^ 1 << choose(8));
  } else {
    data[place] = uint8_t(choose(256));
  }
}

static void change(Field& data) {
  const size_t kind = choose(16);
  if (kind == 0) return data.resize(choose(data.size()) + 1), data.shrink_to_fit();
  if (kind == 1) {
    const auto place = long(choose(data.size()));
    const auto size = long(choose(std::min(data.size() - size_t(place), size_t(64))));
    data.erase(data.begin() + place, data.begin() + place + size), data.shrink_to_fit();
    return;
  }
  for (size_t times = 1 + choose(4); times; --times) overwrite(data);
}

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const auto run = std::string(arguments[1]) == "rules" ? normalize_all : score_all;
  auto texts = read_fields(arguments[2]);
  std::vector<Field> corpus{texts[0]};
  texts.erase(texts.begin());
  start_way(), run(corpus[0], texts), is_new_way();
  size_t read = 0, refused = 0;
  for (long left = std::atol(arguments[3]); left; --left) {
    Field data = corpus[choose(corpus.size())];
    change(data);
    start_way();
    try {
      run(data, texts), ++read;
    } catch (const std::invalid_argument&) {
      ++refused;
    } catch (const std::out_of_range&) {
      ++refused;
    }
    if (is_new_way()) corpus.push_back(std::move(data));
  }
  std::printf("%zu %zu %zu\n", read, refused, corpus.size());
}

// Scores the lines of a file by a model and by damaged copies of it, without Python: what the
// sanitizers watch.
//
// harness_language MODEL DAMAGES LINES > RESULTS; see fields.hpp. MODEL is a fastText file. Each
// damage is a size that the copy is cut to (uint32), a place (uint32), and bytes to write there.
// Of each copy comes a byte, whether it was read, then each line's result.
#include "fields.hpp"
#include "language/language.hpp"

using massivetext::language::Model;

static Field read_file(const char* path) {
  FILE* file = std::fopen(path, "rb");
  if (!file) std::perror(path), std::exit(1);
  Field content;
  for (int byte; (byte = std::fgetc(file)) != EOF;) content.push_back(uint8_t(byte));
  std::fclose(file);
  return content;
}

static Field damage(const Field& model, const Field& how) {
  uint32_t size, place;
  std::memcpy(&size, how.data(), 4), std::memcpy(&place, how.data() + 4, 4);
  Field copy(model.begin(), model.begin() + std::min(size_t(size), model.size()));
  for (size_t i = 8; i < how.size() && place + i - 8 < copy.size(); ++i)
    copy[place + i - 8] = how[i];
  return copy;
}

static std::unique_ptr<Model> read_model(const Field& data) {
  try {
    return std::make_unique<Model>(data.data(), data.size());
  } catch (const std::invalid_argument&) {
  } catch (const std::out_of_range&) {
  }
  return nullptr;
}

static void score(const Model& model, size_t wanted, const Field& line) {
  const std::string_view text(reinterpret_cast<const char*>(line.data()), line.size());
  const auto scores = model.score(text, wanted, 0.001f);
  const auto best = scores.found ? int32_t(scores.best) : -1;
  write(&best, 1), write(&scores.probability, 1), write(&scores.wanted, 1);
}

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const Field file = read_file(arguments[1]);
  const auto lines = read_fields(arguments[3]);
  for (const Field& how : read_fields(arguments[2])) {
    const auto model = read_model(damage(file, how));
    const uint8_t is_read = model != nullptr;
    write(&is_read, 1);
    if (!model) continue;
    const auto& labels = model->labels();
    const auto wanted = size_t(std::find(labels.begin(), labels.end(), "en") - labels.begin());
    for (const Field& line : lines) score(*model, wanted, line);
  }
}

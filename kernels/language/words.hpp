// A fastText dictionary: the rows of the input matrix that a line of text adds up.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "language/ftz.hpp"

namespace massivetext::language {

struct Settings {
  int32_t width, word_grams, loss, model, buckets, shortest, longest;
};

inline Settings read_settings(Reader& file) {
  require(file.value<int32_t>() == 793712314 && file.value<int32_t>() == 12, "no fastText model");
  int32_t values[12];
  for (int32_t& value : values) value = file.value<int32_t>();
  file.value<double>();
  return {values[0], values[5], values[6], values[7], values[8], values[9], values[10]};
}

// Rows by the bucket of a character n-gram, where the model has kept them. It has kept few, so a
// bit a bucket says no to most without a miss in the cache.
class Grams {
 public:
  Grams() = default;

  Grams(uint32_t buckets, size_t count) : buckets_(buckets), inverse_(~uint64_t(0) / buckets + 1) {
    kept_.assign(buckets / 64 + 1, 0);
    size_t size = 16;
    while (size < 2 * count) size *= 2;
    mask_ = uint32_t(size - 1);
    places_.assign(size, {kNone, 0});
  }

  void add(uint32_t bucket, uint32_t row) {
    uint32_t place = start(bucket);
    while (places_[place].bucket != kNone && places_[place].bucket != bucket)
      place = (place + 1) & mask_;
    places_[place] = {bucket, row};
    kept_[bucket / 64] |= uint64_t(1) << (bucket % 64);
  }

  // The bucket of a hash.
  uint32_t bucket_of(uint32_t hash) const {  // Lemire, Kaser & Kurz 2019: by multiplications
    return uint32_t((unsigned __int128)(inverse_ * hash) * buckets_ >> 64);
  }

  bool has(uint32_t bucket) const { return kept_[bucket / 64] >> (bucket % 64) & 1; }

  // The row of a bucket that there is.
  uint32_t row_of(uint32_t bucket) const {
    uint32_t place = start(bucket);
    while (places_[place].bucket != bucket) place = (place + 1) & mask_;
    return places_[place].row;
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t(0);
  struct Place {
    uint32_t bucket, row;
  };
  uint32_t start(uint32_t bucket) const { return (bucket * 0x9E3779B9u >> 7) & mask_; }
  uint32_t buckets_ = 1;
  uint64_t inverse_ = 0;
  uint32_t mask_ = 0;
  std::vector<uint64_t> kept_;
  std::vector<Place> places_;
};

// Ids of words. One array, so that a word which is not there costs one look at memory.
class Words {
 public:
  void reserve(size_t count) {
    size_t size = 16;
    while (size < 2 * count) size *= 2;
    mask_ = size - 1;
    places_.assign(size, {0, kNone});
  }

  // Words get the ids 0, 1, 2 and so on; of equal ones the last counts, as in fastText.
  void add(std::string_view word) {
    const uint64_t hash = hash_of(word);
    size_t place = hash & mask_;
    while (places_[place].id != kNone && texts_[places_[place].id] != word)
      place = (place + 1) & mask_;
    places_[place] = {uint32_t(hash >> 32), uint32_t(texts_.size())};
    texts_.emplace_back(word);
  }

  size_t size() const { return texts_.size(); }

  // The id of a word, or -1.
  int64_t find(std::string_view word) const {
    const uint64_t hash = hash_of(word);
    for (size_t place = hash & mask_; places_[place].id != kNone; place = (place + 1) & mask_)
      if (places_[place].tag == uint32_t(hash >> 32) && texts_[places_[place].id] == word)
        return places_[place].id;
    return -1;
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t(0);
  struct Place {
    uint32_t tag, id;
  };
  static uint64_t hash_of(std::string_view word) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (char c : word) hash = (hash ^ uint8_t(c)) * 0x100000001B3u;
    return hash ^ hash >> 29;
  }
  size_t mask_ = 0;
  std::vector<Place> places_;
  std::vector<std::string> texts_;
};

constexpr int32_t kLongest = 64;  // n-gram, in characters

// Ids of words, and buckets of n-grams behind them, that are to be added up in one go.
struct Found {
  std::array<uint32_t, 1024> numbers;
  size_t count = 0;

  bool is_full() const { return count + kLongest > numbers.size(); }
  uint32_t* begin() { return numbers.data(); }
  uint32_t* end() { return begin() + count; }
};

class Dictionary {
 public:
  std::vector<std::string> labels;
  std::vector<int64_t> label_counts;

  Dictionary(Reader& file, const Settings& settings) : settings_(settings) {
    const int32_t size = file.value<int32_t>(), words = file.value<int32_t>();
    const int32_t label_count = file.value<int32_t>();
    file.value<int64_t>();
    const int64_t kept = file.value<int64_t>();
    require(words >= 0 && label_count > 0 && int64_t(words) + label_count == size, "odd counts");
    require(label_count <= kMostLabels, "too many labels");
    require(kept >= 0 && kept <= settings.buckets, "a model that is not pruned");
    words_.reserve(file.bounded(size_t(words)));
    for (int32_t number = 0; number < size; ++number) read_entry(file, number < words);
    grams_ = Grams(uint32_t(settings.buckets), file.bounded(size_t(kept)));
    for (int64_t i = 0; i < kept; ++i) {
      const int32_t key = file.value<int32_t>(), row = file.value<int32_t>();
      require(key >= 0 && key < settings.buckets && row >= 0 && row < kept, "odd rows");
      grams_.add(uint32_t(key), uint32_t(row));
    }
    rows_ = words_.size() + size_t(kept);
  }

  size_t rows() const { return rows_; }

  // Calls `add` with the rows of a line's words and of its end, many at once, in fastText's order.
  template <class Add>
  void visit(std::string_view line, Add add) const {
    std::string word;  // with "<" and ">" around it
    Found found;
    const auto hand_over = [&] {
      for (uint32_t& number : found) number = row_of(number);
      add(found.numbers.data(), found.count);
      found.count = 0;
    };
    for (size_t place = 0; place < line.size();) {
      if (is_space(line[place])) {
        ++place;
        continue;
      }
      const size_t first = place;
      while (place < line.size() && !is_space(line[place])) ++place;
      const std::string_view token = line.substr(first, place - first);
      if (visit_token(token, word, found, hand_over)) return hand_over();
    }
    visit_token(kEnd, word, found, hand_over);
    hand_over();
  }

 private:
  static constexpr std::string_view kEnd = "</s>", kLabel = "__label__";
  static constexpr int32_t kMostLabels = 4096;  // they are as deep as the tree can be

  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

  void read_entry(Reader& file, bool is_word) {
    const std::string_view text = file.text();
    const int64_t count = file.value<int64_t>();
    require(file.value<int8_t>() == (is_word ? 0 : 1), "odd entries");
    require(count >= 0 && count < int64_t(1) << 40, "odd entries");
    if (is_word) {
      words_.add(text);
    } else {
      require(text.substr(0, kLabel.size()) == kLabel, "odd labels");
      labels.emplace_back(text.substr(kLabel.size()));
      label_counts.push_back(count);
    }
  }

  // Returns whether the line ends here.
  template <class HandOver>
  bool visit_token(std::string_view token, std::string& word, Found& found,
                   HandOver hand_over) const {
    const int64_t id = words_.find(token);
    const bool ends = token == kEnd;
    if (id < 0 && token.substr(0, kLabel.size()) == kLabel) return false;
    if (found.is_full()) hand_over();
    if (id >= 0) found.numbers[found.count++] = uint32_t(id);
    if (ends) return true;
    word.resize(token.size() + 2);
    word.front() = '<', word.back() = '>';
    token.copy(word.data() + 1, token.size());
    visit_grams(word, found, hand_over);
    return false;
  }

  template <class HandOver>
  void visit_grams(const std::string& word, Found& found, HandOver hand_over) const {
    const int32_t shortest = settings_.shortest, longest = settings_.longest;
    const char* const text = word.data();  // behind it stands a NUL
    const size_t size = word.size();
    const uint32_t words = uint32_t(words_.size());
    for (size_t first = 0; first < size; ++first) {
      if (continues(text[first])) continue;
      if (found.is_full()) hand_over();
      uint32_t hash = 2166136261u;
      size_t end = first, count = found.count;
      for (int32_t n = 1; end < size && n <= longest; ++n) {
        do {
          hash = (hash ^ uint32_t(int8_t(text[end++]))) * 16777619u;
        } while (continues(text[end]));
        if (n < shortest) continue;
        if (n == 1 && (first == 0 || end == size)) continue;
        const uint32_t bucket = grams_.bucket_of(hash);
        found.numbers[count] = words + bucket;
        count += grams_.has(bucket);  // no branch: nothing foretells which are there
      }
      found.count = count;
    }
  }

  uint32_t row_of(uint32_t number) const {
    const uint32_t words = uint32_t(words_.size());
    return number < words ? number : words + grams_.row_of(number - words);
  }

  static bool continues(char c) { return (uint8_t(c) & 0xC0) == 0x80; }

  Settings settings_;
  Words words_;
  size_t rows_ = 0;
  Grams grams_;
};

}  // namespace massivetext::language

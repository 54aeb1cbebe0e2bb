// A fastText dictionary: the rows of the input matrix that a line of text adds up.
#pragma once

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

  // The row of a hash, or -1.
  int64_t find(uint32_t hash) const {
    const uint32_t bucket = remainder(hash);
    if (!(kept_[bucket / 64] >> (bucket % 64) & 1)) return -1;
    uint32_t place = start(bucket);
    while (places_[place].bucket != bucket) place = (place + 1) & mask_;
    return places_[place].row;
  }

 private:
  static constexpr uint32_t kNone = ~uint32_t(0);
  struct Place {
    uint32_t bucket, row;
  };
  uint32_t remainder(uint32_t hash) const {  // Lemire, Kaser & Kurz 2019: by multiplications
    return uint32_t((unsigned __int128)(inverse_ * hash) * buckets_ >> 64);
  }
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

  // Calls `add` with the rows of a line's words and of its end, in fastText's order.
  template <class Add>
  void visit(std::string_view line, Add add) const {
    std::string word;  // with "<" and ">" around it
    for (size_t place = 0; place < line.size();) {
      if (is_space(line[place])) {
        ++place;
        continue;
      }
      const size_t first = place;
      while (place < line.size() && !is_space(line[place])) ++place;
      const std::string_view token = line.substr(first, place - first);
      if (visit_token(token, word, add)) return;
    }
    visit_token(kEnd, word, add);
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
  template <class Add>
  bool visit_token(std::string_view token, std::string& word, Add add) const {
    const int64_t id = words_.find(token);
    const bool ends = token == kEnd;
    if (id < 0 && token.substr(0, kLabel.size()) == kLabel) return false;
    if (id >= 0) add(uint32_t(id));
    if (ends) return true;
    word.assign(1, '<').append(token).append(1, '>');
    visit_grams(word, add);
    return false;
  }

  template <class Add>
  void visit_grams(std::string_view word, Add add) const {
    for (size_t first = 0; first < word.size(); ++first) {
      if (continues(word[first])) continue;
      uint32_t hash = 2166136261u;
      size_t end = first;
      for (int32_t n = 1; end < word.size() && n <= settings_.longest; ++n) {
        do {
          hash = (hash ^ uint32_t(int8_t(word[end++]))) * 16777619u;
        } while (end < word.size() && continues(word[end]));
        if (n < settings_.shortest) continue;
        if (n == 1 && (first == 0 || end == word.size())) continue;
        const int64_t row = grams_.find(hash);
        if (row >= 0) add(uint32_t(words_.size() + size_t(row)));
      }
    }
  }

  static bool continues(char c) { return (uint8_t(c) & 0xC0) == 0x80; }

  Settings settings_;
  Words words_;
  size_t rows_ = 0;
  Grams grams_;
};

}  // namespace massivetext::language

// Numbers of the paper, handed over by Python, where they have their one place.
#pragma once

#include <stdexcept>
#include <vector>

#include "base/bytes.hpp"

namespace massivetext {

// The stop words, in a table where each has a place of its own: one look says yes or no.
class StopWords {
 public:
  StopWords() = default;
  explicit StopWords(const std::vector<Bytes>& words) : StopWords(words, count(words.size())) {}

  // Forms of stop words, with the number of the word that each is a form of. A form is of letters
  // alone, A to Z in lower case.
  StopWords(const std::vector<Bytes>& forms, const std::vector<int8_t>& numbers) {
    if (forms.size() != numbers.size()) throw std::invalid_argument("a form without a number");
    for (const Bytes& form : forms)
      if (!form.size || form.size > 8) throw std::invalid_argument("a stop word has 1 to 8 bytes");
    for (const int8_t number : numbers)
      if (number < 0 || number > 63) throw std::invalid_argument("more than 64 stop words");
    while (!fill(forms, numbers))
      if ((factor_ += 2) > 20'000) throw std::invalid_argument("too many stop words, or two alike");
  }

  // The number of the stop word of these `size` little-endian bytes, or -1.
  int8_t find(uint64_t bytes, size_t size) const {
    const size_t place = find_place(bytes);
    return (bytes_[place] == bytes) & (sizes_[place] == size) ? numbers_[place] : int8_t(-1);
  }

 private:
  static constexpr size_t kPlaces = 64;

  size_t find_place(uint64_t bytes) const { return bytes * factor_ * 0x9E3779B97F4A7C15 >> 58; }

  static std::vector<int8_t> count(size_t size) {
    if (size > kPlaces) throw std::invalid_argument("more than 64 stop words");
    std::vector<int8_t> numbers(size);
    for (size_t number = 0; number < size; ++number) numbers[number] = int8_t(number);
    return numbers;
  }

  bool fill(const std::vector<Bytes>& forms, const std::vector<int8_t>& numbers) {
    for (size_t place = 0; place < kPlaces; ++place) bytes_[place] = 0, numbers_[place] = -1;
    for (size_t item = 0; item < forms.size(); ++item) {
      const Bytes& form = forms[item];
      const uint64_t bytes = load_few(form.begin, form.size, form.limit);
      const size_t place = find_place(bytes);
      if (bytes_[place]) return false;
      bytes_[place] = bytes, sizes_[place] = form.size, numbers_[place] = numbers[item];
    }
    return true;
  }

  uint64_t bytes_[kPlaces] = {}, factor_ = 1;
  size_t sizes_[kPlaces] = {};
  int8_t numbers_[kPlaces] = {};
};

struct Paper {
  StopWords stop_words;
};

}  // namespace massivetext

// Registers the measures, the signature and the shingles of a document.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include "text/document.hpp"

namespace massivetext {

namespace nb = nanobind;

struct Tables {
  Unicode unicode;
  Paper paper;
};

inline Tables& tables() {
  static Tables loaded;
  return loaded;
}

inline Bytes view(nb::handle item) {
  const nb::bytes bytes = nb::cast<nb::bytes>(item);
  const auto* begin = reinterpret_cast<const uint8_t*>(bytes.c_str());
  return {begin, bytes.size(), begin + bytes.size()};
}

// A string's UTF-8, which lives as long as the string; lone surrogates raise UnicodeEncodeError.
inline Bytes utf8(const nb::str& text) {
  if (tables().unicode.properties.empty()) throw std::runtime_error("load() was not called");
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (!data) nb::raise_python_error();
  const auto* begin = reinterpret_cast<const uint8_t*>(data);
  return {begin, size_t(size), begin + size};
}

template <class Work>
auto read_by(const Paper& paper, const nb::str& text, Work work) {
  const Bytes bytes = utf8(text);
  nb::gil_scoped_release released;
  return read_document(tables().unicode, paper, bytes, work);
}

template <class Work>
auto read(const nb::str& text, Work work) {
  return read_by(tables().paper, text, work);
}

inline nb::object to_tuple(const Measures& measures) {
  int64_t counts[kMeasures];
  std::memcpy(counts, &measures, sizeof counts);
  nb::object tuple = nb::steal(PyTuple_New(kMeasures));
  if (!tuple.is_valid()) nb::raise_python_error();
  for (size_t place = 0; place < kMeasures; ++place) {
    PyObject* count = PyLong_FromLongLong(counts[place]);
    if (!count) nb::raise_python_error();
    PyTuple_SET_ITEM(tuple.ptr(), Py_ssize_t(place), count);
  }
  return tuple;
}

inline nb::bytes to_bytes(const Minima& minima) { return nb::bytes(minima.data(), sizeof minima); }

inline nb::object measure(const nb::str& text) {
  return to_tuple(read(text, [](DocumentReader& reader) { return reader.measure(); }));
}

inline ShingleRules shingle_rules(uint32_t words, bool splits, bool folds) {
  if (!words) throw std::invalid_argument("a shingle has no words");
  return {words, splits, folds};
}

inline nb::bytes sign(const nb::str& text, uint32_t words, bool splits, bool folds) {
  const ShingleRules rules = shingle_rules(words, splits, folds);
  return to_bytes(read(text, [&](DocumentReader& reader) { return reader.sign(rules); }));
}

inline nb::tuple measure_and_sign_by(const Paper& paper, const nb::str& text, uint32_t words,
                                     bool splits, bool folds) {
  const ShingleRules rules = shingle_rules(words, splits, folds);
  const auto [measures, minima] = read_by(paper, text, [&](DocumentReader& reader) {
    const Measures measures = reader.measure();
    return std::pair(measures, reader.sign(rules));
  });
  return nb::make_tuple(to_tuple(measures), to_bytes(minima));
}

inline nb::tuple measure_and_sign(const nb::str& text, uint32_t words, bool splits, bool folds) {
  return measure_and_sign_by(tables().paper, text, words, splits, folds);
}

// Another language's stop words: forms, and the number of the word that each is a form of.
inline void make_language_words(Paper* self, nb::list forms, const std::vector<int>& numbers) {
  std::vector<Bytes> words;
  for (nb::handle item : forms) words.push_back(view(item));
  std::vector<int8_t> places;
  for (const int number : numbers) places.push_back(int8_t(number < 64 ? number : -1));
  new (self) Paper{StopWords(words, places)};
}

inline nb::object measure_in(const Paper& self, const nb::str& text) {
  return to_tuple(read_by(self, text, [](DocumentReader& reader) { return reader.measure(); }));
}

inline nb::bytes shingle_hashes(const nb::str& text, uint32_t words, bool splits, bool folds) {
  const ShingleRules rules = shingle_rules(words, splits, folds);
  const auto hashes = read(text, [&](DocumentReader& reader) {
    const auto [data, size] = reader.distinct_shingles(rules);
    return std::vector<uint64_t>(data, data + size);
  });
  return nb::bytes(hashes.data(), hashes.size() * sizeof(uint64_t));
}

// Takes over the Unicode tables and the paper's stop words (massivetext/text/kernels.py), once.
inline void load(nb::tuple unicode, nb::tuple stop_words) {
  const Bytes properties = view(unicode[0]), classes = view(unicode[1]);
  if (properties.size != kPoints || classes.size != kPoints)
    throw std::invalid_argument("a Unicode table is not as long as Unicode");
  tables().unicode = {{properties.begin, properties.limit},
                      {classes.begin, classes.limit},
                      read_rows<Decomposition>(view(unicode[2])),
                      read_rows<Composition>(view(unicode[3])),
                      read_rows<CaseFold>(view(unicode[4]))};
  std::vector<Bytes> words;
  for (nb::handle word : stop_words) words.push_back(view(word));
  tables().paper = {StopWords(words)};
}

inline nb::tuple measure_names() {
  nb::list names;
  for (const char* name : kMeasureNames) names.append(nb::str(name));
  return nb::tuple(names);
}

inline void bind_text(nb::module_& module) {
  module.attr("MEASURES") = measure_names();
  module.def("load", &load);
  module.def("measure", &measure);
  module.def("sign", &sign);
  module.def("measure_and_sign", &measure_and_sign);
  module.def("shingle_hashes", &shingle_hashes);
  nb::class_<Paper>(module, "LanguageWords")
      .def("__init__", &make_language_words)
      .def("measure", &measure_in)
      .def("measure_and_sign", &measure_and_sign_by);
}

}  // namespace massivetext

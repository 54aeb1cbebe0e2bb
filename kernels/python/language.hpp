// Registers the language model.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <string>

#include "language/language.hpp"

namespace massivetext {

namespace nb = nanobind;

inline void make_language(language::Model* self, const nb::bytes& data) {
  new (self) language::Model(reinterpret_cast<const uint8_t*>(data.c_str()), data.size());
}

// Returns the index of a label; the number of labels if there is none of that name.
inline size_t find_label(const language::Model& self, const std::string& name) {
  const auto& labels = self.labels();
  return size_t(std::find(labels.begin(), labels.end(), name) - labels.begin());
}

// Returns (label, its probability, the wanted label's) of a line, the label "" if none reaches the
// threshold. Lone surrogates raise UnicodeEncodeError.
inline nb::tuple score_language(const language::Model& self, const nb::str& line, size_t wanted,
                                float threshold) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(line.ptr(), &size);
  if (!text) nb::raise_python_error();
  if (wanted > self.labels().size()) throw std::invalid_argument("no such label");
  language::Scores scores;
  {
    nb::gil_scoped_release release;
    scores = self.score({text, size_t(size)}, wanted, threshold);
  }
  const std::string label = scores.found ? self.labels()[scores.best] : std::string();
  return nb::make_tuple(label, scores.probability, scores.wanted);
}

inline void bind_language(nb::module_& module) {
  nb::class_<language::Model>(module, "LanguageModel")
      .def("__init__", &make_language)
      .def("find", &find_label)
      .def("score", &score_language);
}

}  // namespace massivetext

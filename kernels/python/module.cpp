// The native module massivetext._kernels. Kernels are headers without Python in them; a header of
// this folder registers the functions of one kind of kernel.
#include <nanobind/nanobind.h>

#include "python/encode.hpp"
#include "python/language.hpp"
#include "python/safety.hpp"
#include "python/signature.hpp"
#include "python/text.hpp"

NB_MODULE(_kernels, module) {
  // An encoder that a stopped command still holds when Python ends is no leak.
  nanobind::set_leak_warnings(false);
  massivetext::bind_encode(module);
  massivetext::bind_language(module);
  massivetext::bind_safety(module);
  massivetext::bind_signature(module);
  massivetext::bind_text(module);
}

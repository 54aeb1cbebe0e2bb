// The native module massivetext._kernels. Kernels are headers without Python in them; a
// bind_*.hpp registers the functions of one kind of kernel.
#include <nanobind/nanobind.h>

#include "python/encode.hpp"
#include "python/language.hpp"
#include "python/text.hpp"

NB_MODULE(_kernels, module) {
  massivetext::bind_encode(module);
  massivetext::bind_language(module);
  massivetext::bind_text(module);
}

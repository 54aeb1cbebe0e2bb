// The native module massivetext._kernels. Kernels are headers without Python in them; a
// bind_*.hpp registers the functions of one kind of kernel.
#include <nanobind/nanobind.h>

#include "bind_encode.hpp"
#include "bind_language.hpp"
#include "bind_text.hpp"

NB_MODULE(_kernels, module) {
  massivetext::bind_encode(module);
  massivetext::bind_language(module);
  massivetext::bind_text(module);
}

// An encoder works on after memory ran out, wherever it did: its results are those of one that
// never lacked any.
//
// harness_exhaustion MODELS DOCUMENTS; see harness_encode.cpp. Prints how often memory ran out.
#include <algorithm>
#include <new>

#include "encoder.hpp"

static long until_none = 0;  // allocations until one fails; 0: none does

// Not inlined: the compiler would see that new and free are no pair.
[[gnu::noinline]] void* operator new(size_t size) {
  if (until_none && --until_none == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new[](size_t size) { return operator new(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

using massivetext::bpe::Encoder;

static std::vector<uint16_t> encode(Encoder& encoder, const Field& text) {
  const auto ids = encoder.encode(text.data(), text.size());
  return {ids.data(), ids.data() + ids.size()};
}

// Whether memory ran out at the allocation of this number.
static bool runs_out(Encoder& encoder, const Field& text, long number) {
  until_none = number;
  try {
    encoder.encode(text.data(), text.size());
  } catch (const std::bad_alloc&) {
    return true;
  }
  until_none = 0;
  return false;
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto documents = read_fields(arguments[2]);
  size_t times = 0;
  for (const Field& model : read_fields(arguments[1])) {
    const auto fields = split_fields(model);
    const auto whole = make_encoder(fields);
    for (const Field& document : documents) {
      for (long number = 1;; ++number) {
        const auto encoder = make_encoder(fields);
        if (!runs_out(*encoder, document, number)) break;
        ++times;
        for (const Field& next : {documents[0], document})
          if (encode(*encoder, next) != encode(*whole, next)) return 3;
      }
    }
  }
  std::printf("%zu\n", times);
}

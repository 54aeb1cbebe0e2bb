// Encodes the documents of a file by each of several models, without Python: what the sanitizers
// watch.
//
// harness_encode MODELS DOCUMENTS > RESULTS; each field of MODELS has the fields of encoder.hpp.
// Of each model comes a byte, whether it was read, then each document's ids after their number.
#include "encoder.hpp"

static void encode(massivetext::bpe::Encoder& encoder, const Field& document) {
  const auto ids = encoder.encode(document.data(), document.size());
  const auto count = uint32_t(ids.size());
  write(&count, 1), write(ids.data(), ids.size());
}

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const auto documents = read_fields(arguments[2]);
  for (const Field& model : read_fields(arguments[1])) {
    std::unique_ptr<massivetext::bpe::Encoder> encoder;
    try {
      encoder = make_encoder(split_fields(model));
    } catch (const std::invalid_argument&) {
    }
    const uint8_t is_read = encoder != nullptr;
    write(&is_read, 1);
    if (!encoder) continue;
    for (const Field& document : documents) encode(*encoder, document);
  }
}

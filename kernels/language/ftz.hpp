// Reads a compressed fastText classifier (.ftz): what the library itself would load, checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace massivetext::language {

// A model file's bytes, front to back; a file that ends too soon is an error.
class Reader {
 public:
  Reader(const uint8_t* data, size_t size) : data_(data), left_(size) {}

  const uint8_t* take(uint64_t size) {
    if (size > left_) throw std::out_of_range("it is cut off");
    const uint8_t* found = data_;
    data_ += size;
    left_ -= size;
    return found;
  }

  template <class T>
  T value() {
    T found;
    std::memcpy(&found, take(sizeof found), sizeof found);
    return found;
  }

  // A count of things that take a byte each, at least.
  size_t bounded(size_t count) const {
    if (count > left_) throw std::out_of_range("it is cut off");
    return count;
  }

  bool flag() { return value<uint8_t>() != 0; }

  // Text up to a NUL; it lies in the file.
  std::string_view text() {
    const void* end = std::memchr(data_, 0, left_);
    if (!end) throw std::out_of_range("it is cut off");
    const size_t size = size_t(static_cast<const uint8_t*>(end) - data_);
    return {reinterpret_cast<const char*>(take(size + 1)), size};
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

inline void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

// Rows of floats.
struct Matrix {
  size_t rows = 0, width = 0;
  std::vector<float> values;

  const float* row(size_t number) const { return values.data() + number * width; }
};

constexpr int64_t kMostValues = int64_t(1) << 26;  // 256 MB of floats

inline void set_shape(Matrix& matrix, int64_t rows, int64_t width) {
  require(rows > 0 && width > 0 && width <= 4096 && rows <= kMostValues / width, "too large");
  matrix.rows = size_t(rows);
  matrix.width = size_t(width);
  matrix.values.resize(matrix.rows * matrix.width);
}

inline Matrix read_matrix(Reader& file) {
  Matrix matrix;
  const int64_t rows = file.value<int64_t>();
  set_shape(matrix, rows, file.value<int64_t>());
  const size_t size = matrix.values.size() * sizeof(float);
  std::memcpy(matrix.values.data(), file.take(size), size);
  return matrix;
}

// A product quantizer: each run of `step` columns is one of 256 centroids.
struct Quantizer {
  static constexpr size_t kCentroids = 256;
  size_t width, count, step, last;
  std::vector<float> centroids;

  explicit Quantizer(Reader& file) {
    width = number(file), count = number(file), step = number(file), last = number(file);
    require(count > 0 && (count - 1) * step + last == width && last <= step, "odd quantizer");
    centroids.resize(width * kCentroids);
    const size_t size = centroids.size() * sizeof(float);
    std::memcpy(centroids.data(), file.take(size), size);
  }

  // Writes the columns that `codes` stand for, times `factor`.
  void expand(const uint8_t* codes, float factor, float* row) const {
    for (size_t part = 0; part < count; ++part) {
      const size_t size = part + 1 == count ? last : step;
      const float* from = &centroids[part * kCentroids * step + codes[part] * size];
      for (size_t i = 0; i < size; ++i) row[part * step + i] = factor * from[i];
    }
  }

 private:
  static size_t number(Reader& file) {
    const int32_t found = file.value<int32_t>();
    require(found > 0 && found <= 4096, "odd quantizer");
    return size_t(found);
  }
};

// A quantized matrix, expanded once: 16 floats a row are as fast to add as 9 codes to look up.
inline Matrix read_quantized(Reader& file) {
  const bool has_norms = file.flag();
  Matrix matrix;
  const int64_t rows = file.value<int64_t>();
  set_shape(matrix, rows, file.value<int64_t>());
  const int32_t size = file.value<int32_t>();
  const uint8_t* codes = file.take(uint64_t(uint32_t(size)));
  const Quantizer quantizer(file);
  require(quantizer.width == matrix.width, "odd quantizer");
  require(uint64_t(uint32_t(size)) == matrix.rows * quantizer.count, "odd quantizer");
  const uint8_t* norms = has_norms ? file.take(matrix.rows) : nullptr;
  std::vector<float> factors(Quantizer::kCentroids, 1.0f);
  if (has_norms) {
    const Quantizer norm(file);
    require(norm.width == 1, "odd quantizer");
    factors = norm.centroids;
  }
  for (size_t row = 0; row < matrix.rows; ++row)
    quantizer.expand(codes + row * quantizer.count, has_norms ? factors[norms[row]] : 1.0f,
                     matrix.values.data() + row * matrix.width);
  return matrix;
}

}  // namespace massivetext::language

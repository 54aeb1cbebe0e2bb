// Languages of a line by a fastText model like lid.176.ftz: quantized, hierarchical softmax. The
// sums run in fastText's own order, so the scores are its scores.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "language/words.hpp"

namespace massivetext::language {

// The most probable label, and how probable the wanted one is.
struct Scores {
  bool found;  // no label reaches the threshold, or the line has no known words: no
  size_t best;
  float probability, wanted;
};

class Model {
 public:
  Model(const uint8_t* data, size_t size) {
    Reader file(data, size);
    const Settings settings = read_settings(file);
    require(settings.loss == 1 && settings.model == 3, "no classifier by hierarchical softmax");
    require(settings.word_grams == 1, "word n-grams");
    require(settings.buckets > 0 && settings.buckets <= 1 << 28, "odd buckets");
    require(settings.longest > 0, "no character n-grams");
    require(settings.longest <= kLongest, "long n-grams");
    dictionary_ = std::make_unique<Dictionary>(file, settings);
    require(file.flag(), "a model that is not quantized");
    input_ = read_quantized(file);
    require(!file.flag(), "a quantized output");
    output_ = read_matrix(file);
    const size_t labels = dictionary_->labels.size();
    require(input_.rows == dictionary_->rows() && output_.rows == labels, "odd rows");
    require(input_.width == output_.width && input_.width == size_t(settings.width), "odd width");
    build_tree();
  }

  const std::vector<std::string>& labels() const { return dictionary_->labels; }

  // Probabilities below `threshold` are zero.
  Scores score(std::string_view line, size_t wanted, float threshold) const {
    std::vector<float> sum(input_.width, 0.0f);
    const size_t rows = input_.width == kUsual ? add<kUsual>(line, sum) : add<0>(line, sum);
    if (rows == 0) return {false, 0, 0, 0};
    const float share = float(1.0 / double(rows));
    for (float& value : sum) value *= share;
    Search search{sum.data(), log(threshold), labels().size(), 0};
    descend(tree_.size() - 1, 0.0f, search);
    if (search.best == labels().size()) return {false, 0, 0, 0};
    float score = 0;
    const bool reached = wanted < labels().size() && follow(wanted, search, score);
    return {true, search.best, std::exp(search.score), reached ? std::exp(score) : 0.0f};
  }

 private:
  static constexpr size_t kUsual = 16;
  static constexpr float kSlack = 0.1f;  // more than the tree is deep, times 1e-5
  struct Node {
    int64_t count;
    size_t left, right, parent;
  };

  struct Search {
    const float* hidden;
    float least;
    size_t best;  // the number of labels: none yet
    float score;
  };

  template <size_t Width>
  size_t add(std::string_view line, std::vector<float>& sum) const {
    size_t rows = 0;
    dictionary_->visit(line, [&](const uint32_t* numbers, size_t count) {
      if constexpr (Width > 0) {
        std::array<float, Width> total;  // of its own: it stays in registers
        std::copy_n(sum.data(), Width, total.data());
        for (size_t i = 0; i < count; ++i) add_row<Width>(input_.row(numbers[i]), total.data());
        std::copy_n(total.data(), Width, sum.data());
      } else {
        for (size_t i = 0; i < count; ++i)
          for (size_t place = 0; place < sum.size(); ++place)
            sum[place] += input_.row(numbers[i])[place];
      }
      rows += count;
    });
    return rows;
  }

  template <size_t Width>
  static void add_row(const float* row, float* total) {
    for (size_t i = 0; i < Width; ++i) total[i] += row[i];
  }

  static float log(float value) { return float(std::log(double(value) + 1e-5)); }

  // Finds the best leaf below a node, the more probable side first.
  void descend(size_t node, float score, Search& search) const {
    // A step down may gain as little as log(1 + 1e-5), so what is close behind is not given up.
    const bool behind = search.best < labels().size() && score + kSlack < search.score;
    if (score < search.least || behind) return;
    if (node < labels().size()) {
      const bool better = search.best == labels().size() || score > search.score;
      if (better || (score == search.score && node < search.best))
        search.best = node, search.score = score;
      return;
    }
    const float right = share_of_right(node, search.hidden);
    const float scores[2] = {score + log(float(1.0 - double(right))), score + log(right)};
    const size_t sides[2] = {tree_[node].left, tree_[node].right};
    const int first = scores[1] > scores[0];
    descend(sides[first], scores[first], search);
    descend(sides[!first], scores[!first], search);
  }

  // Sets the score of a leaf; returns whether it and all nodes above reach the least.
  bool follow(size_t node, const Search& search, float& score) const {
    score = 0;
    if (node == tree_.size() - 1) return true;
    const size_t above = tree_[node].parent;
    if (!follow(above, search, score)) return false;
    const float right = share_of_right(above, search.hidden);
    score += log(tree_[above].right == node ? right : float(1.0 - double(right)));
    return score >= search.least;
  }

  float share_of_right(size_t node, const float* hidden) const {
    const float* row = output_.row(node - labels().size());
    float dot = 0.0f;
    for (size_t i = 0; i < output_.width; ++i) dot += row[i] * hidden[i];
    return float(1.0 / double(1.0f + std::exp(-dot)));
  }

  // The Huffman tree of the labels' counts, which fall.
  void build_tree() {
    const size_t labels = this->labels().size(), nodes = 2 * labels - 1;
    tree_.assign(nodes, {int64_t(1e15), 0, 0, 0});
    for (size_t i = 0; i < labels; ++i) tree_[i].count = dictionary_->label_counts[i];
    size_t leaves = labels, next = labels;  // leaves that are left; the next inner node
    for (size_t node = labels; node < nodes; ++node) {
      size_t smallest[2];
      for (size_t& found : smallest)
        found = leaves > 0 && tree_[leaves - 1].count < tree_[next].count ? --leaves : next++;
      const int64_t count = tree_[smallest[0]].count + tree_[smallest[1]].count;
      tree_[node] = {count, smallest[0], smallest[1], 0};
      for (size_t found : smallest) tree_[found].parent = node;
    }
  }

  std::unique_ptr<Dictionary> dictionary_;
  Matrix input_, output_;
  std::vector<Node> tree_;
};

}  // namespace massivetext::language

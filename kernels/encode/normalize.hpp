// SentencePiece's normalizer: replaces the longest matching rule at each place of a text.
//
// The rules are the model's own `precompiled_charsmap`: a double-array trie of keys (the layout of
// darts-clone), then the replacements, each ended by NUL.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace massivetext::bpe {

using ByteVector = std::vector<uint8_t>;

constexpr uint8_t kEscapedSpace[] = {0xE2, 0x96, 0x81};  // U+2581, a space inside models

inline size_t character_length(uint8_t lead) {
  return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

class Normalizer {
 public:
  // Throws std::invalid_argument where the rules are cut, or do what check() does not let them.
  Normalizer(const uint8_t* rules, size_t size) {
    if (size == 0) return;
    uint32_t trie_bytes = 0;
    if (size >= 4) std::memcpy(&trie_bytes, rules, 4);
    if (size < 8 || trie_bytes < 4 || trie_bytes % 4 || trie_bytes >= size - 4 || rules[size - 1])
      throw std::invalid_argument("the normalizer's rules are cut");
    units_.resize(trie_bytes / 4);
    std::memcpy(units_.data(), rules + 4, trie_bytes);
    replacements_.assign(rules + 4 + trie_bytes, rules + size);
    check();
  }

  // Appends the normal form of what begins `text` and returns its length. A space stays one byte,
  // and U+2581 becomes one: in the model they are the same.
  size_t append_one(const uint8_t* text, size_t size, ByteVector& out) const {
    // No rule begins with two ASCII characters or is one, see check().
    if (text[0] < 0x80 && (size == 1 || text[1] < 0x80)) return out.push_back(text[0]), 1;
    const uint8_t* replacement = nullptr;
    if (const size_t matched = match(text, size, replacement)) {
      while (*replacement) out.push_back(*replacement++);
      return matched;
    }
    const size_t length = std::min(character_length(text[0]), size);
    if (length == 3 && std::memcmp(text, kEscapedSpace, 3) == 0) return out.push_back(' '), 3;
    out.insert(out.end(), text, text + length);
    return length;
  }

 private:
  struct Node {
    uint32_t children;  // a child lies at this place, exclusive-or its label
    bool leaf;          // a key ends here, and its value is the child of label 0
  };

  static Node node(uint32_t place, uint32_t unit) {
    return {place ^ (unit >> 10) << ((unit & 1u << 9) >> 6), (unit >> 8 & 1) != 0};
  }

  bool descend(Node& at, uint32_t label) const {
    const uint32_t place = at.children ^ label;
    if (place >= units_.size() || (units_[place] & (1u << 31 | 0xFF)) != label) return false;
    at = node(place, units_[place]);
    return true;
  }

  // Returns the length of the longest key that begins `text`, 0 where there is none.
  size_t match(const uint8_t* text, size_t size, const uint8_t*& replacement) const {
    if (units_.empty()) return 0;
    size_t longest = 0;
    Node at = node(0, units_[0]);
    for (size_t i = 0; i < size && descend(at, text[i]); ++i) {
      if (!at.leaf) continue;
      longest = i + 1;
      replacement = replacements_.data() + (units_[at.children] & ~(1u << 31));
    }
    return longest;
  }

  // Walks the whole trie, whose nodes share endings. ASCII is not normalized at all: right where no
  // key is one ASCII character, or has one after its first, or begins with a space. Label 0 is that
  // of values, which no text must reach; damaged ones are not marked as values.
  void check() const {
    const auto refuse = [] { throw std::invalid_argument("unknown kind of normalizer's rules"); };
    std::vector<uint8_t> seen(units_.size());
    std::vector<uint32_t> open{node(0, units_[0]).children};
    for (bool root = true; !open.empty(); root = false) {
      const Node parent{open.back(), false};
      open.pop_back();
      for (uint32_t label = 0; label < 256; ++label) {
        Node at = parent;
        if (!descend(at, label)) continue;
        if (at.children >= units_.size() || (label < 0x80 && (!root || at.leaf))) refuse();
        if (label == ' ') refuse();
        if (at.leaf && (units_[at.children] & ~(1u << 31)) >= replacements_.size()) refuse();
        if (!seen[at.children]) open.push_back(at.children);
        seen[at.children] = 1;
      }
    }
    if (std::search(replacements_.begin(), replacements_.end(), kEscapedSpace, kEscapedSpace + 3) !=
        replacements_.end())
      refuse();
  }

  std::vector<uint32_t> units_;
  ByteVector replacements_;
};

}  // namespace massivetext::bpe

// The ids of recent short words, of bounded size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "encode/merge.hpp"

namespace massivetext::bpe {

// Each word has one place, and a newcomer takes it over. Words are looked up in batches: the places
// of the next ones are fetched while those before are compared.
class WordCache {
 public:
  static constexpr size_t kWordBytes = 24;

  explicit WordCache(unsigned bits) : shift_(64 - bits), entries_(size_t(1) << bits) {}

  // Appends the ids of a word that lies in a text ending at `limit`; see flush().
  void append(const uint8_t* word, size_t size, const uint8_t* limit, Merger& merger, Ids& ids) {
    Waiting& next = waiting_[count_++];
    next.word = word;
    next.size = size;
    next.entry = nullptr;
    if (size > 1 && size <= kWordBytes) look(next, limit);
    if (count_ == kBatch) flush(merger, ids);
  }

  // Appends what still waits. The words must be there until then.
  void flush(Merger& merger, Ids& ids) {
    const size_t count = std::exchange(count_, 0);  // none waits on where memory runs out
    for (size_t i = 0; i < count; ++i) {
      const Waiting& next = waiting_[i];
      if (next.size == 1) {
        ids.push_back(merger.pieces().single_id(*next.word));
      } else if (!next.entry) {
        merger.append(next.word, next.size, ids);
      } else if (holds(*next.entry, next)) {
        std::memcpy(ids.end(kIds), next.entry->ids, sizeof next.entry->ids);
        ids.advance(next.entry->count);
      } else {
        learn(next, merger, ids);
      }
    }
  }

 private:
  static constexpr size_t kIds = 19, kBatch = 64;

  struct Entry {
    uint64_t key[kWordBytes / 8];  // the word, padded with zeros
    uint8_t size, count;           // size 0: none yet
    uint16_t ids[kIds];
  };
  static_assert(sizeof(Entry) == 64, "one cache line");

  struct Waiting {
    const uint8_t* word;
    size_t size;
    uint64_t key[kWordBytes / 8];
    Entry* entry;  // none: a word that is not looked up
  };

  void look(Waiting& next, const uint8_t* limit) {
    if (limit - next.word >= ptrdiff_t(kWordBytes)) {
      for (size_t i = 0; i < 3; ++i)
        next.key[i] = next.size > 8 * i ? load_up_to_8(next.word + 8 * i, next.size - 8 * i) : 0;
    } else {
      std::memset(next.key, 0, sizeof next.key);
      std::memcpy(next.key, next.word, next.size);
    }
    const uint64_t h = mix(mix(next.key[0] + next.size, next.key[1]), next.key[2]);
    next.entry = &entries_[(h * 0x9E3779B97F4A7C15u) >> shift_];
    __builtin_prefetch(next.entry);
  }

  static bool holds(const Entry& entry, const Waiting& word) {
    return entry.size == word.size && entry.key[0] == word.key[0] && entry.key[1] == word.key[1] &&
           entry.key[2] == word.key[2];
  }

  static void learn(const Waiting& word, Merger& merger, Ids& ids) {
    const size_t before = ids.size();
    merger.append(word.word, word.size, ids);
    const size_t count = ids.size() - before;
    if (count > kIds) return;
    std::memcpy(word.entry->key, word.key, sizeof word.key);
    word.entry->size = uint8_t(word.size);
    word.entry->count = uint8_t(count);
    std::memcpy(word.entry->ids, ids.data() + before, count * sizeof(uint16_t));
  }

  unsigned shift_;
  std::vector<Entry> entries_;
  Waiting waiting_[kBatch];
  size_t count_ = 0;
};

}  // namespace massivetext::bpe

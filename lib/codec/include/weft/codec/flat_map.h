// FlatMap<K, V>: the entries of a map in one piece of memory, in the order in which they came or were added,
// for maps that are walked through and not searched. Half the time to decode and one allocation instead of
// one an entry; `find` looks at each. A key that comes twice is there twice. Equal are maps with the same
// entries in the same order.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <weft/codec/members.h>

namespace weft {

template <class K, class V>
class FlatMap : public std::vector<std::pair<K, V>> {
  using Entries = std::vector<std::pair<K, V>>;

 public:
  using key_type = K;
  using mapped_type = V;
  using Entries::Entries;
  using typename Entries::const_iterator;
  using typename Entries::iterator;

  /// The first entry with that key; the end when there is none.
  template <class Key>
  const_iterator find(const Key& key) const {
    return std::find_if(this->begin(), this->end(), [&](const auto& entry) { return entry.first == key; });
  }
  template <class Key>
  bool contains(const Key& key) const {
    return find(key) != this->end();
  }

  /// What decoders call: they add at the end.
  template <class Key, class Mapped>
  iterator emplace_hint(const_iterator, Key&& key, Mapped&& mapped) {
    this->emplace_back(K(std::forward<Key>(key)), V(std::forward<Mapped>(mapped)));
    return this->end() - 1;
  }
  iterator insert_or_assign(const_iterator, K&& key, V&& mapped) {
    this->emplace_back(std::move(key), std::move(mapped));
    return this->end() - 1;
  }
  template <class Key>
  iterator try_emplace(const_iterator, Key&& key) {
    this->emplace_back(K(std::forward<Key>(key)), V{});
    return this->end() - 1;
  }
};

template <class K, class V>
inline constexpr bool members::is_map<FlatMap<K, V>> = true;

}  // namespace weft

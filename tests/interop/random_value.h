// RandomValue: any generated value at random, from what its table says. Only what both sides can say equally
// is made: no double key is a zero or a NaN, and what has a default is set.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <weft/codec/box.h>
#include <weft/codec/schema.h>
#include <weft/runtime/bytes.h>

namespace interop {

class RandomValue {
 public:
  explicit RandomValue(std::uint64_t seed) : engine_(seed) {}

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::uint64_t size() { return depth_ > 4 ? 0 : below(10) == 0 ? below(40) : below(4); }

  void fill(bool& value) { value = below(2) == 1; }
  void fill(double& value) {
    value = (static_cast<double>(engine_() >> below(64)) + 0.5) * (below(2) ? 1 : -1);
  }
  void fill(std::string& value) {
    value.clear();
    for (auto left = below(8) == 0 ? below(400) : below(20); left > 0; --left)
      value += static_cast<char>(engine_());
  }
  void fill(weft::Bytes& value) {
    std::string text;
    fill(text);
    if (below(20) == 0) text.resize(5000, 'x');
    value = weft::Bytes{text};
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void fill(T& value) {
    std::uint64_t bits = engine_() >> below(64);
    value = static_cast<T>(below(2) ? bits : ~bits);
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.clear();
    for (auto left = size(); left > 0; --left) value.push_back(make<T>());
  }
  template <class T, class L>
  void fill(std::set<T, L>& value) {
    for (auto left = size(); left > 0; --left) value.insert(make<T>());
  }
  template <class K, class V, class L>
  void fill(std::map<K, V, L>& value) {
    for (auto left = size(); left > 0; --left) {
      K key = make<K>();
      value.insert_or_assign(std::move(key), make<V>());
    }
  }
  template <class T>
  void fill(std::optional<T>& value) {
    if (value || (below(2) == 1 && depth_ < 12)) value = make<T>();
  }
  template <class T>
  void fill(weft::Box<T>& value) {
    if (depth_ < 12 && below(3) != 0) value = make<T>();
  }
  template <weft::Described T>
  void fill(T& value) {
    constexpr std::size_t count = weft::detail::ids_of(&weft::Schema<T>::fields).size();
    ++depth_;
    if constexpr (weft::Schema<T>::shape == weft::Shape::union_) {
      std::uint64_t pick = below(count + 1);  // the last one: none
      weft::detail::any_entry<0, count>(weft::Schema<T>::fields,
                                        [&]<std::int32_t Id, class Type>(const weft::Alternative<Id, Type>&) {
                                          if (pick-- != 0) return false;
                                          fill(value.value.template emplace<Type>().value);
                                          return true;
                                        });
    } else {
      weft::detail::any_entry<0, count>(weft::Schema<T>::fields, [&](const auto& field) {
        fill(value.*field.member);
        return false;
      });
    }
    --depth_;
  }

  std::mt19937_64 engine_;
  int depth_ = 0;
};

}  // namespace interop

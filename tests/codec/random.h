// Random: values of any described type, from a seed.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <weft/codec/codec.h>

namespace weft {

class Random {
 public:
  explicit Random(std::uint64_t seed, bool unicode = false) : engine_(seed), unicode_(unicode) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::uint64_t bits() { return engine_() >> below(64); }

  void fill(bool& value) { value = below(2) == 1; }
  void fill(double& value) { value = static_cast<double>(static_cast<std::int64_t>(bits())) / 8; }
  void fill(float& value) { value = static_cast<float>(make<double>()); }
  void fill(std::string& value) {
    for (std::uint64_t left = below(8) == 0 ? below(300) : below(20); left > 0; --left)
      value += unicode_ ? std::string(unicode()) : std::string(1, static_cast<char>(engine_()));
  }
  void fill(Bytes& value) {
    std::string text = make<std::string>();
    if (below(20) == 0) text.resize(5000, 'x');
    value = Bytes{text};
  }
  void fill(Uuid& value) {
    for (std::uint8_t& byte : value.bytes) byte = static_cast<std::uint8_t>(engine_());
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void fill(T& value) {
    if constexpr (requires { ClosedEnum<T>::values; })
      value = static_cast<T>(ClosedEnum<T>::values[below(ClosedEnum<T>::values.size())]);
    else
      value = static_cast<T>(below(2) == 1 ? bits() : ~bits());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    for (std::uint64_t left = size(); left > 0; --left) value.push_back(make<T>());
  }
  template <class T, class L>
  void fill(std::set<T, L>& value) {
    for (std::uint64_t left = size(); left > 0; --left) value.insert(make<T>());
  }
  template <class K, class V, class L>
  void fill(std::map<K, V, L>& value) {
    for (std::uint64_t left = size(); left > 0; --left) {
      K key = make<K>();
      value.insert_or_assign(std::move(key), make<V>());
    }
  }
  template <class T>
  void fill(std::optional<T>& value) {
    if (below(2) == 1) value = make<T>();
  }
  template <class T>
  void fill(Box<T>& value) {
    if (depth_ < 10 && below(2) == 1) value = make<T>();
  }
  template <Described T>
  void fill(T& value) {
    constexpr std::size_t count = detail::ids_of(&Schema<T>::fields).size();
    ++depth_;
    if constexpr (Schema<T>::shape == Shape::union_) {
      std::uint64_t pick = depth_ > 8 ? count : below(count + 1);
      detail::any_entry<0, count>(Schema<T>::fields,
                                  [&]<std::int32_t Id, class Type>(const Alternative<Id, Type>&) {
                                    if (pick-- != 0) return false;
                                    fill(value.value.template emplace<Type>().value);
                                    return true;
                                  });
    } else {
      detail::any_entry<0, count>(Schema<T>::fields, [&](const auto& field) {
        fill(value.*field.member);
        return false;
      });
    }
    --depth_;
  }

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  /// A character of one to four bytes.
  std::string_view unicode() {
    constexpr std::string_view characters[] = {"a", "Z", "0", " ", "é", "€", "世", "🚀"};
    return characters[below(std::size(characters))];
  }
  std::uint64_t size() { return depth_ > 4 ? 0 : below(10) == 0 ? below(30) : below(4); }

  std::mt19937_64 engine_;
  bool unicode_;
  int depth_ = 0;
};

}  // namespace weft

// hash(value): generated types by their tables, so that they can be keys of unordered containers. Generated
// code makes a type's std::hash of it where that is asked for; weft::Hash can be named for all others. Values
// that are equal have the same hash; it is made to spread, not to withstand who chooses keys, and not to be
// stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>

#include <weft/codec/equal.h>
#include <weft/codec/schema.h>
#include <weft/codec/uuid.h>

namespace weft {

/// Not for types with doubles in them: 0.0 and -0.0 are equal.
template <class T>
std::size_t hash(const T& value) noexcept;

struct Hash {
  template <class T>
  std::size_t operator()(const T& value) const noexcept {
    return weft::hash(value);
  }
};

namespace detail {

/// Depends on the order of what is added.
class Hasher {
 public:
  template <class T>
  void add(const T& value) noexcept {
    static_assert(!std::is_floating_point_v<T>, "0.0 and -0.0 are equal, and would need one hash");
    if constexpr (Union<T>) {
      mix(value.value.index());
      with_alternative(value, value, 0, [&](const auto& held, const auto&) { return add(held), 0; });
    } else if constexpr (Described<T>) {
      any_field<T>([&](const auto& field) { return add(value.*field.member), false; });
      if constexpr (requires { Schema<T>::unknown; }) add(value.*Schema<T>::unknown);
    } else if constexpr (Nullable<T>) {
      mix(value.has_value());
      if (value.has_value()) add(*value);
    } else if constexpr (Pair<T>) {
      add(value.first);
      add(value.second);
    } else if constexpr (Unordered<T>) {
      std::uint64_t sum = 0;  // whatever their order
      for (const auto& element : value) {
        Hasher hasher;
        hasher.add(element);
        sum += hasher.value();
      }
      mix(value.size());
      mix(sum);
    } else if constexpr (Container<T>) {
      mix(value.size());
      for (auto at = value.begin(); at != value.end(); ++at) add<typename T::value_type>(*at);
    } else if constexpr (std::is_enum_v<T>) {
      mix(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      mix(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, Uuid>) {
      mix(std::hash<std::string_view>{}(
          {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()}));
    } else {
      mix(std::hash<T>{}(value));
    }
  }

  std::size_t value() const noexcept { return static_cast<std::size_t>(state_ ^ (state_ >> 29)); }

 private:
  void mix(std::uint64_t value) noexcept {
    // Two rounds of the finalizer of MurmurHash3: every bit of the value reaches every bit of the state.
    state_ = (state_ ^ value) * 0xff51afd7ed558ccd;
    state_ = (state_ ^ (state_ >> 33)) * 0xc4ceb9fe1a85ec53;
    state_ ^= state_ >> 33;
  }

  std::uint64_t state_ = 0x9e3779b97f4a7c15;
};

}  // namespace detail

template <class T>
std::size_t hash(const T& value) noexcept {
  detail::Hasher hasher;
  hasher.add(value);
  return hasher.value();
}

}  // namespace weft

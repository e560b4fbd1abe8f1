// Box<T>: a value on the heap, or none. What a recursive optional field is made of: T may be incomplete where
// the member is declared. Copies deeply and compares by value; one allocation when set, one pointer wide.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace weft {

template <class T>
class Box {
 public:
  using value_type = T;

  constexpr Box() noexcept = default;
  constexpr Box(std::nullptr_t) noexcept {}
  Box(const T& value) : value_(std::make_unique<T>(value)) {}
  Box(T&& value) : value_(std::make_unique<T>(std::move(value))) {}
  Box(const Box& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    // Copied before the old value goes: `node.next = node.next->next` assigns from inside what it replaces.
    if (this != &other) *this = Box{other};
    return *this;
  }
  Box& operator=(Box&& other) noexcept {
    std::unique_ptr<T> old = std::exchange(value_, std::move(other.value_));
    return *this;
  }
  ~Box() = default;

  bool has_value() const noexcept { return value_ != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  T& operator*() noexcept { return *value_; }
  const T& operator*() const noexcept { return *value_; }
  T* operator->() noexcept { return value_.get(); }
  const T* operator->() const noexcept { return value_.get(); }

  template <class... Args>
  T& emplace(Args&&... args) {
    value_.reset(new T{std::forward<Args>(args)...});
    return *value_;
  }
  void reset() noexcept { value_.reset(); }

  friend bool operator==(const Box& a, const Box& b) {
    return a && b ? *a == *b : a.has_value() == b.has_value();
  }
  friend bool operator==(const Box& a, std::nullptr_t) noexcept { return !a.has_value(); }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace weft

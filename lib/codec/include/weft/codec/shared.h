// Shared<T>: a value on the heap, or none, whose copies share it until one of them is changed. For large
// parts of messages that are handed on, kept or cached: a copy costs a reference count instead of the part.
// Used as a Box; what differs is that `*` of one that is not const copies first, where others share. Copies
// may be used on several threads, each by one at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include <weft/codec/members.h>

namespace weft {

template <class T>
class Shared {
 public:
  using value_type = T;

  constexpr Shared() noexcept = default;
  constexpr Shared(std::nullptr_t) noexcept {}
  Shared(const T& value) : value_(std::make_shared<T>(value)) {}
  Shared(T&& value) : value_(std::make_shared<T>(std::move(value))) {}

  bool has_value() const noexcept { return value_ != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }
  T& operator*() { return *own(); }
  T* operator->() { return own(); }
  bool shares(const Shared& other) const noexcept { return value_ == other.value_; }

  template <class... Args>
  T& emplace(Args&&... args) {
    value_ = std::shared_ptr<T>(new T{std::forward<Args>(args)...});
    return *value_;
  }
  void reset() noexcept { value_.reset(); }

  friend bool operator==(const Shared& a, const Shared& b) { return a.shares(b) || (a && b && *a == *b); }
  friend bool operator==(const Shared& a, std::nullptr_t) noexcept { return !a.has_value(); }

 private:
  T* own() {
    if (value_.use_count() > 1)
      value_ = std::make_shared<T>(std::as_const(*value_));
    else
      std::atomic_thread_fence(std::memory_order_acquire);  // behind what the last other owner did
    return value_.get();
  }

  std::shared_ptr<T> value_;
};

template <class T>
inline constexpr bool members::is_box<Shared<T>> = true;

}  // namespace weft

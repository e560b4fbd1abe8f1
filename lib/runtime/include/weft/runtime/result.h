// Result<T>: a T, or the Status that says why there is none. `co_await result` yields the T or ends the
// coroutine with the Status, as `co_await task` does.
#pragma once

#include <cassert>
#include <concepts>
#include <optional>
#include <utility>

#include <weft/runtime/status.h>

namespace weft {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  template <class U = T>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Result> &&
             !std::same_as<std::remove_cvref_t<U>, Status>)
  Result(U&& value) : value_(std::in_place, std::forward<U>(value)) {}
  /// `status` must not be OK.
  Result(Status status) : status_(std::move(status)) { assert(!status_.ok()); }

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  /// OK when there is a value.
  const Status& status() const& noexcept { return status_; }
  Status status() && noexcept { return std::move(status_); }

  // The value; asking for one that is not there is a bug.
  T& operator*() & noexcept { return assert(ok()), *value_; }
  const T& operator*() const& noexcept { return assert(ok()), *value_; }
  T&& operator*() && noexcept { return assert(ok()), *std::move(value_); }
  T* operator->() noexcept { return assert(ok()), &*value_; }
  const T* operator->() const noexcept { return assert(ok()), &*value_; }
  template <class U>
  T value_or(U&& otherwise) && {
    return std::move(value_).value_or(std::forward<U>(otherwise));
  }

 private:
  std::optional<T> value_;
  Status status_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() noexcept = default;
  Result(Status status) noexcept : status_(std::move(status)) {}

  bool ok() const noexcept { return status_.ok(); }
  explicit operator bool() const noexcept { return ok(); }
  const Status& status() const& noexcept { return status_; }
  Status status() && noexcept { return std::move(status_); }

 private:
  Status status_;
};

}  // namespace weft

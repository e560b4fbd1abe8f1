// Status: the one way anything fails in Weft.
//
// OK is a null pointer and costs nothing; a failure owns one small record: code, message, whose fault it was,
// whether the peer can have seen the request, the awaits it passed on its way up, and perhaps a typed detail.
// A Status may be moved to another thread; one object must not be used by two threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weft {

/// The canonical codes, with gRPC's numbers.
enum class Code : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// "not_found", "unavailable", ...
std::string_view name(Code code) noexcept;

/// Whose fault a failure is. The caller's own mistake will fail again; a peer's may not elsewhere.
enum class Fault : std::uint8_t {
  caller,  ///< the call was wrong, cancelled or too late
  peer,    ///< the other side, or the way to it
  us,      ///< this process: a bug, a limit, the machine
};

/// Whether the peer can have seen the request: what a retry must know.
enum class Reach : std::uint8_t {
  never_sent,  ///< no byte left this process: any call may be sent again
  unknown,     ///< it left, no answer came: only idempotent calls may be sent again
  answered,    ///< the peer answered with this failure
};

class [[nodiscard]] Status {
 public:
  Status() noexcept = default;
  Status(Code code, std::string message);
  Status(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(const Status& other);
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  bool ok() const noexcept { return !record_; }
  Code code() const noexcept;
  std::string_view message() const noexcept;

  Fault fault() const noexcept;
  Reach reach() const noexcept;
  /// The same failure with another fault or reach. Nothing changes on OK.
  Status with(Fault fault) &&;
  Status with(Reach reach) &&;
  /// Puts `context: ` before the message. Nothing changes on OK.
  Status with_context(std::string_view context) &&;

  /// A failure that carries a value, as a declared Thrift exception does; `get_if` finds it again by its
  /// type.
  template <class E>
  static Status carrying(Code code, std::string message, E detail) {
    Status status{code, std::move(message)};
    status.attach(std::make_shared<E>(std::move(detail)), &tag<E>);
    return status;
  }
  template <class E>
  const E* get_if() const noexcept {
    return static_cast<const E*>(find(&tag<E>));
  }
  bool has_detail() const noexcept;

  /// The awaits that this failure ended, innermost first (at most `path_max` are kept).
  static constexpr std::size_t path_max = 12;
  std::span<const std::source_location> path() const noexcept;
  void passed(std::source_location place) noexcept;

  /// "not_found: no such key"; with `path`, a line `  at file:line (function)` for each await follows.
  std::string to_string(bool path = false) const;

  /// Equal code and message.
  friend bool operator==(const Status& a, const Status& b) noexcept {
    return a.code() == b.code() && a.message() == b.message();
  }

 private:
  struct Record;
  struct RecordDelete {
    void operator()(Record* record) const noexcept;
  };
  template <class E>
  static inline const char tag = 0;

  void attach(std::shared_ptr<const void> detail, const void* type);
  const void* find(const void* type) const noexcept;

  std::unique_ptr<Record, RecordDelete> record_;
};

// One maker for each code. Fault and reach are what the code usually means; change them with `with`.
Status cancelled(std::string message = "cancelled");
Status unknown(std::string message);
Status invalid_argument(std::string message);
Status deadline_exceeded(std::string message = "deadline exceeded");
Status not_found(std::string message);
Status already_exists(std::string message);
Status permission_denied(std::string message);
Status resource_exhausted(std::string message);
Status failed_precondition(std::string message);
Status aborted(std::string message);
Status out_of_range(std::string message);
Status unimplemented(std::string message);
Status internal(std::string message);
Status unavailable(std::string message);
Status data_loss(std::string message);
Status unauthenticated(std::string message);

/// The Status of a failed system call: `what: strerror(error)`. `error` is an errno value, positive.
Status from_errno(int error, std::string_view what);

}  // namespace weft

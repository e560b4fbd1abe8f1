// TApplicationException: how Thrift says that a call failed otherwise than by a declared exception, and what
// that is as a Status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weft/codec/codec.h>
#include <weft/runtime/bytes.h>
#include <weft/runtime/status.h>

namespace weft {

struct ApplicationException {
  /// Peers may send others; they are kept.
  enum Type : std::int32_t {
    unknown = 0,
    unknown_method = 1,
    invalid_message_type = 2,
    wrong_method_name = 3,
    bad_sequence_id = 4,
    missing_result = 5,
    internal_error = 6,
    protocol_error = 7,
    invalid_transform = 8,
    invalid_protocol = 9,
    unsupported_client_type = 10,
  };

  std::string message;
  std::int32_t type = unknown;
  /// Weft's own: the canonical code of a failure that the IDL does not declare. Other peers skip the field.
  std::optional<std::int32_t> code{};

  friend bool operator==(const ApplicationException&, const ApplicationException&) = default;
};

template <>
struct Schema<ApplicationException> {
  static constexpr std::string_view name = "TApplicationException";
  static constexpr Shape shape = Shape::exception;
  static constexpr auto fields = Table{field<1>("message", &ApplicationException::message),
                                       field<2>("type", &ApplicationException::type),
                                       field<3>("code", &ApplicationException::code, Presence::optional)};
};
extern template struct compact::Codec<ApplicationException>;

namespace compact {

/// The payload of a message of type EXCEPTION.
Chain encode_exception(const ApplicationException& exception);
Status decode_exception(const Chain& payload, ApplicationException& exception);

}  // namespace compact

/// What the client's caller gets: the exception as the Status' detail, `Reach::answered`, and
///
///   unknown_method, and transforms, protocols and clients not supported    unimplemented
///   protocol_error: the peer could not decode the arguments               invalid_argument
///   unknown, and types not listed                                         unknown
///   the others                                                            internal, the peer's fault
///
/// unless a Weft server sent the code that its handler failed with.
Status to_status(ApplicationException exception);

/// What the server's peer gets: unknown_method for `unimplemented`, protocol_error for
/// `undecodable_arguments`, and internal_error, with "code: message", for every other failure that the IDL
/// does not declare; the code goes along. What another server answered to this one stays an internal error
/// here: its unknown method is not ours.
ApplicationException from_status(const Status& status);

/// The failure to decode a call's arguments: the same code and message, marked for `from_status`.
Status undecodable_arguments(const Status& status);
/// The failure to decode an answer: `internal`, the peer's fault, answered.
Status undecodable_result(const Status& status);
/// An answer with neither a result nor a declared exception: `internal`, the peer's fault, answered.
Status missing_result(std::string_view method);

}  // namespace weft

#include <fmt/format.h>

#include <weft/codec/application_exception.h>
#include <weft/codec/compact.h>

namespace weft {

template struct compact::Codec<ApplicationException>;

namespace compact {

Chain encode_exception(const ApplicationException& exception) { return encode(exception); }

Status decode_exception(const Chain& payload, ApplicationException& exception) {
  Status status = decode(payload, exception);
  return status.ok() ? status : undecodable_result(status);
}

}  // namespace compact

namespace {

/// Marks a Status: the arguments of a call could not be decoded.
struct UndecodableArguments {};

Code code_of(std::int32_t type) {
  switch (type) {
    case ApplicationException::unknown_method:
    case ApplicationException::invalid_transform:
    case ApplicationException::invalid_protocol:
    case ApplicationException::unsupported_client_type:
      return Code::unimplemented;
    case ApplicationException::protocol_error:
      return Code::invalid_argument;
    case ApplicationException::invalid_message_type:
    case ApplicationException::wrong_method_name:
    case ApplicationException::bad_sequence_id:
    case ApplicationException::missing_result:
    case ApplicationException::internal_error:
      return Code::internal;
    default:
      return Code::unknown;
  }
}

}  // namespace

Status to_status(ApplicationException exception) {
  std::string message =
      exception.message.empty() ? fmt::format("application exception {}", exception.type) : exception.message;
  Code code = code_of(exception.type);
  if (exception.code && *exception.code > 0 && *exception.code <= static_cast<int>(Code::unauthenticated)) {
    code = static_cast<Code>(*exception.code);
    // Said in words too, for peers that know no code.
    if (std::string prefix = fmt::format("{}: ", name(code)); message.starts_with(prefix))
      message.erase(0, prefix.size());
  }
  Status status = Status::carrying(code, std::move(message), std::move(exception)).with(Reach::answered);
  return status.fault() == Fault::us ? std::move(status).with(Fault::peer) : status;
}

ApplicationException from_status(const Status& status) {
  if (status.get_if<UndecodableArguments>())
    return {
        .message = std::string(status.message()), .type = ApplicationException::protocol_error, .code = {}};
  if (status.code() == Code::unimplemented && !status.get_if<ApplicationException>())
    return {
        .message = std::string(status.message()), .type = ApplicationException::unknown_method, .code = {}};
  // A handler that was cancelled with its server: to the peer, the server is gone.
  const Code code = status.code() == Code::cancelled ? Code::unavailable : status.code();
  return {.message = status.to_string(),
          .type = ApplicationException::internal_error,
          .code = static_cast<std::int32_t>(code)};
}

Status undecodable_arguments(const Status& status) {
  return Status::carrying(status.code(), fmt::format("undecodable arguments: {}", status.message()),
                          UndecodableArguments{});
}

Status undecodable_result(const Status& status) {
  return internal(fmt::format("undecodable result: {}", status.message()))
      .with(Fault::peer)
      .with(Reach::answered);
}

Status missing_result(std::string_view method) {
  return to_status({.message = fmt::format("{} returned no result", method),
                    .type = ApplicationException::missing_result,
                    .code = {}});
}

}  // namespace weft

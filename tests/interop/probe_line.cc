#include <fmt/format.h>

#include <weft/codec/application_exception.h>

#include "probe.h"

namespace interop {

std::string line_of(const weft::Status& failure) {
  if (failure.get_if<weft_kitchen::NotFound>()) return "ERR declared NotFound";
  if (failure.get_if<weft_kitchen::Denied>()) return "ERR declared Denied";
  if (failure.get_if<weft_kitchen::shared::Trouble>()) return "ERR declared Trouble";
  if (auto* exception = failure.get_if<weft::ApplicationException>())
    return fmt::format("ERR application {} {}", exception->type, exception->message);
  switch (failure.code()) {
    case weft::Code::deadline_exceeded:
      return "ERR timeout";
    case weft::Code::unavailable:
    case weft::Code::cancelled:
      return fmt::format("ERR transport {}", failure.message());
    default:
      return fmt::format("ERR protocol {}", failure.to_string());
  }
}

}  // namespace interop

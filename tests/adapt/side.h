// One side of a call, whose messages are somebody's: Weft's, protoc's, Apache's. What its client sees is told
// in text, so that sides can be compared whatever their types are.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <weft/weft.h>

namespace side {

struct Side {
  std::unique_ptr<weft::ServiceInterface> (*make)();
  void (*add)(weft::Server& server);
  /// Makes calls of one message each way.
  weft::Task<std::string> (*ask)(weft::ServicePtr service);
  /// Makes calls that stream; null where the IDL has none.
  weft::Task<std::string> (*stream)(weft::ServicePtr service);
};

template <class Served>
constexpr Side side_of(weft::Task<std::string> (*ask)(weft::ServicePtr),
                       weft::Task<std::string> (*stream)(weft::ServicePtr)) {
  return {[]() -> std::unique_ptr<weft::ServiceInterface> { return std::make_unique<Served>(); },
          [](weft::Server& server) { server.add<Served>(); }, ask, stream};
}

/// What `ask` and `stream` tell.
extern const std::string_view asked, streamed;

/// With Weft's own messages.
extern const Side by_weft;
/// With those of whichever compiler this program is linked with.
extern const Side by_others;

}  // namespace side

// What the tests of this folder share: two methods, a call of one, and calling a service.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <weft/middleware/service.h>

#include "../support/scripted_service.h"
#include "../support/weft_test.h"

namespace weft::test {

inline constexpr Method get{.service = "test.Store", .name = "get", .idempotent = true};
inline constexpr Method put{.service = "test.Store", .name = "put"};

inline Task<Reply> ask(ServicePtr service, const Method* method) {
  Call call{*method, Chain{"question"}};
  co_return co_await service->call(std::move(call));
}
inline Task<Reply> ask_get(ServicePtr service) { return ask(std::move(service), &get); }
inline Task<Reply> ask_put(ServicePtr service) { return ask(std::move(service), &put); }

inline std::string text(const Reply& reply) { return reply.payload.flatten().str(); }
inline std::shared_ptr<ScriptedService> script() { return std::make_shared<ScriptedService>(); }

/// One that answers every call with its name, after `delay`.
inline std::shared_ptr<ScriptedService> answers(std::string name, Duration delay = {}) {
  auto service = script();
  service->afterwards().after(delay).replies(Bytes{name});
  return service;
}

}  // namespace weft::test

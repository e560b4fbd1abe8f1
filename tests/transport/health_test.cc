#include <thread>

#include <weft/codec/protobuf.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/transport/health.h>

#include "../support/weft_test.h"
#include "grpc/health_messages.h"
#include "grpc/health_service.h"

using namespace weft;
using namespace weft::detail::health_v1;

namespace {

const Method& method(std::string_view name) {
  static const detail::HealthService service{nullptr};
  for (const ServedMethod& served : service.weft_service().methods)
    if (served.method.name == name) return served.method;
  return service.weft_service().methods[0].method;
}

Task<Reply> ask(detail::HealthService* service, std::string_view what, std::string name) {
  for (const ServedMethod& served : service->weft_service().methods)
    if (served.method.name == what)
      return served.serve(*service,
                          Call{method(what), protobuf::encode(HealthCheckRequest{std::move(name)})});
  return {};
}

Task<ServingStatus> check(detail::HealthService* service, std::string name) {
  auto reply = co_await ask(service, "Check", std::move(name));
  HealthCheckResponse response;
  co_await protobuf::decode(reply.payload, response);
  co_return response.status;
}

Task<ServingStatus> next(Stream<Chain>* messages) {
  auto message = co_await messages->next();
  if (!message) co_await out_of_range("the stream is over");
  HealthCheckResponse response;
  co_await protobuf::decode(*message, response);
  co_return response.status;
}

}  // namespace

WEFT_TEST("Check says what serves, and that a service is unknown") {
  auto health = std::make_shared<Health>();
  detail::HealthService service{health};
  health->set("shop", true);
  auto whole = co_await check(&service, "");
  CHECK(whole == ServingStatus::SERVING);
  auto shop = co_await check(&service, "shop");
  CHECK(shop == ServingStatus::SERVING);
  health->set("shop", false);
  shop = co_await check(&service, "shop");
  CHECK(shop == ServingStatus::NOT_SERVING);
  auto unknown = co_await attempt(check(&service, "bank"));
  CHECK(unknown.status().code() == Code::not_found);
}

WEFT_TEST("List says it of all, and while the server drains nothing serves") {
  auto health = std::make_shared<Health>();
  detail::HealthService service{health};
  health->set("shop", true);
  health->drain();
  health->set("bank", true);
  auto reply = co_await ask(&service, "List", "");
  HealthListResponse response;
  co_await protobuf::decode(reply.payload, response);
  REQUIRE(response.statuses.size() == 3);
  for (const auto& [name, status] : response.statuses) CHECK(status.status == ServingStatus::NOT_SERVING);
}

WEFT_TEST("Watch says what is, then each change, and ends with the drain") {
  auto health = std::make_shared<Health>();
  detail::HealthService service{health};
  auto reply = co_await ask(&service, "Watch", "shop");
  auto status = co_await next(&reply.messages);
  CHECK(status == ServingStatus::SERVICE_UNKNOWN);
  health->set("bank", true);  // no change of this one
  health->set("shop", true);
  status = co_await next(&reply.messages);
  CHECK(status == ServingStatus::SERVING);
  health->drain();
  status = co_await next(&reply.messages);
  CHECK(status == ServingStatus::NOT_SERVING);
  auto end = co_await attempt(next(&reply.messages));
  CHECK(end.status().code() == Code::unavailable);
}

WEFT_TEST("a watcher hears of a change that it waits for, from another thread too") {
  auto health = std::make_shared<Health>();
  detail::HealthService service{health};
  auto reply = co_await ask(&service, "Watch", "");
  auto status = co_await next(&reply.messages);
  CHECK(status == ServingStatus::SERVING);
  Scope scope;
  scope.spawn(
      [](std::shared_ptr<Health> changed) -> Task<void> {
        co_await sleep(1ms);
        changed->set("", false);
      },
      health);
  auto changed = co_await attempt(next(&reply.messages));
  auto joined = co_await attempt(scope.join());
  if (!changed) co_await std::move(changed).status();
  CHECK(*changed == ServingStatus::NOT_SERVING);
  // A change made where no loop is: only its version tells.
  std::thread other{[&] { health->set("", true); }};
  other.join();
  status = co_await next(&reply.messages);
  CHECK(status == ServingStatus::SERVING);
}

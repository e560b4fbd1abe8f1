#include "test_service.h"

#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include <weft/weft.h>

namespace interop {

namespace {

using namespace grpc::testing;

constexpr std::int32_t body_max = 16 << 20;

/// The metadata that a client asks to see again.
void echo_metadata() {
  weft::CurrentCall& call = *weft::current_call();
  if (const std::string* initial = call.metadata().find("x-grpc-test-echo-initial"))
    call.reply_metadata().add("x-grpc-test-echo-initial", *initial);
  if (const std::string* trailing = call.metadata().find("x-grpc-test-echo-trailing-bin"))
    call.trailers().add("x-grpc-test-echo-trailing-bin", *trailing);
}

weft::Status check_compressed(const std::optional<BoolValue>& expected) {
  if (!expected || !expected->value || weft::current_call()->request_compressed()) return {};
  return weft::invalid_argument("the request was to come compressed");
}

weft::Status check_type(PayloadType type) {
  if (type == PayloadType::COMPRESSABLE) return {};
  return weft::invalid_argument(fmt::format("there is no payload type {}", static_cast<int>(type)));
}

/// What the client wants the call to end with; OK: nothing.
weft::Status wanted(const std::optional<EchoStatus>& status) {
  if (!status || status->code == 0) return {};
  const bool known = status->code > 0 && status->code <= static_cast<int>(weft::Code::unauthenticated);
  return {known ? static_cast<weft::Code>(status->code) : weft::Code::unknown, status->message};
}

weft::Result<Payload> zeros(std::int32_t size) {
  if (size < 0 || size > body_max)
    return weft::invalid_argument(fmt::format("a body of {} bytes; 0 to {} can be had", size, body_max));
  weft::Buffer body{static_cast<std::size_t>(size)};
  if (size > 0) std::memset(body.data(), 0, static_cast<std::size_t>(size));
  return Payload{.body = body.freeze(static_cast<std::size_t>(size))};
}

/// The responses that one request asks for.
weft::Stream<OutputResponse> respond(StreamingOutputCallRequest request) {
  co_await check_type(request.response_type);
  for (const ResponseParameters& wish : request.response_parameters) {
    if (wish.interval_us > 0) co_await weft::sleep(std::chrono::microseconds(wish.interval_us));
    if (wish.compressed) weft::current_call()->compress_replies(wish.compressed->value);
    OutputResponse response;
    response.payload = co_await zeros(wish.size);
    co_yield std::move(response);
  }
  co_await wanted(request.response_status);
}

}  // namespace

weft::Task<Empty> TestService::empty_call(Empty) {
  echo_metadata();
  co_return Empty{};
}

weft::Task<SimpleResponse> TestService::unary_call(SimpleRequest request) {
  echo_metadata();
  co_await check_compressed(request.expect_compressed);
  co_await check_type(request.response_type);
  co_await wanted(request.response_status);
  if (request.response_compressed) weft::current_call()->compress_replies(request.response_compressed->value);
  SimpleResponse response;
  response.payload = co_await zeros(request.response_size);
  co_return response;
}

weft::Task<SimpleResponse> TestService::cacheable_unary_call(SimpleRequest request) {
  return unary_call(std::move(request));
}

weft::Stream<OutputResponse> TestService::streaming_output_call(OutputRequest request) {
  echo_metadata();
  auto responses = respond(std::move(request));
  while (auto response = co_await responses.next()) co_yield *std::move(response);
}

weft::Task<InputResponse> TestService::streaming_input_call(weft::Stream<InputRequest> requests) {
  echo_metadata();
  std::int64_t total = 0;
  while (auto request = co_await requests.next()) {
    co_await check_compressed(request->expect_compressed);
    if (request->payload) total += static_cast<std::int64_t>(request->payload->body.size());
  }
  InputResponse response{.aggregated_payload_size = static_cast<std::int32_t>(total)};
  co_return response;
}

weft::Stream<OutputResponse> TestService::full_duplex_call(weft::Stream<OutputRequest> requests) {
  echo_metadata();
  while (auto request = co_await requests.next()) {
    auto responses = respond(*std::move(request));
    while (auto response = co_await responses.next()) co_yield *std::move(response);
  }
}

weft::Stream<OutputResponse> TestService::half_duplex_call(weft::Stream<OutputRequest> requests) {
  echo_metadata();
  std::vector<OutputRequest> all;
  std::size_t kept = 0;
  while (auto request = co_await requests.next()) {
    if (all.size() == 1024) co_await weft::resource_exhausted("more than 1024 requests");
    kept += request->payload ? request->payload->body.size() : 0;
    if (kept > static_cast<std::size_t>(body_max)) co_await weft::resource_exhausted("too much to keep");
    all.push_back(*std::move(request));
  }
  for (OutputRequest& request : all) {
    auto responses = respond(std::move(request));
    while (auto response = co_await responses.next()) co_yield *std::move(response);
  }
}

}  // namespace interop

// grpc-probe: makes calls of one kind over one channel, and prints for each a line of JSON that says how it
// ended. For peers that misbehave.
#include <cstdio>

#include <fmt/format.h>

#include "grpc_peer.h"

namespace {

using namespace interop;
using namespace grpc::testing;

struct Options {
  std::string_view target, call = "unary";
  std::size_t count = 1, parallel = 0, gap_ms = 0, request_size = 0, response_size = 0, messages = 1,
              timeout_ms = 5000;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!option(word, "--target", options.target) && !option(word, "--call", options.call) &&
        !option(word, "--count", options.count) && !option(word, "--parallel", options.parallel) &&
        !option(word, "--gap_ms", options.gap_ms) && !option(word, "--request_size", options.request_size) &&
        !option(word, "--response_size", options.response_size) &&
        !option(word, "--messages", options.messages) && !option(word, "--timeout_ms", options.timeout_ms))
      return false;
  }
  return !options.target.empty() && options.count <= 100'000 && options.request_size <= 64 << 20 &&
         options.response_size <= 64 << 20 && options.messages <= 100'000 &&
         (options.call == "empty" || options.call == "unary" || options.call == "client_stream" ||
          options.call == "server_stream");
}

weft::Stream<StreamingInputCallRequest> inputs(std::size_t count, std::size_t size) {
  for (std::size_t at = 0; at < count; ++at) {
    StreamingInputCallRequest request;
    request.payload = payload_of(size);
    co_yield std::move(request);
  }
}

/// The payload bytes that came. `bytes` counts them also when the call fails midway.
weft::Task<void> make(TestService::Client client, const Options* options, std::size_t* bytes) {
  if (options->call == "empty") {
    const Empty request{};
    co_await client.empty_call(request);
  } else if (options->call == "unary") {
    SimpleRequest request{.response_size = static_cast<std::int32_t>(options->response_size)};
    request.payload = payload_of(options->request_size);
    const auto response = co_await client.unary_call(request);
    *bytes = size_of(response.payload);
  } else if (options->call == "client_stream") {
    auto requests = inputs(options->messages, options->request_size);
    const auto response = co_await client.streaming_input_call(std::move(requests));
    *bytes = static_cast<std::size_t>(response.aggregated_payload_size);
  } else {
    StreamingOutputCallRequest request;
    request.response_parameters = {{.size = static_cast<std::int32_t>(options->response_size)}};
    request.payload = payload_of(options->request_size);
    auto responses = client.streaming_output_call(request);
    while (auto response = co_await responses.next()) *bytes += size_of(response->payload);
  }
}

std::string json(std::string_view text) {
  std::string result;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (byte < 0x20)
      result += fmt::format("\\u{:04x}", byte);
    else
      result += c;
  }
  return result;
}

std::string hex(std::string_view bytes) {
  std::string result;
  for (char c : bytes) result += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return result;
}

weft::Task<void> call(weft::ServicePtr channel, const Options* options) {
  const Beside beside;
  const auto seen = beside.seen;
  TestService::Client client{weft::stack(beside, std::move(channel))};
  std::size_t bytes = 0;
  const weft::Instant start = weft::now();
  auto ended = co_await weft::attempt(
      weft::within(std::chrono::milliseconds(options->timeout_ms), make(client, options, &bytes)));
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(weft::now() - start);
  const weft::Status status = ended.status();
  if (const auto* trailers = status.get_if<weft::Trailers>())  // a stream that failed midway
    seen->trailers = std::make_shared<weft::Metadata>(trailers->metadata);
  const std::string* trailing = seen->trailer("x-heldout-bin");
  fmt::print(R"({{"code": {}, "message": "{}", "bytes": {}, "ms": {}, "trailing_bin": {}}})"
             "\n",
             static_cast<int>(status.code()), json(status.message()), bytes, took.count(),
             trailing ? fmt::format("\"{}\"", hex(*trailing)) : "null");
  std::fflush(stdout);
}

weft::Task<int> probe(const Options* options) {
  // No retry policy: only what provably was not processed is sent again, by the channel itself.
  weft::ServicePtr channel = weft::channel(options->target);
  weft::Scope calls;
  for (std::size_t made = 0; made < options->count; ++made) {
    if (options->parallel)
      calls.spawn(call(channel, options));
    else
      co_await call(channel, options);
    if (options->gap_ms > 0 && made + 1 < options->count)
      co_await weft::sleep(std::chrono::milliseconds(options->gap_ms));
  }
  co_await calls.join();
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    std::fputs(
        "usage: grpc-probe --target=HOST:PORT --call=empty|unary|client_stream|server_stream --count=N\n"
        "         --parallel=0|1 --gap_ms=G --request_size=A --response_size=B --messages=M --timeout_ms=T\n",
        stderr);
    return 2;
  }
  return weft::run(probe(&options));
}

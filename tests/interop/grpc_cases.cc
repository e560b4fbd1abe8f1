#include "grpc_cases.h"

#include <tuple>

#include <fmt/format.h>

#include "grpc_peer.h"

namespace interop {

namespace {

using namespace grpc::testing;
using weft::Task;
using InputRequest = StreamingInputCallRequest;
using OutputRequest = StreamingOutputCallRequest;
using OutputResponse = StreamingOutputCallResponse;

constexpr std::size_t large_request = 271'828, large_response = 314'159;

TestService::Client client_of(const Target* target) {
  return TestService::Client{weft::channel(target->address, target->options)};
}
TestService::Client client_of(const Target* target, const Beside& beside) {
  return TestService::Client{weft::stack(beside, weft::channel(target->address, target->options))};
}

/// A case that does not hold is `data_loss`, which no server here says.
weft::Status check(bool holds, std::string_view what) {
  return holds ? weft::Status{} : weft::data_loss(std::string(what));
}
weft::Status check_code(const weft::Status& status, weft::Code code) {
  if (status.code() == code) return {};
  return weft::data_loss(fmt::format("ended with {} instead of {}", status.to_string(), weft::name(code)));
}
weft::Status check_zeros(const std::optional<Payload>& payload, std::size_t size) {
  if (size_of(payload) != size)
    return weft::data_loss(fmt::format("a body of {} bytes instead of {}", size_of(payload), size));
  for (std::uint8_t byte : payload->body)
    if (byte != 0) return weft::data_loss("the body is not of zeros");
  return {};
}

SimpleRequest large() {
  SimpleRequest request{.response_size = large_response};
  request.payload = payload_of(large_request);
  return request;
}

OutputRequest output(std::int32_t size, std::size_t payload) {
  OutputRequest request;
  request.response_parameters = {{.size = size}};
  request.payload = payload_of(payload);
  return request;
}

Task<void> make_large(TestService::Client client) {
  const SimpleRequest request = large();
  const SimpleResponse response = co_await client.unary_call(request);
  co_await check_zeros(response.payload, large_response);
}

Task<void> empty_unary(const Target* target) {
  const auto client = client_of(target);
  const Empty request{};
  const Empty response = co_await client.empty_call(request);
  co_await check(response == Empty{}, "the reply is not empty");
}

Task<void> large_unary(const Target* target) { co_await make_large(client_of(target)); }

Task<void> client_compressed_unary(const Target* target) {
  Beside beside;
  beside.compress = std::make_shared<bool>(false);
  const auto client = client_of(target, beside);
  SimpleRequest request = large();
  request.expect_compressed = BoolValue{true};
  const auto refused = co_await weft::attempt(client.unary_call(request));
  co_await check_code(refused.status(), weft::Code::invalid_argument);

  *beside.compress = true;
  const SimpleResponse compressed = co_await client.unary_call(request);
  co_await check_zeros(compressed.payload, large_response);
  *beside.compress = false;
  request.expect_compressed = BoolValue{false};
  const SimpleResponse plain = co_await client.unary_call(request);
  co_await check_zeros(plain.payload, large_response);
}

Task<void> server_compressed_unary(const Target* target) {
  const Beside beside;
  const auto client = client_of(target, beside);
  SimpleRequest request = large();
  for (const bool compressed : {true, false}) {
    request.response_compressed = BoolValue{compressed};
    const SimpleResponse response = co_await client.unary_call(request);
    co_await check_zeros(response.payload, large_response);
    co_await check(beside.seen->compressed == compressed,
                   compressed ? "the reply came plain" : "the reply came compressed");
  }
}

Task<void> client_streaming(const Target* target) {
  const auto client = client_of(target);
  std::vector<InputRequest> requests;
  for (const std::size_t size : {27182, 8, 1828, 45904}) {
    InputRequest request;
    request.payload = payload_of(size);
    requests.push_back(std::move(request));
  }
  const auto response = co_await client.streaming_input_call(from(std::move(requests)));
  co_await check(response.aggregated_payload_size == 74922, "not all bytes were counted");
}

weft::Stream<InputRequest> compressed_then_plain(std::shared_ptr<bool> compress) {
  *compress = true;
  InputRequest first{.expect_compressed = BoolValue{true}};
  first.payload = payload_of(27182);
  co_yield std::move(first);
  *compress = false;
  InputRequest second{.expect_compressed = BoolValue{false}};
  second.payload = payload_of(45904);
  co_yield std::move(second);
}

Task<void> client_compressed_streaming(const Target* target) {
  Beside beside;
  beside.compress = std::make_shared<bool>(false);
  const auto client = client_of(target, beside);
  std::vector<InputRequest> probe(1);
  probe[0].expect_compressed = BoolValue{true};
  probe[0].payload = payload_of(27182);
  const auto refused = co_await weft::attempt(client.streaming_input_call(from(std::move(probe))));
  co_await check_code(refused.status(), weft::Code::invalid_argument);

  const auto response = co_await client.streaming_input_call(compressed_then_plain(beside.compress));
  co_await check(response.aggregated_payload_size == 73086, "not all bytes were counted");
}

Task<void> server_streaming(const Target* target) {
  const auto client = client_of(target);
  const std::vector<std::int32_t> sizes{31415, 9, 2653, 58979};
  OutputRequest request;
  for (const std::int32_t size : sizes) request.response_parameters.push_back({.size = size});
  auto responses = client.streaming_output_call(request);
  std::size_t count = 0;
  while (auto response = co_await responses.next()) {
    co_await check(count < sizes.size(), "more replies than asked for");
    co_await check_zeros(response->payload, static_cast<std::size_t>(sizes[count++]));
  }
  co_await check(count == sizes.size(), "fewer replies than asked for");
}

Task<void> server_compressed_streaming(const Target* target) {
  const auto client = client_of(target);
  OutputRequest request;
  request.response_parameters = {{.size = 31415, .compressed = BoolValue{true}},
                                 {.size = 92653, .compressed = BoolValue{false}}};
  auto responses = client.streaming_output_call(request);
  const auto first = co_await responses.next();
  co_await check(first.has_value(), "no reply");
  co_await check_zeros(first->payload, 31415);
  const auto second = co_await responses.next();
  co_await check(second.has_value(), "one reply only");
  co_await check_zeros(second->payload, 92653);
  const auto end = co_await responses.next();
  co_await check(!end, "more replies than asked for");
}

Task<void> ping_pong(const Target* target) {
  const auto client = client_of(target);
  auto requests = std::make_shared<weft::Queue<OutputRequest>>(1);
  auto responses = client.full_duplex_call(from(requests));
  const std::pair<std::int32_t, std::size_t> sizes[] = {{31415, 27182}, {9, 8}, {2653, 1828}, {58979, 45904}};
  for (const auto& [wanted, sent] : sizes) {
    OutputRequest request = output(wanted, sent);
    co_await requests->push(std::move(request));
    const auto response = co_await responses.next();
    co_await check(response.has_value(), "the stream ended early");
    co_await check_zeros(response->payload, static_cast<std::size_t>(wanted));
  }
  requests->close();
  const auto end = co_await responses.next();
  co_await check(!end, "more replies than asked for");
}

Task<void> empty_stream(const Target* target) {
  const auto client = client_of(target);
  auto responses = client.full_duplex_call({});
  const auto end = co_await responses.next();
  co_await check(!end, "a reply to nothing");
}

Task<void> check_status(const Target* target, std::string message) {
  const auto client = client_of(target);
  SimpleRequest request;
  request.response_status = EchoStatus{.code = 2, .message = message};
  const auto unary = co_await weft::attempt(client.unary_call(request));
  co_await check_code(unary.status(), weft::Code::unknown);
  co_await check(unary.status().message() == message, "the unary call's message is another");
}

Task<void> status_code_and_message(const Target* target) {
  const std::string message = "test status message";
  co_await check_status(target, message);
  const auto client = client_of(target);
  std::vector<OutputRequest> requests(1);
  requests[0].response_status = EchoStatus{.code = 2, .message = message};
  auto responses = client.full_duplex_call(from(std::move(requests)));
  const auto ended = co_await weft::attempt(responses.next());
  co_await check_code(ended.status(), weft::Code::unknown);
  co_await check(ended.status().message() == message, "the stream's message is another");
}

Task<void> special_status_message(const Target* target) {
  co_await check_status(target,
                        "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n");
}

Task<void> unimplemented_method(const Target* target) {
  const auto client = client_of(target);
  const Empty request{};
  const auto ended = co_await weft::attempt(client.unimplemented_call(request));
  co_await check_code(ended.status(), weft::Code::unimplemented);
}

Task<void> unimplemented_service(const Target* target) {
  const UnimplementedService::Client client{weft::channel(target->address, target->options)};
  const Empty request{};
  const auto ended = co_await weft::attempt(client.unimplemented_call(request));
  co_await check_code(ended.status(), weft::Code::unimplemented);
}

Task<void> stream_in(TestService::Client client, std::shared_ptr<weft::Queue<InputRequest>> requests,
                     weft::Status* ended) {
  const auto response = co_await weft::attempt(client.streaming_input_call(from(std::move(requests))));
  *ended = response.status();
}

Task<void> cancel_after_begin(const Target* target) {
  weft::Status ended;
  weft::Scope scope;
  scope.spawn(stream_in(client_of(target), std::make_shared<weft::Queue<InputRequest>>(1), &ended));
  scope.cancel();
  std::ignore = co_await weft::attempt(scope.join());
  co_await check_code(ended, weft::Code::cancelled);
}

Task<void> read_replies(weft::Stream<OutputResponse> responses, weft::Event* came, weft::Status* ended) {
  for (;;) {
    const auto response = co_await weft::attempt(responses.next());
    came->set();
    *ended = response.status();
    if (!response || !*response) co_return;
  }
}

Task<void> cancel_after_first_response(const Target* target) {
  const auto client = client_of(target);
  auto requests = std::make_shared<weft::Queue<OutputRequest>>(1);
  OutputRequest request = output(31415, 27182);
  co_await requests->push(std::move(request));
  weft::Status ended;
  weft::Event came;
  weft::Scope scope;
  scope.spawn(read_replies(client.full_duplex_call(from(requests)), &came, &ended));
  co_await came.wait();
  const weft::Status first = ended;
  scope.cancel();
  std::ignore = co_await weft::attempt(scope.join());
  co_await first;
  co_await check_code(ended, weft::Code::cancelled);
}

Task<void> read_all(weft::Stream<OutputResponse> responses) {
  for (;;) {
    const auto response = co_await responses.next();
    if (!response) co_return;
  }
}

Task<void> timeout_on_sleeping_server(const Target* target) {
  const auto client = client_of(target);
  auto requests = std::make_shared<weft::Queue<OutputRequest>>(1);
  OutputRequest request;
  request.payload = payload_of(27182);
  co_await requests->push(std::move(request));
  const auto ended = co_await weft::attempt(
      weft::within(std::chrono::milliseconds(1), read_all(client.full_duplex_call(from(requests)))));
  co_await check_code(ended.status(), weft::Code::deadline_exceeded);
}

weft::Status check_metadata(const Seen& seen) {
  const std::string* initial = seen.initial.find("x-grpc-test-echo-initial");
  const std::string* trailing = seen.trailer("x-grpc-test-echo-trailing-bin");
  if (!initial || *initial != "test_initial_metadata_value")
    return weft::data_loss("the initial metadata did not come back");
  if (!trailing || *trailing != "\xab\xab\xab")
    return weft::data_loss("the trailing metadata did not come back");
  return {};
}

Task<void> custom_metadata(const Target* target) {
  Beside beside;
  beside.metadata.add("x-grpc-test-echo-initial", "test_initial_metadata_value");
  beside.metadata.add("x-grpc-test-echo-trailing-bin", "\xab\xab\xab");
  const auto client = client_of(target, beside);
  co_await make_large(client);
  co_await check_metadata(*beside.seen);

  std::vector<OutputRequest> requests;
  requests.push_back(output(large_response, large_request));
  auto responses = client.full_duplex_call(from(std::move(requests)));
  const auto response = co_await responses.next();
  co_await check(response.has_value(), "no reply");
  co_await check_zeros(response->payload, large_response);
  const auto end = co_await responses.next();
  co_await check(!end, "more replies than asked for");
  co_await check_metadata(*beside.seen);
}

Task<void> rpc_soak(const Target* target) {
  const auto client = client_of(target);
  for (std::size_t made = 0; made < target->soak_iterations; ++made) co_await make_large(client);
}

Task<void> channel_soak(const Target* target) {
  for (std::size_t made = 0; made < target->soak_iterations; ++made) co_await make_large(client_of(target));
}

// The cases of the HTTP/2 interop descriptions: the server misbehaves, in a way that it was started for.

Task<void> goaway(const Target* target) {
  const auto client = client_of(target);
  co_await make_large(client);
  co_await weft::sleep(std::chrono::seconds(1));
  co_await make_large(client);
}

Task<void> large_fails(const Target* target) {
  const auto ended = co_await weft::attempt(make_large(client_of(target)));
  co_await check(!ended && ended.status().code() != weft::Code::data_loss, "the call did not fail");
}

Task<void> max_streams(const Target* target) {
  const auto client = client_of(target);
  co_await make_large(client);
  std::vector<Task<void>> calls;
  for (int made = 0; made < 10; ++made) calls.push_back(make_large(client));
  co_await weft::all(std::move(calls));
}

constexpr GrpcCase cases[] = {
    {"empty_unary", empty_unary},
    {"large_unary", large_unary},
    {"client_compressed_unary", client_compressed_unary},
    {"server_compressed_unary", server_compressed_unary},
    {"client_streaming", client_streaming},
    {"client_compressed_streaming", client_compressed_streaming},
    {"server_streaming", server_streaming},
    {"server_compressed_streaming", server_compressed_streaming},
    {"ping_pong", ping_pong},
    {"empty_stream", empty_stream},
    {"status_code_and_message", status_code_and_message},
    {"special_status_message", special_status_message},
    {"unimplemented_method", unimplemented_method},
    {"unimplemented_service", unimplemented_service},
    {"cancel_after_begin", cancel_after_begin},
    {"cancel_after_first_response", cancel_after_first_response},
    {"timeout_on_sleeping_server", timeout_on_sleeping_server},
    {"custom_metadata", custom_metadata},
    {"rpc_soak", rpc_soak},
    {"channel_soak", channel_soak},
    {"long_lived_channel", rpc_soak},
    {"goaway", goaway},
    {"rst_after_header", large_fails},
    {"rst_during_data", large_fails},
    {"rst_after_data", large_fails},
    {"ping", large_unary},
    {"max_streams", max_streams},
    {"data_frame_padding", large_unary},
    {"no_df_padding_sanity_test", large_unary},
};

}  // namespace

std::span<const GrpcCase> grpc_cases() { return cases; }

}  // namespace interop

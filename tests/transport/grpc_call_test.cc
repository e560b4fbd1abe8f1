// Channel and server together.
#include "grpc_service.h"

using namespace weft;
using namespace weft::test;

namespace {

Stream<Chain> messages(int count, std::size_t size) {
  for (int index = 0; index < count; ++index) {
    Chain message{Bytes(std::string(size, static_cast<char>('a' + index % 26)))};
    co_yield std::move(message);
  }
}

/// The next one when the last came back.
Stream<Chain> one_by_one(std::shared_ptr<Event> came_back) {
  for (int index = 0; index < 5; ++index) {
    Chain message{Bytes(std::to_string(index))};
    co_yield std::move(message);
    co_await came_back->wait();
    came_back->reset();
  }
}

Stream<Chain> failing() {
  Chain message{Bytes("one")};
  co_yield std::move(message);
  co_await data_loss("no more");
}

Call streaming(const Method& method, Stream<Chain> requests) {
  Call call{method, Chain{}};
  call.messages = std::make_shared<Stream<Chain>>(std::move(requests));
  return call;
}

Task<std::size_t> total(Stream<Chain>* stream) {
  std::size_t bytes = 0;
  for (;;) {
    auto message = co_await stream->next();
    if (!message) break;
    bytes += message->size();
  }
  co_return bytes;
}

}  // namespace

WEFT_IO_TEST("messages of all sizes come back, plain and compressed") {
  GrpcServed served;
  Channel channel{served.address()};
  for (std::size_t size : {0, 1, 1019, 1024, 16'384, 65'536, 1'000'000, 4 << 20}) {
    for (bool compressed : {false, true}) {
      std::string text;
      for (std::size_t index = 0; index < size; ++index) text += static_cast<char>('a' + index * index % 23);
      Call call{echo::unary, Chain{Bytes(text)}};
      call.compress = std::make_shared<bool>(compressed);
      call.metadata.add("compress", compressed ? "yes" : "no");
      Reply reply = co_await within(10s, channel.call(std::move(call)));
      CHECK(reply.payload.flatten().view() == text);
      CHECK(reply.compressed == compressed);
    }
  }
  Call call{echo::unary, Chain{Bytes(std::string((4 << 20) + 1, 'x'))}};
  auto refused = co_await attempt(within(10s, channel.call(std::move(call))));
  CHECK(refused.status().code() == Code::resource_exhausted);
}

WEFT_IO_TEST("metadata goes both ways, before and after, binary too") {
  GrpcServed served;
  Channel channel{served.address()};
  Call call{echo::unary, Chain{}};
  call.metadata.add("i-text", "a, b");
  call.metadata.add("t-bytes-bin", std::string("\0\n\xff", 3));
  Reply reply = co_await within(10s, channel.call(std::move(call)));
  REQUIRE(reply.metadata.find("i-text"));
  CHECK(*reply.metadata.find("i-text") == "a, b");
  REQUIRE(reply.trailers);
  REQUIRE(reply.trailers->find("t-bytes-bin"));
  CHECK(*reply.trailers->find("t-bytes-bin") == std::string("\0\n\xff", 3));
}

WEFT_IO_TEST("a failure arrives with its message and its trailers") {
  GrpcServed served;
  Channel channel{served.address()};
  Call call{echo::fail, Chain{}};
  auto reply = co_await attempt(within(10s, channel.call(std::move(call))));
  CHECK(reply.status().code() == Code::not_found);
  CHECK(reply.status().message() == "no\ttext % \xc3\xbc");
  CHECK(reply.status().reach() == Reach::answered);
  const auto* trailers = reply.status().get_if<Trailers>();
  REQUIRE(trailers);
  REQUIRE(trailers->metadata.find("why-bin"));
  CHECK(*trailers->metadata.find("why-bin") == std::string("\0\xff", 2));
  Call missing{echo::missing, Chain{}};
  reply = co_await attempt(within(10s, channel.call(std::move(missing))));
  CHECK(reply.status().code() == Code::unimplemented);
}

WEFT_IO_TEST("streams flow one way, the other and both") {
  GrpcServed served;
  Channel channel{served.address()};
  Call down{echo::down, Chain{Bytes("abc")}};
  Reply reply = co_await within(10s, channel.call(std::move(down)));
  std::size_t bytes = co_await within(10s, total(&reply.messages));
  CHECK(bytes == 9);

  Call up = streaming(echo::up, messages(100, 1000));
  reply = co_await within(10s, channel.call(std::move(up)));
  CHECK(reply.payload.size() == 100'000);
  Call nothing = streaming(echo::up, Stream<Chain>{});
  reply = co_await within(10s, channel.call(std::move(nothing)));
  CHECK(reply.payload.empty());

  Call both = streaming(echo::chat, messages(200, 50'000));
  reply = co_await within(10s, channel.call(std::move(both)));
  bytes = co_await within(10s, total(&reply.messages));
  CHECK(bytes == 10'000'000);
}

WEFT_IO_TEST("each side may wait for the other's last message") {
  GrpcServed served;
  Channel channel{served.address()};
  auto came_back = std::make_shared<Event>();
  Call call = streaming(echo::chat, one_by_one(came_back));
  Reply reply = co_await within(10s, channel.call(std::move(call)));
  for (int index = 0; index < 5; ++index) {
    auto message = co_await within(10s, reply.messages.next());
    REQUIRE(message);
    CHECK(message->flatten().view() == std::to_string(index));
    came_back->set();
  }
  auto end = co_await within(10s, reply.messages.next());
  CHECK(!end);
}

WEFT_IO_TEST("a stream of requests that fails ends its call with that") {
  GrpcServed served;
  Channel channel{served.address()};
  Call call = streaming(echo::up, failing());
  auto reply = co_await attempt(within(10s, channel.call(std::move(call))));
  CHECK(reply.status().code() == Code::data_loss);
}

WEFT_IO_TEST("dropping a stream of replies ends its handler") {
  GrpcServed served;
  Channel channel{served.address()};
  {
    Call call{echo::endless, Chain{}};
    Reply reply = co_await within(10s, channel.call(std::move(call)));
    auto first = co_await within(10s, reply.messages.next());
    CHECK(first);
    CHECK(served.observed.running == 1);
  }
  while (served.observed.running > 0) co_await sleep(1ms);
}

WEFT_IO_TEST("deadlines travel, and end handlers") {
  GrpcServed served;
  Channel channel{served.address()};
  Call call{echo::slow, Chain{}};
  auto reply = co_await attempt(within(100ms, channel.call(std::move(call))));
  CHECK(reply.status().code() == Code::deadline_exceeded);
  while (served.observed.cancelled < 1) co_await sleep(1ms);
  Call late{echo::slow, Chain{}};
  reply = co_await attempt(within(Duration::zero(), channel.call(std::move(late))));
  CHECK(reply.status().code() == Code::deadline_exceeded);
}

WEFT_IO_TEST("hundreds of calls share a connection, and more wait for its streams") {
  GrpcServed served{{.grpc = {.http2 = {.streams_max = 8}}}};
  Channel channel{served.address()};
  std::vector<Task<Reply>> many;
  for (int index = 0; index < 300; ++index) {
    Call call{echo::unary, Chain{Bytes(std::to_string(index))}};
    many.push_back(channel.call(std::move(call)));
  }
  auto replies = co_await within(10s, all(std::move(many)));
  for (std::size_t index = 0; index < replies.size(); ++index)
    CHECK(replies[index].payload.flatten().view() == std::to_string(index));
}

WEFT_IO_TEST("a channel that goes ends its calls") {
  GrpcServed served;
  auto channel = std::make_unique<Channel>(served.address());
  Call call{echo::slow, Chain{}};
  Scope scope = co_await Scope::open({.keep_going = true});
  auto ended = std::make_shared<Status>();
  scope.spawn(
      [](Task<Reply> made, std::shared_ptr<Status> ended) -> Task<void> {
        auto reply = co_await attempt(std::move(made));
        *ended = reply.status();
      },
      channel->call(std::move(call)), ended);
  while (served.observed.running < 1) co_await sleep(1ms);
  channel.reset();
  co_await scope.join();
  CHECK(ended->code() == Code::cancelled);
  while (served.observed.running > 0) co_await sleep(1ms);
}

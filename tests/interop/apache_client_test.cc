// apache-client-test PORT: Apache's C++ client calls interop-server.
#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>
#include <memory>

#include <doctest/doctest.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/protocol/TMultiplexedProtocol.h>
#include <thrift/transport/TBufferTransports.h>
#include <thrift/transport/TSocket.h>

#include "Annex.h"

using namespace apache_kitchen;
using apache::thrift::TApplicationException;
using apache::thrift::protocol::TProtocol;

namespace {

int port;

std::shared_ptr<TProtocol> connect() {
  auto socket = std::make_shared<apache::thrift::transport::TSocket>("127.0.0.1", port);
  socket->setRecvTimeout(10'000);
  auto framed = std::make_shared<apache::thrift::transport::TFramedTransport>(socket);
  framed->open();
  return std::make_shared<apache::thrift::protocol::TCompactProtocol>(framed);
}

template <class T, class Call>
void echoes(const T& value, Call call) {
  T back;
  call(back, value);
  CHECK(back == value);
}

Point point(std::int32_t x, std::int32_t y) {
  Point made;
  made.__set_x(x);
  made.__set_y(y);
  return made;
}

}  // namespace

TEST_CASE("base types") {
  AnnexClient client{connect()};
  std::string text;
  client.ping(text, "hello");
  CHECK(text == "pong:hello");
  client.annex(text);
  CHECK(text == "annex");
  client.nothing();
  CHECK(client.add(INT64_MAX, 1) == INT64_MIN);
  CHECK(client.negate(true) == false);
  CHECK(client.echo_double(-1.5e-300) == -1.5e-300);
  CHECK(client.next_color(Color::MINI) == Color::RED);
  CHECK(client.next_color(static_cast<Color::type>(99)) == 99);
  CHECK(client.odd_args(1, 2, 3) == 123);
  CHECK(client.sum({1, -2, 3}) == 2);
  CHECK(client.slow(20, 8) == 8);
  client.make_blob(text, 15 << 20);
  CHECK(text == std::string(15 << 20, '\x5a'));
  echoes(std::string("nul\0inside", 10), [&](auto& back, auto& sent) { client.echo_string(back, sent); });
  echoes(std::string(3'000'000, '\xff'), [&](auto& back, auto& sent) { client.echo_binary(back, sent); });
}

TEST_CASE("structs, unions and containers") {
  AnnexClient client{connect()};
  Every every;
  every.__set_tiny(-128);
  every.__set_wide(INT64_MIN);
  every.__set_words({"", "w"});
  every.__set_point(point(1, -1));
  every.__set_bools({true, false});
  echoes(every, [&](auto& back, auto& sent) { client.echo_every(back, sent); });
  Optionals optionals;
  echoes(optionals, [&](auto& back, auto& sent) { client.echo_optionals(back, sent); });
  optionals.__set_b(false);
  optionals.__set_st({3, 1, 2});
  echoes(optionals, [&](auto& back, auto& sent) { client.echo_optionals(back, sent); });
  Pick leaf, pick;
  leaf.__set_flag(true);
  pick.__set_many({leaf, leaf});
  echoes(pick, [&](auto& back, auto& sent) { client.echo_pick(back, sent); });
  Nest nest;
  nest.__set_points({point(1, 2), point(-1, 2)});
  nest.__set_by_point({{point(5, 6), "five"}});
  nest.__set_by_real({{-0.5, "half"}});
  nest.__set_bset({true, false});
  nest.__set_nothings({Empty{}, Empty{}});
  echoes(nest, [&](auto& back, auto& sent) { client.echo_nest(back, sent); });
  Tree tree;
  for (int depth = 0; depth < 20; ++depth) {
    Tree above;
    above.__set_v(depth);
    above.__set_kids({tree, Tree{}});
    tree = above;
  }
  echoes(tree, [&](auto& back, auto& sent) { client.echo_tree(back, sent); });
  echoes(std::vector<bool>(1000, true), [&](auto& back, auto& sent) { client.echo_bools(back, sent); });
  echoes(std::set<std::int32_t>{-1, 0, 1}, [&](auto& back, auto& sent) { client.echo_set(back, sent); });
}

TEST_CASE("exceptions, declared and not") {
  AnnexClient client{connect()};
  CHECK(client.may_throw(0) == 7);
  CHECK_THROWS_AS(client.may_throw(1), NotFound);
  CHECK_THROWS_AS(client.may_throw(2), Denied);
  CHECK_THROWS_AS(client.may_throw(3), shared::Trouble);
  CHECK_THROWS_AS(client.void_throw(1), NotFound);
  try {
    client.may_throw(4);
    FAIL("it must throw");
  } catch (const TApplicationException& exception) {
    CHECK(exception.getType() == TApplicationException::INTERNAL_ERROR);
  }
  client.nothing();
}

TEST_CASE("oneway calls, and many calls in flight") {
  AnnexClient client{connect()};
  for (int i = 0; i < 100; ++i) client.poke(4242);
  client.drop("s", {1});
  CHECK(client.pokes(4242) == 100);
  for (int i = 0; i < 500; ++i) client.send_ping(std::to_string(i));
  for (int i = 0; i < 500; ++i) {
    std::string text;
    client.recv_ping(text);
    REQUIRE(text == "pong:" + std::to_string(i));
  }
}

TEST_CASE("multiplexed") {
  AnnexClient client{std::make_shared<apache::thrift::protocol::TMultiplexedProtocol>(connect(), "Annex")};
  CHECK(client.add(1, 2) == 3);
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  port = std::atoi(argv[1]);
  return doctest::Context{}.run();
}

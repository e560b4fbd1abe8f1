#include <chrono>
#include <concepts>
#include <unistd.h>

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/sleep.h>

#include "probe.h"
#include "samples.h"

namespace interop {
namespace {

using namespace std::chrono_literals;
using Line = weft::Task<std::string>;

std::string text_of(std::string text) { return text; }
std::string text_of(std::integral auto number) { return fmt::format("{}", number); }
std::string text_of(const weft::Bytes& bytes) { return fmt::format("{}", bytes.size()); }

/// How one call ended.
template <class T>
Line told(Peer peer, weft::Task<T> call) {
  auto result = co_await attempt(within(peer.limit, std::move(call)));
  if (!result) co_return line_of(result.status());
  if constexpr (std::is_void_v<T>)
    co_return "OK";
  else
    co_return "OK " + text_of(*std::move(result));
}

template <class T>
Line echoed(Peer peer, weft::Task<T> call, T sent) {
  T received = co_await within(peer.limit, std::move(call));
  co_return received == sent ? "OK same" : "ERR protocol the value came back changed";
}

/// "OK a; OK b"
Line in_turn(Line first, Line second) {
  std::string one = co_await std::move(first);
  std::string two = co_await std::move(second);
  co_return one + "; " + two;
}

Line together(Line first, Line second) {
  auto both = co_await all(std::move(first), std::move(second));
  co_return std::get<0>(both) + "; " + std::get<1>(both);
}

template <std::int32_t Which>
Line throws(Peer peer) {
  return told(peer, peer.client.may_throw(Which));
}

Line every(Peer peer) {
  auto value = every_sample();
  return echoed(peer, peer.client.echo_every(value), value);
}
Line nest(Peer peer) {
  auto value = nest_sample();
  return echoed(peer, peer.client.echo_nest(value), value);
}
Line pick(Peer peer) {
  auto value = pick_sample();
  return echoed(peer, peer.client.echo_pick(value), value);
}

/// Pokes are not answered: they are there when `pokes` says so, which may take a while.
Line oneway(Peer peer) {
  auto token = std::chrono::system_clock::now().time_since_epoch().count() ^ std::int64_t{getpid()} << 40;
  for (int i = 0; i < 10; ++i) co_await within(peer.limit, peer.client.poke(token));
  auto until = weft::now() + 2500ms;
  for (;;) {
    std::int64_t seen = co_await within(peer.limit, peer.client.pokes(token));
    if (seen >= 10 || weft::now() >= until) co_return fmt::format("OK {}", seen);
    co_await weft::sleep(20ms);
  }
}

Line many(Peer peer) {
  std::vector<weft::Task<std::string>> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(within(peer.limit, peer.client.ping(fmt::format("{}", i))));
  auto replies = co_await all(std::move(calls));
  int right = 0;
  for (int i = 0; i < 100; ++i) right += replies[i] == fmt::format("pong:{}", i);
  if (right != 100) co_return fmt::format("ERR protocol {} of 100 replies are right", right);
  co_return "OK 100";
}

Line ping(Peer peer, const char* message) { return told(peer, peer.client.ping(message)); }

constexpr ProbeCase cases[] = {
    {"ping", [](Peer peer) { return ping(peer, "hello"); }},
    {"add", [](Peer peer) { return told(peer, peer.client.add(std::int64_t{1} << 62, 5)); }},
    {"nothing", [](Peer peer) { return told(peer, peer.client.nothing()); }},
    {"throw0", &throws<0>},
    {"throw1", &throws<1>},
    {"throw2", &throws<2>},
    {"throw3", &throws<3>},
    {"throw4", &throws<4>},
    {"voidthrow", [](Peer peer) { return told(peer, peer.client.void_throw(1)); }},
    {"blob", [](Peer peer) { return told(peer, peer.client.make_blob(5 << 20)); }},
    {"every", &every},
    {"nest", &nest},
    {"pick", &pick},
    {"oneway", &oneway},
    {"many", &many},
    {"twice", [](Peer peer) { return in_turn(ping(peer, "first"), ping(peer, "second")); }},
    {"afterthrow", [](Peer peer) { return in_turn(throws<1>(peer), ping(peer, "second")); }},
    {"pair", [](Peer peer) { return together(ping(peer, "a"), ping(peer, "b")); }},
};

}  // namespace

std::span<const ProbeCase> probe_cases() { return cases; }

}  // namespace interop

// kv_client ADDRESS[,ADDRESS...] COMMAND [ARGUMENT...]. Several servers are one store (cluster.h). It ends
// with 0 when the command was done, 1 when the store said no (there is no such key, or it has another value),
// 2 when there was no answer or the command was wrong.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <weft/weft.h>

#include "cluster.h"
#include "load.h"

namespace {

using kv::Cluster;
using Arguments = std::vector<std::string>;

weft::Result<std::uint64_t> number(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value <= max) return value;
  return weft::invalid_argument(fmt::format("\"{}\" is no number from 0 to {}", text, max));
}

weft::Task<void> get(Cluster cluster, Arguments arguments) {
  auto value = co_await cluster.get(arguments[0]);
  fmt::print("{}\n", value.view());
}

weft::Task<void> put(Cluster cluster, Arguments arguments) {
  co_await cluster.put(arguments[0], arguments[1]);
}

weft::Task<void> remove(Cluster cluster, Arguments arguments) { co_await cluster.remove(arguments[0]); }

weft::Task<void> cas(Cluster cluster, Arguments arguments) {
  kv::Swap swap{.key = arguments.front(), .value = arguments.back()};
  if (arguments.size() == 3) swap.expected = arguments[1];
  co_await cluster.compare_and_swap(swap);
}

/// Adds to a number that other clients add to as well: read, compute, and swap if nobody was faster.
weft::Task<void> count(Cluster cluster, Arguments arguments) {
  auto times = co_await number(arguments[1], 1'000'000'000);
  kv::Swap swap{.key = arguments[0]};
  while (times > 0) {
    auto before = co_await number(swap.expected ? swap.expected->view() : "0", INT64_MAX);
    swap.value = fmt::format("{}", before + 1);
    auto swapped = co_await weft::attempt(cluster.compare_and_swap(swap));
    if (swapped) {
      swap.expected = swap.value;
      --times;
    } else if (const auto* mismatch = swapped.status().get_if<kv::Mismatch>()) {
      swap.expected = mismatch->actual;  // somebody was faster: once more, from there
    } else {
      co_await std::move(swapped);
    }
  }
  fmt::print("{}\n", swap.expected ? swap.expected->view() : "0");
}

weft::Task<void> scan(Cluster cluster, Arguments arguments) {
  kv::Range range{.from = arguments[0]};
  range.limit = static_cast<std::int32_t>(co_await number(arguments[1], INT32_MAX));
  if (arguments.size() == 3) range.prefix = arguments[2];
  auto entries = co_await cluster.scan(range);
  for (const kv::Entry& entry : entries) fmt::print("{}\t{}\n", entry.key.view(), entry.value.view());
}

weft::Task<void> load(Cluster cluster, Arguments arguments) {
  auto keys = co_await number(arguments[0], 1'000'000'000);
  std::uint64_t in_flight = 64;
  if (arguments.size() == 2) in_flight = co_await number(arguments[1], 65'536);
  if (keys == 0 || in_flight == 0) co_await weft::invalid_argument("there is nothing to do");
  co_await kv::load(std::move(cluster), keys, in_flight);
}

struct Command {
  std::string_view name, parameters;
  std::size_t least, most;  ///< arguments
  weft::Task<void> (*run)(Cluster cluster, Arguments arguments);
};

constexpr Command commands[] = {
    {"get", "KEY", 1, 1, get},
    {"put", "KEY VALUE", 2, 2, put},
    {"remove", "KEY", 1, 1, remove},
    {"cas", "KEY [OLD] NEW      without OLD: only if there is no such key", 2, 3, cas},
    {"count", "KEY TIMES", 2, 2, count},
    {"scan", "FROM LIMIT [PREFIX]", 2, 3, scan},
    {"load", "COUNT [IN_FLIGHT]", 1, 2, load},
};

int usage() {
  fmt::print(stderr, "usage: kv_client ADDRESS[,ADDRESS...] COMMAND, where COMMAND is one of\n");
  for (const Command& command : commands) fmt::print(stderr, "  {} {}\n", command.name, command.parameters);
  return 2;
}

int report(const weft::Status& failure) {
  if (const auto* not_found = failure.get_if<kv::NotFound>()) {
    fmt::print(stderr, "kv_client: there is no key \"{}\"\n", not_found->key.view());
    return 1;
  }
  if (const auto* mismatch = failure.get_if<kv::Mismatch>()) {
    if (mismatch->actual)
      fmt::print(stderr, "kv_client: the value is \"{}\"\n", mismatch->actual->view());
    else
      fmt::print(stderr, "kv_client: there is no such key\n");
    return 1;
  }
  fmt::print(stderr, "kv_client: {}\n", failure.to_string());
  return 2;
}

weft::Task<void> execute(std::string address, const Command* command, Arguments arguments) {
  auto cluster = co_await Cluster::connect(std::move(address));
  co_await command->run(std::move(cluster), std::move(arguments));
}

weft::Task<int> run(std::string address, const Command* command, Arguments arguments) {
  auto done = co_await weft::attempt(execute(std::move(address), command, std::move(arguments)));
  co_return done ? 0 : report(done.status());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return usage();
  Arguments arguments(argv + 3, argv + argc);
  for (const Command& command : commands)
    if (command.name == argv[2] && arguments.size() >= command.least && arguments.size() <= command.most)
      return weft::run(run(argv[1], &command, std::move(arguments)));
  return usage();
}

// thrift-probe --host H --port P --transport framed|header --timeout-ms T CASE: Weft's client, run against
// other people's servers. Prints one line that says how the case ended, and exits with 0 whatever that was.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include <weft/weft.h>

#include "probe.h"

namespace {

struct Options {
  std::string_view host = "127.0.0.1", port, transport = "framed", probe;
  unsigned timeout_ms = 5000;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      options.probe = word;
      continue;
    }
    if (++i == argc) return false;
    std::string_view value = argv[i];
    if (word == "--host")
      options.host = value;
    else if (word == "--port")
      options.port = value;
    else if (word == "--transport")
      options.transport = value;
    else if (word == "--timeout-ms")
      std::from_chars(value.data(), value.data() + value.size(), options.timeout_ms);
    else
      return false;
  }
  return !options.port.empty() && (options.transport == "framed" || options.transport == "header");
}

weft::Task<int> probe(std::string address, weft::Duration limit, const interop::ProbeCase* what) {
  interop::Peer peer{weft_kitchen::Annex::Client{weft::channel(address)}, limit};
  auto line = co_await attempt(what->run(peer));
  fmt::print("{}\n", line ? *line : interop::line_of(line.status()));
  co_return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  auto cases = interop::probe_cases();
  const interop::ProbeCase* what = nullptr;
  if (parse(argc, argv, options))
    for (const auto& one : cases)
      if (one.name == options.probe) what = &one;
  if (!what) {
    fmt::print(stderr,
               "usage: thrift-probe --host H --port P --transport framed|header --timeout-ms T CASE\ncases:");
    for (const auto& one : cases) fmt::print(stderr, " {}", one.name);
    fmt::print(stderr, "\n");
    return 2;
  }
  if (options.transport == "header") {
    fmt::print("ERR transport header is not supported yet\n");
    return 0;
  }
  bool is_ipv6 = options.host.find(':') != options.host.npos;
  std::string address = is_ipv6 ? fmt::format("[{}]:{}", options.host, options.port)
                                : fmt::format("{}:{}", options.host, options.port);
  return weft::run(probe(address, std::chrono::milliseconds(options.timeout_ms), what));
}

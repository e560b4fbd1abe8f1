#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include <weft/runtime/log.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

#include "forbidden_uring.h"

using namespace weft;
using test::where_io_uring_fails;

namespace {

void write_line(int to, std::string_view text) {
  [[maybe_unused]] auto written = write(to, text.data(), text.size());
}

void insist(int to) {
  auto loop = Loop::create({.driver = LoopDriver::io_uring});
  write_line(to, loop ? "a loop" : loop.status().to_string());
}

Task<std::string> send_and_receive() {
  Address any = co_await Address::parse("127.0.0.1:0");
  Listener listener = co_await Listener::open(any);
  Socket near = co_await connect_socket(listener.address());
  Socket far = co_await listener.accept();
  near.write(Bytes{"a loop that works"});
  co_await sleep(std::chrono::milliseconds(1));
  Bytes bytes = co_await far.receive();
  co_return bytes.str();
}

int log_to = -1;

void go_on(int to) {
  log_to = to;
  set_log_hook([](LogLevel, std::string_view line) { write_line(log_to, std::string(line) + '\n'); });
  for (int times = 0; times < 2; ++times) {
    auto loop = Loop::create({.stall_limit = {}});
    auto sent = loop ? (*loop)->run(send_and_receive()) : Result<std::string>(std::move(loop).status());
    write_line(to, (sent ? *sent : sent.status().to_string()) + '\n');
  }
}

}  // namespace

TEST_CASE("who insists on io_uring where it is forbidden is told by what and how to allow it") {
  std::string text = where_io_uring_fails(EPERM, insist);
  INFO(text);
  CHECK(text.starts_with("unavailable: io_uring is not available: Operation not permitted"));
  CHECK((text.find("seccomp") != text.npos || text.find("io_uring_disabled") != text.npos));
  CHECK(text.find('\n') == text.npos);
}

TEST_CASE("who insists on it where the kernel has none is told so") {
  CHECK(where_io_uring_fails(ENOSYS, insist).find("the kernel was built without it") != std::string::npos);
}

TEST_CASE("where io_uring is refused, loops work on epoll, and one line says why") {
  std::string text = where_io_uring_fails(EPERM, go_on);
  INFO(text);
  CHECK(text.starts_with("io_uring is not available: Operation not permitted"));
  CHECK(text.ends_with("; going on with epoll\na loop that works\na loop that works\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
}

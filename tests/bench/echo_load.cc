// echo-load --target HOST:PORT [--connections N] [--depth D] [--size BYTES] [--seconds S] [--warmup S]
//           [--rate CALLS/S] [--pid SERVER] [--busy-poll MICROSECONDS] [--client] [--ca FILE]
//
// Keeps D calls in flight on each of N connections (closed loop), or starts CALLS/S of them whatever comes
// back (open loop: latency then counts from the moment a call was due).
//
// Without --client it sends ready-made Echo.echo frames and counts the frames that come back, so that it
// loads any framed server the same, the raw echo included. With --client it is a Weft client: generated code
// and channels; with --ca it speaks TLS, and trusts that authority. Prints one line of JSON.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <unistd.h>
#include <vector>

#include <weft/weft.h>

#include "allocations.h"
#include "echo.weft.h"
#include "histogram.h"

namespace {

struct Load {
  std::string target = "127.0.0.1:9000", authority;
  int connections = 64, depth = 1, pid = 0;
  std::size_t size = 64;
  double seconds = 2, warmup = 0.5, rate = 0;
  bool client = false;
  weft::LoopOptions loop;

  // What is measured, between the end of the warm-up and the end.
  bool measuring = false, over = false;
  bench::Histogram latencies;
  std::uint64_t calls = 0, errors = 0;

  void done(weft::Instant since) {
    if (!measuring) return;
    ++calls;
    latencies.add(static_cast<std::uint64_t>((weft::now() - since).count()));
  }
};

/// A frame that calls Echo.echo.
std::string request_frame(std::size_t size) {
  std::string body = "\x82\x21";
  body += '\0';
  body +=
      "\x04"
      "echo"
      "\x1c\x16\x02\x18";
  for (std::size_t left = size;; left >>= 7) {
    body += static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    if (left <= 0x7f) break;
  }
  body.append(size, 'x');
  body.append(2, '\0');
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(body.size() >> shift);
  return frame + body;
}

/// Counts the frames of a byte stream.
class FrameCounter {
 public:
  int count(const weft::Bytes& piece) {
    int frames = 0;
    for (std::size_t at = 0; at < piece.size();) {
      if (length_bytes_ < 4) {
        left_ = left_ << 8 | piece[at++];
        if (++length_bytes_ < 4) continue;
      }
      std::size_t part = std::min<std::size_t>(left_, piece.size() - at);
      at += part;
      left_ -= static_cast<std::uint32_t>(part);
      if (left_ == 0) {
        ++frames;
        length_bytes_ = 0;
      }
    }
    return frames;
  }

 private:
  std::uint32_t left_ = 0;
  int length_bytes_ = 0;
};

/// When the next call of this connection is due, in the open loop.
class Schedule {
 public:
  explicit Schedule(const Load& load)
      : gap_(load.rate > 0 ? static_cast<std::int64_t>(1e9 * load.connections / load.rate) : 0),
        next_(weft::now()) {}
  bool open() const { return gap_.count() > 0; }
  weft::Instant take() {
    weft::Instant due = next_;
    next_ = next_ + gap_;
    return due;
  }

 private:
  weft::Duration gap_;
  weft::Instant next_;
};

weft::Task<void> start_on_time(weft::Socket* socket, const std::string* frame,
                               std::deque<weft::Instant>* started, Load* load) {
  Schedule schedule{*load};
  while (!load->over) {
    weft::Instant due = schedule.take();
    if (weft::now() < due) co_await weft::sleep_until(due);
    started->push_back(due);
    socket->write(weft::Bytes(*frame));
  }
}

weft::Task<void> raw_connection(Load* load, const std::string* frame) {
  weft::Address address = co_await weft::Address::parse(load->target);
  weft::Socket socket = co_await weft::connect_socket(address);
  std::deque<weft::Instant> started;
  weft::Scope scope = co_await weft::Scope::open();
  bool open = Schedule(*load).open();
  auto start = [&](int count) {
    weft::Instant now = weft::now();
    for (int i = 0; i < count; ++i) {
      started.push_back(now);
      std::memcpy(socket.reserve(frame->size()), frame->data(), frame->size());
      socket.commit(frame->size());
    }
  };
  if (open)
    scope.spawn(start_on_time(&socket, frame, &started, load));
  else
    start(load->depth);
  FrameCounter counter;
  while (!load->over) {
    auto piece = co_await weft::attempt(socket.receive());
    if (!piece || piece->empty()) {
      if (!load->over) ++load->errors;
      break;
    }
    int frames = counter.count(*piece);
    for (int i = 0; i < frames; ++i) {
      load->done(started.front());
      started.pop_front();
    }
    if (!open) start(frames);
  }
  scope.cancel();
  std::ignore = co_await weft::attempt(scope.join());
}

weft::Task<void> one_call(const echo::Echo::Client* client, const echo::Msg* message, weft::Instant since,
                          Load* load) {
  auto reply = co_await weft::attempt(client->echo(*message));
  if (!reply || reply->data.size() != message->data.size())
    ++load->errors;
  else
    load->done(since);
}

weft::Task<void> call_in_turn(const echo::Echo::Client* client, const echo::Msg* message, Load* load) {
  while (!load->over) co_await one_call(client, message, weft::now(), load);
}

weft::Task<void> client_connection(Load* load) {
  weft::ChannelOptions options;
  options.tls.ca_file = load->authority;
  options.tls.enabled = !load->authority.empty();
  options.connect_timeout = std::chrono::seconds(10);
  auto client = co_await weft::connect<echo::Echo>(load->target, options);
  echo::Msg message{.id = 12345678901, .data = std::string(load->size, 'x')};
  weft::Scope scope = co_await weft::Scope::open();
  Schedule schedule{*load};
  if (schedule.open()) {
    while (!load->over) {
      weft::Instant due = schedule.take();
      if (weft::now() < due) co_await weft::sleep_until(due);
      scope.spawn(one_call(&client, &message, due, load));
    }
  } else {
    for (int i = 0; i < load->depth; ++i) scope.spawn(call_in_turn(&client, &message, load));
  }
  co_await scope.join();
}

/// CPU seconds of a process so far.
double cpu_of(int pid) {
  char path[64], text[512];
  std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
  std::FILE* file = pid ? std::fopen(path, "r") : nullptr;
  if (!file) return 0;
  std::size_t size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = '\0';
  unsigned long user = 0, system = 0;
  const char* rest = std::strrchr(text, ')');
  if (!rest ||
      std::sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
    return 0;
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

weft::Task<void> measure(Load* load) {
  weft::ScopeOptions scope_options{.keep_going = true};
  weft::Scope scope = co_await weft::Scope::open(scope_options);
  std::string frame = request_frame(load->size);
  for (int i = 0; i < load->connections; ++i)
    scope.spawn(load->client ? client_connection(load) : raw_connection(load, &frame));
  co_await weft::sleep(std::chrono::nanoseconds(static_cast<std::int64_t>(load->warmup * 1e9)));
  auto before = weft::Loop::current()->counters();
  std::uint64_t allocations = bench::allocations();
  double own = cpu_of(getpid()), server = cpu_of(load->pid);
  weft::Instant start = weft::now();
  load->measuring = true;
  co_await weft::sleep(std::chrono::nanoseconds(static_cast<std::int64_t>(load->seconds * 1e9)));
  load->measuring = false;
  load->over = true;
  double took = static_cast<double>((weft::now() - start).count()) / 1e9;
  auto after = weft::Loop::current()->counters();
  double calls = load->calls ? static_cast<double>(load->calls) : 1;
  std::printf(
      "{\"calls_per_s\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"errors\": %llu, "
      "\"client_cpu_s\": %.2f, \"server_cpu_s\": %.2f, \"server_us_per_call\": %.3f, "
      "\"client_system_calls_per_call\": %.4f, \"client_allocations_per_call\": %.4f}\n",
      static_cast<double>(load->calls) / took, load->latencies.at(0.5) / 1e3, load->latencies.at(0.99) / 1e3,
      load->latencies.at(0.999) / 1e3, static_cast<unsigned long long>(load->errors), cpu_of(getpid()) - own,
      cpu_of(load->pid) - server, (cpu_of(load->pid) - server) * 1e6 / calls,
      static_cast<double>(after.system_calls - before.system_calls) / calls,
      static_cast<double>(bench::allocations() - allocations) / calls);
  scope.cancel();
  co_await scope.join();
  if (load->calls == 0) co_await weft::unavailable("no call succeeded");
}

bool parse(int argc, char** argv, Load& load) {
  for (int i = 1; i < argc; ++i) {
    std::string_view name = argv[i];
    if (name == "--client") {
      load.client = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const char* value = argv[++i];
    if (name == "--target")
      load.target = value;
    else if (name == "--connections")
      load.connections = std::atoi(value);
    else if (name == "--depth")
      load.depth = std::atoi(value);
    else if (name == "--size")
      load.size = static_cast<std::size_t>(std::atol(value));
    else if (name == "--seconds")
      load.seconds = std::atof(value);
    else if (name == "--warmup")
      load.warmup = std::atof(value);
    else if (name == "--busy-poll")
      load.loop.busy_poll = std::chrono::microseconds(std::atoi(value));
    else if (name == "--rate")
      load.rate = std::atof(value);
    else if (name == "--ca")
      load.authority = value;
    else if (name == "--pid")
      load.pid = std::atoi(value);
    else
      return false;
  }
  return load.connections > 0 && load.depth > 0 && load.seconds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  if (!parse(argc, argv, load)) {
    std::fputs(
        "usage: echo-load --target HOST:PORT [--connections N] [--depth D] [--size BYTES] [--seconds S]\n"
        "                 [--warmup S] [--rate CALLS/S] [--pid SERVER] [--busy-poll MICROSECONDS] "
        "[--client] [--ca FILE]\n",
        stderr);
    return 2;
  }
  return weft::run(measure(&load), load.loop);
}

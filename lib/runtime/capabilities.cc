#include "capabilities.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <fmt/format.h>
#include <liburing.h>

#include <weft/runtime/capabilities.h>
#include <weft/runtime/log.h>

#include "driver.h"
#include "uring_probe.h"

namespace weft {
namespace {

using detail::DriverFacts;
using detail::UringProbe;
using State = Capability::State;

/// Something of io_uring.
struct Row {
  const char* name;
  const char* since;  ///< the first release of Linux that has it
  bool UringProbe::* available;
  bool (*used)(const DriverFacts& facts);
  const char* why_not;  ///< where a loop on io_uring does not use it
};

template <unsigned Flag>
bool has_flag(const DriverFacts& facts) {
  return facts.setup_flags & Flag;
}
bool always(const DriverFacts&) { return true; }
bool never(const DriverFacts&) { return false; }

const Row rows[] = {
    {"single issuer", "6.0", &UringProbe::single_issuer, has_flag<IORING_SETUP_SINGLE_ISSUER>,
     "it goes with deferred task work"},
    {"deferred task work", "6.1", &UringProbe::deferred_task_work, has_flag<IORING_SETUP_DEFER_TASKRUN>,
     "the kernel refused it for this ring"},
    {"cooperative task work", "5.19", &UringProbe::cooperative_task_work, has_flag<IORING_SETUP_COOP_TASKRUN>,
     "deferred task work does more"},
    {"registered ring descriptor", "5.18", &UringProbe::registered_ring,
     [](const DriverFacts& facts) { return facts.registered_ring; }, "the kernel refused it for this ring"},
    {"buffer rings", "5.19", &UringProbe::buffer_rings, always, ""},
    {"multishot accept", "5.19", &UringProbe::multishot_accept, always, ""},
    {"multishot receive", "6.0", &UringProbe::multishot_receive,
     [](const DriverFacts& facts) { return facts.multishot_receive; }, "the kernel refused it for a socket"},
    {"receive bundles", "6.10", &UringProbe::bundles, never,
     "each piece that arrives is given to its task by itself"},
    {"incremental buffers", "6.12", &UringProbe::incremental_buffers, never,
     "a receive buffer holds one piece, and goes home when that is dropped"},
    {"zero-copy send", "6.1", &UringProbe::zero_copy_send,
     [](const DriverFacts& facts) { return facts.zero_copy_send; },
     "no socket has asked for it by SocketOptions::zero_copy_from and sent so much"},
    {"messages between rings", "5.18", &UringProbe::ring_messages,
     [](const DriverFacts& facts) { return facts.ring_messages; }, "LoopOptions::wake chooses the eventfd"},
    {"minimum wait", "6.12", &UringProbe::min_wait, never, "what comes alone would be late"},
    {"NAPI busy polling", "6.9", &UringProbe::napi, never,
     "LoopOptions::busy_poll looks at the ring instead"},
};

Capabilities::Limit limit(int resource) {
  rlimit found{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &found) != 0) return {};
  auto value = [](rlim_t bound) { return bound == RLIM_INFINITY ? Capabilities::Limit::none : bound; };
  return {value(found.rlim_cur), value(found.rlim_max)};
}

/// Asked without loading its module, which trying it would do.
bool has_kernel_tls() {
  std::ifstream file("/proc/sys/net/ipv4/tcp_available_ulp");
  std::istream_iterator<std::string> name{file}, end;
  for (; name != end; ++name)
    if (*name == "tls") return true;
  return false;
}

bool has_epoll_pwait2() {
  timespec timeout{};
  epoll_event event;
  return epoll_pwait2(-1, &event, 1, &timeout, nullptr) == 0 || errno != ENOSYS;
}

void add_uring(const DriverFacts& facts, Capabilities& capabilities) {
  UringProbe probe = detail::probe_uring();
  bool used = capabilities.driver == "io_uring";
  std::string elsewhere = "the loop runs on " + capabilities.driver;
  Capability whole{"io_uring", State::used, ""};
  if (!used) {
    whole.state = probe.works ? State::unused : State::missing;
    whole.note = probe.works ? elsewhere : capabilities.reason;
  }
  capabilities.list.push_back(std::move(whole));
  for (const Row& row : rows) {
    Capability each{row.name, State::missing, ""};
    if (used && row.used(facts)) {
      each.state = State::used;
    } else if (probe.*row.available) {
      each.state = State::unused;
      each.note = used ? row.why_not : elsewhere;
    } else {
      each.note = probe.works ? fmt::format("needs Linux {}", row.since) : "there is no io_uring";
    }
    capabilities.list.push_back(std::move(each));
  }
}

std::string to_string(const Capabilities::Limit& limit) {
  auto number = [](std::uint64_t bound) {
    return bound == Capabilities::Limit::none ? std::string("unlimited") : fmt::format("{}", bound);
  };
  if (limit.now == limit.may_be_raised_to) return number(limit.now);
  return fmt::format("{}, may be raised to {}", number(limit.now), number(limit.may_be_raised_to));
}

}  // namespace

Capabilities capabilities() {
  Capabilities found;
  utsname name{};
  if (uname(&name) == 0) found.kernel = name.release;
  found.open_files = limit(RLIMIT_NOFILE);
  found.locked_memory = limit(RLIMIT_MEMLOCK);

  std::unique_ptr<detail::Driver> own;
  Loop* loop = Loop::current();
  detail::Driver* driver = loop ? &loop->driver() : nullptr;
  if (!driver) {
    auto made = detail::make_driver({});
    if (made) own = *std::move(made);
    driver = own.get();
    if (!made) found.reason = made.status().message();
  }
  DriverFacts facts;
  if (driver) {
    facts = driver->facts();
    found.driver = facts.name;
    found.reason = driver->reason;
  }
  add_uring(facts, found);

  Capability timeout{"epoll_pwait2", State::missing,
                     "needs Linux 5.11: timers are whole milliseconds without"};
  if (has_epoll_pwait2()) timeout.state = found.driver == "epoll" ? State::used : State::unused;
  if (timeout.state == State::used)
    timeout.note.clear();
  else if (timeout.state == State::unused)
    timeout.note = "the loop does not run on epoll";
  found.list.push_back(std::move(timeout));
  found.list.push_back(
      has_kernel_tls()
          ? Capability{"kernel TLS", State::unused, "the runtime does not encrypt"}
          : Capability{"kernel TLS", State::missing, "needs the kernel module tls, which is not loaded"});
  return found;
}

std::string describe_capabilities() {
  Capabilities found = capabilities();
  std::string text = fmt::format("Linux {}: loops run on {} ({})\n", found.kernel,
                                 found.driver.empty() ? "nothing" : found.driver, found.reason);
  for (const Capability& each : found.list) {
    const char* state = each.state == State::used     ? "used"
                        : each.state == State::unused ? "available, not used"
                                                      : "missing";
    text += fmt::format("{}: {}{}{}\n", each.name, state, each.note.empty() ? "" : ": ", each.note);
  }
  text += fmt::format("open files: {}\n", to_string(found.open_files));
  text += fmt::format("bytes of locked memory: {}\n", to_string(found.locked_memory));
  return text;
}

void detail::report_capabilities_once() {
  static std::atomic<bool> said{false};
  if (said.load(std::memory_order_relaxed)) return;
  const char* wanted = std::getenv("WEFT_REPORT");
  if (!wanted || std::string_view(wanted) != "1" || said.exchange(true)) return;
  std::string text = describe_capabilities();
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.find('\n', begin);
    log(LogLevel::info, std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace weft

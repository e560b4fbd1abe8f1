// ScriptedService: a Service that a test plays. It answers each call with the next line of its script and
// remembers what it was asked; no network, no wire format, no test framework.
//
//   auto greeter = std::make_shared<ScriptedService>();
//   greeter->next().fails(unavailable("down"));
//   greeter->next().after(20ms).replies("hello");
//   greeter->next().hangs();                       // until it is cancelled
//   greeter->afterwards().replies("always this");  // for every call beyond the script
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <weft/middleware/service.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/sync.h>

namespace weft::test {

/// One line of the script: how a call is answered. Until told otherwise, with an empty reply, at once.
class ScriptLine {
 public:
  ScriptLine& after(Duration delay) {
    delay_ = delay;
    return *this;
  }
  ScriptLine& replies(Bytes payload) {
    Reply reply;
    reply.payload = Chain{std::move(payload)};
    return replies(reply);
  }
  /// Without messages, which could be said once.
  ScriptLine& replies(const Reply& reply) {
    payload_ = reply.payload;
    metadata_ = reply.metadata;
    declared_exception_ = reply.declared_exception;
    failure_ = {};
    return *this;
  }
  ScriptLine& fails(Status failure) {
    failure_ = std::move(failure);
    return *this;
  }
  ScriptLine& hangs() {
    hangs_ = true;
    return *this;
  }

 private:
  friend class ScriptedService;
  Duration delay_{};
  bool hangs_ = false;
  Chain payload_;
  Metadata metadata_;
  bool declared_exception_ = false;
  Status failure_;  ///< OK: the reply is said
};

class ScriptedService final : public Service {
 public:
  /// A call as it came in.
  struct Seen {
    Call call;
    Instant at;
    Deadline deadline;
  };

  /// Adds a line to the script.
  ScriptLine& next() { return script_.emplace_back(); }
  /// What is said to every call beyond the script. Without it, such a call fails with `internal`.
  ScriptLine& afterwards() { return afterwards_.emplace(); }

  const std::vector<Seen>& calls() const noexcept { return calls_; }
  std::size_t in_flight() const noexcept { return in_flight_; }
  /// Calls that were cancelled, or whose deadline passed, before their answer was due.
  std::size_t cancelled() const noexcept { return cancelled_; }
  /// Whether every line has been played.
  bool finished() const noexcept { return script_.empty(); }

  Task<Reply> call(Call call) override {
    Counted counted{in_flight_};
    calls_.push_back({std::move(call), now(), current_deadline()});
    calls_.back().call.tried = nullptr;  // it is gone when the call has ended
    std::optional<ScriptLine> line = take();
    if (!line) co_return internal("call " + std::to_string(calls_.size()) + " is not in the script");
    Result<void> waited;
    if (line->hangs_)
      waited = co_await attempt(never_.wait());
    else if (line->delay_ > Duration::zero())
      waited = co_await attempt(sleep(line->delay_));
    if (!waited) {
      ++cancelled_;
      co_return std::move(waited).status();
    }
    if (!line->failure_.ok()) co_return std::move(line->failure_);
    Reply reply{.payload = std::move(line->payload_),
                .metadata = std::move(line->metadata_),
                .declared_exception = line->declared_exception_};
    co_return reply;
  }

 private:
  struct Counted {
    explicit Counted(std::size_t& count) noexcept : count(count) { ++count; }
    Counted(const Counted&) = delete;
    ~Counted() { --count; }
    std::size_t& count;
  };
  std::optional<ScriptLine> take() {
    if (script_.empty()) return afterwards_;
    ScriptLine line = std::move(script_.front());
    script_.pop_front();
    return line;
  }

  std::deque<ScriptLine> script_;  // a deque: `next` hands out references
  std::optional<ScriptLine> afterwards_;
  std::vector<Seen> calls_;
  std::size_t in_flight_ = 0;
  std::size_t cancelled_ = 0;
  Event never_;
};

}  // namespace weft::test

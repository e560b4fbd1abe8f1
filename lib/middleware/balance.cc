#include <algorithm>
#include <iterator>
#include <vector>

#include <weft/middleware/balance.h>
#include <weft/runtime/random.h>

namespace weft {
namespace {

double nanoseconds(Duration duration) { return static_cast<double>(duration.count()); }

/// Below this an estimate is one that was forgotten, and says nothing: no network answers so fast.
constexpr double known_min = 1e3;
/// The load of one that nothing is known of and that is being tried: 28 hours, more than any real one.
constexpr double penalty = 1e14;
constexpr double failure_cost_max = 30e9;

enum class Lesson { answered, failed, given_up, nothing };

Lesson lesson_of(const Status& status) {
  if (status.ok()) return Lesson::answered;
  // An answer that blames the caller is good work; any other is not, whoever this process would blame for it.
  if (status.reach() == Reach::answered)
    return status.fault() == Fault::caller ? Lesson::answered : Lesson::failed;
  if (status.fault() == Fault::peer) return Lesson::failed;
  bool given_up = status.code() == Code::cancelled || status.code() == Code::deadline_exceeded;
  return given_up ? Lesson::given_up : Lesson::nothing;
}

struct InFlight {
  explicit InFlight(Candidate& candidate) noexcept : candidate(candidate) { candidate.call_began(); }
  InFlight(const InFlight&) = delete;
  ~InFlight() { candidate.call_ended(); }
  Candidate& candidate;
};

class Balancer final : public Service {
 public:
  Balancer(const Balance& options, Endpoints endpoints)
      : options_(options), pick_(options.policy()), endpoints_(std::move(endpoints)) {}

  Task<Reply> call(Call call) override;

 private:
  void refresh();
  Candidates candidates(const Tried* tried);

  Balance options_;
  Picker pick_;
  Endpoints endpoints_;
  std::uint64_t version_ = 0;
  std::vector<std::shared_ptr<Candidate>> all_;
  std::vector<std::shared_ptr<Candidate>> others_;  ///< those not tried yet: room for `candidates`
};

Task<Reply> Balancer::call(Call call) {
  if (version_ != endpoints_.version()) refresh();
  if (all_.empty()) co_return unavailable("there is no endpoint to send the call to").with(Reach::never_sent);
  Candidates choice = candidates(call.tried);
  // Kept alive for the call: the endpoint may be replaced meanwhile.
  std::shared_ptr<Candidate> chosen = choice[pick_(choice)];
  if (call.tried) call.tried->add(chosen.get());

  InFlight in_flight{*chosen};
  Instant began = now();
  auto reply = co_await attempt(chosen->endpoint().service->call(std::move(call)));
  chosen->learn(began, reply.status());
  co_return reply;
}

void Balancer::refresh() {
  std::vector<std::shared_ptr<Candidate>> fresh;
  for (const Endpoint& endpoint : endpoints_.list()) {
    auto known = std::ranges::find_if(all_, [&](const std::shared_ptr<Candidate>& candidate) {
      return candidate->endpoint().service == endpoint.service &&
             candidate->endpoint().address == endpoint.address;
    });
    fresh.push_back(known != all_.end()
                        ? *known
                        : std::make_shared<Candidate>(endpoint, options_.tau, options_.failure_cost));
  }
  all_ = std::move(fresh);
  others_.clear();
  version_ = endpoints_.version();
}

Candidates Balancer::candidates(const Tried* tried) {
  if (!tried || tried->empty()) return all_;
  others_.clear();
  std::ranges::copy_if(all_, std::back_inserter(others_),
                       [&](auto& one) { return !tried->contains(one.get()); });
  // Everybody was asked: then at least not the one that failed just now.
  if (others_.empty())
    std::ranges::copy_if(all_, std::back_inserter(others_),
                         [&](auto& one) { return one.get() != tried->last(); });
  return others_.empty() ? all_ : others_;
}

}  // namespace

double Candidate::load(Instant at) const noexcept {
  double latency = latency_.value(at);
  if (latency < known_min && in_flight_ > 0) return penalty + in_flight_;
  return latency * (in_flight_ + 1);
}

void Candidate::learn(Instant began, const Status& status) noexcept {
  Instant at = now();
  double took = nanoseconds(at - began);
  switch (lesson_of(status)) {
    case Lesson::answered:
      return latency_.observe(took, at);
    case Lesson::failed:
      return learn_failure(began, took);
    // No blame in it, but so long it did not answer: one that swallows calls must not keep its good name.
    case Lesson::given_up:
      return latency_.observe_at_least(took, at);
    case Lesson::nothing:
      return;
  }
}

void Candidate::learn_failure(Instant began, double took) noexcept {
  Instant at = now();
  // Those that were in flight when it failed before fail with it: one event, which doubles the cost once.
  double cost = began > blamed_at_ ? std::max(nanoseconds(failure_cost_), 2 * latency_.value(at)) : 0;
  blamed_at_ = at;
  latency_.observe_at_least(std::max(took, std::min(cost, failure_cost_max)), at);
}

Picker p2c() {
  return [](Candidates candidates) -> std::size_t {
    auto count = static_cast<std::uint32_t>(candidates.size());
    if (count == 1) return 0;
    Random& random = thread_random();
    std::uint32_t one = random.below(count), other = random.below(count - 1);
    if (other >= one) ++other;
    Instant at = now();
    return candidates[other]->load(at) < candidates[one]->load(at) ? other : one;
  };
}

Picker round_robin() {
  return [next = std::size_t{0}](Candidates candidates) mutable { return next++ % candidates.size(); };
}

ServicePtr Balance::over(Endpoints endpoints) const {
  return std::make_shared<Balancer>(*this, std::move(endpoints));
}

}  // namespace weft

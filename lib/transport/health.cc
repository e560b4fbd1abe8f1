#include <weft/runtime/combine.h>
#include <weft/transport/health.h>

namespace weft {

namespace {
/// How long a core may not hear of a change made on another.
constexpr Duration hearing_interval = std::chrono::milliseconds(100);
}  // namespace

void Health::set(std::string_view service, bool serving) {
  {
    std::lock_guard lock{mutex_};
    auto [found, added] = services_.try_emplace(std::string(service), serving);
    if (!added && found->second == serving) return;
    found->second = serving;
  }
  tell();
}

std::optional<bool> Health::is_serving(std::string_view service) const {
  std::lock_guard lock{mutex_};
  auto found = services_.find(service);
  if (found == services_.end()) return std::nullopt;
  return found->second && !is_draining();
}

std::map<std::string, bool, std::less<>> Health::all() const {
  std::lock_guard lock{mutex_};
  auto all = services_;
  if (is_draining())
    for (auto& [name, serving] : all) serving = false;
  return all;
}

void Health::drain() noexcept {
  draining_.store(true, std::memory_order_release);
  tell();  // each core that drains tells its own
}

void Health::tell() noexcept {
  version_.fetch_add(1, std::memory_order_acq_rel);
  if (!Loop::current()) return;
  here_->set();
  here_->reset();
}

Task<void> Health::changed(std::uint64_t seen) {
  while (version() == seen) {
    auto told = co_await attempt(within(hearing_interval, here_->wait()));
    if (!told && current_context()->is_cancelled()) co_await std::move(told).status();
  }
}

}  // namespace weft

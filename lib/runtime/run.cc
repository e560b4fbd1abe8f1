#include <atomic>
#include <csignal>
#include <cstdio>

#include <weft/runtime/run.h>

namespace weft {
namespace {

// Read by a signal handler, hence global and atomic.
std::atomic<void (*)(void*) noexcept> stop_function{nullptr};
std::atomic<void*> stop_target{nullptr};

void on_signal(int number) {
  std::signal(number, SIG_DFL);  // the second one is meant
  if (auto stop = stop_function.load()) stop(stop_target.load());
}

template <class T>
Result<T> run_here(Task<T> task, const LoopOptions& options) {
  auto loop = Loop::create(options);
  if (!loop) return std::move(loop).status();
  detail::StopSignals signals{[](void* target) noexcept { static_cast<Loop*>(target)->stop(); }, loop->get()};
  return (*loop)->run(std::move(task));
}

int failed(const Status& status) {
  std::fprintf(stderr, "%s\n", status.to_string(true).c_str());
  return 1;
}

}  // namespace

namespace detail {

StopSignals::StopSignals(void (*stop)(void*) noexcept, void* target) noexcept {
  stop_target.store(target);
  stop_function.store(stop);
  for (int number : {SIGINT, SIGTERM}) std::signal(number, &on_signal);
  std::signal(SIGQUIT, [](int) { ask_for_reports(); });
}

StopSignals::~StopSignals() {
  stop_function.store(nullptr);
  for (int number : {SIGINT, SIGTERM, SIGQUIT}) std::signal(number, SIG_DFL);
}

}  // namespace detail

int run(Task<void> task, const LoopOptions& options) {
  auto result = run_here(std::move(task), options);
  return result ? 0 : failed(result.status());
}

int run(Task<int> task, const LoopOptions& options) {
  auto result = run_here(std::move(task), options);
  return result ? *result : failed(result.status());
}

}  // namespace weft

// Run by meson when it configures: returns 0 if this compiler gets an aggregate temporary inside a co_await
// expression right. g++ 12 destroys it twice. Knows nothing of Weft, so that it compiles whatever else is
// broken.
#include <coroutine>
#include <utility>

namespace {

int alive = 0;  // members made and not yet destroyed; the defect drives it below zero

struct Counted {
  Counted(const char*) { ++alive; }
  Counted(const Counted&) { ++alive; }
  Counted(Counted&&) noexcept { ++alive; }
  ~Counted() { --alive; }
};

struct Request {
  Counted name;
};

struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };

  Task(std::coroutine_handle<promise_type> coroutine) : handle(coroutine) {}
  Task(Task&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  ~Task() {
    if (handle) handle.destroy();
  }
  bool await_ready() const noexcept { return handle.done(); }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}

  std::coroutine_handle<promise_type> handle;
};

Task by_value(Request) { co_return; }
Task by_reference(const Request&) { co_return; }

Task caller() {
  co_await by_value({.name = "Ada"});
  co_await by_value(Request{"Ada"});
  co_await by_reference({.name = "Ada"});
}

}  // namespace

int main() {
  {
    Task task = caller();
  }
  return alive == 0 ? 0 : 1;
}

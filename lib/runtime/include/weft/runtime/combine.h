// all, race, within: tasks side by side, awaited together. Whatever comes of them, every one has ended when
// the combinator does: those not needed any more are cancelled and awaited.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <weft/runtime/scope.h>
#include <weft/runtime/task.h>

namespace weft {

/// The task's outcome, or `deadline_exceeded` when it takes longer. The task is cancelled then, and awaited.
template <class T>
Task<T> within(Duration limit, Task<T> task) {
  detail::Join join{1};
  detail::Strand strand{current_context(),
                        [](detail::Strand& s) noexcept { static_cast<detail::Join*>(s.owner)->arrive(); },
                        &join};
  strand.context.set_deadline(now() + limit);
  strand.start(*task.promise());
  co_await join;
  co_return co_await detail::outcome(task);
}

namespace detail {
template <weft::Operation A>
auto as_task(A operation) -> Task<std::remove_cvref_t<decltype(operation.await_resume())>> {
  co_return co_await operation;
}
}  // namespace detail

/// The same for what is no task: `within(50ms, event.wait())`.
template <weft::Operation A>
  requires(!std::is_lvalue_reference_v<A>)
auto within(Duration limit, A&& operation) {
  return within(limit, detail::as_task(std::move(operation)));
}

/// Runs the task in a context of its own: neither cancellation nor deadline of the caller reach it. For
/// clean-up that must happen; give it a `within`.
template <class T>
Task<T> shield(Task<T> task) {
  detail::Join join{1};
  detail::Strand strand{
      nullptr, [](detail::Strand& s) noexcept { static_cast<detail::Join*>(s.owner)->arrive(); }, &join};
  strand.start(*task.promise());
  co_await join;
  co_return co_await detail::outcome(task);
}
template <weft::Operation A>
  requires(!std::is_lvalue_reference_v<A>)
auto shield(A&& operation) {
  return shield(detail::as_task(std::move(operation)));
}

namespace detail {

template <class T>
using NonVoid = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Several strands that share a fate: the first one that ends as `decides` says cancels the rest.
class Group {
 public:
  enum class Decides { failure, success };
  static constexpr std::size_t nobody = SIZE_MAX;

  Group(Decides decides, std::vector<Frame*> frames);

  /// Starts them all; to be awaited next.
  Join& start() noexcept;
  /// Which strand decided; `nobody` if none did.
  std::size_t decider() const noexcept { return decider_; }
  /// The failure to report: that of the decider, or the first one.
  Status failure() noexcept;

 private:
  struct Member : Strand {
    Member(Group& group, Frame& frame, std::size_t index)
        : Strand(&group.context_, &ended, &group), frame(&frame), index(index) {}
    Frame* frame;
    std::size_t index;
  };
  static void ended(Strand& strand) noexcept;

  Decides decides_;
  std::size_t decider_ = nobody;
  Join join_;
  Context context_;  ///< above those of the strands
  std::vector<std::unique_ptr<Member>> members_;
};

template <class T>
NonVoid<T> take_value(Task<T>& task) {
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return task.promise()->take();
}

}  // namespace detail

/// Runs all of them; their values in order (std::monostate for void). The first failure cancels the others
/// and is the result.
template <class... T>
  requires(sizeof...(T) > 0)
Task<std::tuple<detail::NonVoid<T>...>> all(Task<T>... tasks) {
  detail::Group group{detail::Group::Decides::failure, {tasks.promise()...}};
  co_await group.start();
  if (group.decider() != group.nobody) co_return group.failure();
  co_return std::tuple<detail::NonVoid<T>...>{detail::take_value(tasks)...};
}

/// The same for any number of tasks of one type.
template <class T>
Task<std::vector<detail::NonVoid<T>>> all(std::vector<Task<T>> tasks) {
  std::vector<detail::Frame*> frames;
  for (Task<T>& task : tasks) frames.push_back(task.promise());
  detail::Group group{detail::Group::Decides::failure, std::move(frames)};
  co_await group.start();
  if (group.decider() != group.nobody) co_return group.failure();
  std::vector<detail::NonVoid<T>> values;
  for (Task<T>& task : tasks) values.push_back(detail::take_value(task));
  co_return values;
}

/// The first that succeeds; the others are cancelled and awaited. A failure counts only when all of them
/// fail: the first task's is the result then.
template <class T>
Task<T> race(std::vector<Task<T>> tasks) {
  std::vector<detail::Frame*> frames;
  for (Task<T>& task : tasks) frames.push_back(task.promise());
  detail::Group group{detail::Group::Decides::success, std::move(frames)};
  co_await group.start();
  if (group.decider() == group.nobody) co_await group.failure();
  co_return co_await detail::outcome(tasks[group.decider()]);
}

template <class T, std::same_as<Task<T>>... More>
  requires(sizeof...(More) > 0)
Task<T> race(Task<T> first, More... more) {
  std::vector<Task<T>> tasks;
  tasks.push_back(std::move(first));
  (tasks.push_back(std::move(more)), ...);
  return race(std::move(tasks));
}

}  // namespace weft

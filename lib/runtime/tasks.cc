#include <fmt/format.h>

#include <weft/runtime/loop.h>
#include <weft/runtime/tasks.h>

namespace weft {

/// Sees into contexts and waits.
struct detail::TaskList {
  static void add(const Context* first, unsigned depth, Instant at, std::vector<WaitingTask>& list) {
    for (const Context* context = first; context; context = context->next_) {
      bool waits = context->waiting_ != nullptr;
      if (waits) {
        WaitingTask task{depth, at - context->waiting_since_, {}};
        for (const Frame* frame = context->waiting_->frame_; frame; frame = frame->awaiter)
          task.path.push_back(frame->place);
        list.push_back(std::move(task));
      }
      add(context->first_child_, depth + waits, at, list);
    }
  }
};

std::vector<WaitingTask> tasks() {
  std::vector<WaitingTask> list;
  if (Loop* loop = Loop::current()) detail::TaskList::add(loop->contexts(), 0, loop->now(), list);
  return list;
}

std::string describe_tasks() {
  std::vector<WaitingTask> list = tasks();
  std::string text = fmt::format("{} task{} waiting\n", list.size(), list.size() == 1 ? "" : "s");
  for (const WaitingTask& task : list) {
    std::string indent(2 * task.depth, ' ');
    double seconds = std::chrono::duration<double>(task.waiting).count();
    text += fmt::format("{}task, for {:.3f} s\n", indent, seconds);
    for (const std::source_location& place : task.path)
      text +=
          fmt::format("{}  at {}:{} ({})\n", indent, place.file_name(), place.line(), place.function_name());
  }
  return text;
}

}  // namespace weft

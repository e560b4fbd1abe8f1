#include <cstdlib>
#include <cxxabi.h>
#include <string_view>
#include <typeinfo>

#include <fmt/format.h>

#include <weft/runtime/loop.h>
#include <weft/runtime/tasks.h>

namespace weft {
namespace {

/// As a user of the type writes it: without its template arguments, and without what is Weft's own affair.
std::string readable(const std::type_info& type) {
  int status = 0;
  char* demangled = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string name;
  int depth = 0;
  for (char c : std::string_view(demangled ? demangled : type.name())) {
    if (c == '<') ++depth;
    if (depth == 0) name += c;
    if (c == '>') --depth;
  }
  std::free(demangled);
  for (std::string_view prefix : {"weft::", "detail::", "(anonymous namespace)::"})
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return name;
}

}  // namespace

/// Sees into contexts and waits.
struct detail::TaskList {
  static void add(const Context* first, unsigned depth, Instant at, std::vector<WaitingTask>& list) {
    for (const Context* context = first; context; context = context->next_) {
      bool waits = context->waiting_ != nullptr;
      if (waits) {
        WaitingTask task{depth, at - context->waiting_since_, readable(typeid(*context->waiting_)), {}};
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
    text += fmt::format("{}task, for {:.3f} s in {}\n", indent, seconds, task.on);
    for (const std::source_location& place : task.path)
      text +=
          fmt::format("{}  at {}:{} ({})\n", indent, place.file_name(), place.line(), place.function_name());
  }
  return text;
}

}  // namespace weft

#include "open_file.h"

#include <cerrno>

#include <fmt/format.h>

namespace weft::detail {
namespace {

/// Closing cannot be taken back, and nobody needs to wait for it: it owns itself.
class Close {
 public:
  static void begin(int descriptor) { (new Close(descriptor))->start(); }

 private:
  explicit Close(int descriptor) : descriptor_(descriptor), operation_(&completed, this) {}
  FileRequest request() const { return {.kind = FileRequest::Kind::close, .file = descriptor_}; }
  void start() { Loop::current()->driver().file(operation_, request()); }
  static void completed(Operation& operation, Completion completion) noexcept {
    auto* self = static_cast<Close*>(operation.owner);
    if (completion.result == -EAGAIN) (void)perform(self->request());  // no thread is free
    delete self;
  }

  int descriptor_;
  Operation operation_;
};

}  // namespace

void Perform::start() noexcept { Loop::current()->driver().file(operation_, request_); }
void Perform::cancel() noexcept { Loop::current()->driver().cancel(operation_); }

void Perform::completed(Operation& operation, Completion completion) noexcept {
  auto& self = *static_cast<Perform*>(operation.owner);
  self.result_ = completion.result;
  if (completion.result == -ECANCELED) return self.finish_cancelled();
  if (completion.result != -EINTR) return self.finish();
  // A cancellation disturbs the kernel's thread; so does a debugger.
  if (operation.cancelled) return self.finish_cancelled();
  self.start();
}

OpenFile::OpenFile(int descriptor, std::string path)
    : descriptor_(descriptor), is_real_(!Loop::current()->driver().is_simulated()), path_(std::move(path)) {}

OpenFile::~OpenFile() {
  if (descriptor_ < 0) return;
  if (Loop::current())
    Close::begin(descriptor_);
  else if (is_real_)  // its loop is gone
    (void)perform({.kind = FileRequest::Kind::close, .file = descriptor_});
}

Event::Wait OpenFile::unused() noexcept {
  if (uses_ == 0)
    unused_.set();
  else
    unused_.reset();
  return unused_.wait();
}

Status file_failed(int result, std::string_view what, std::string_view path) {
  Status status = from_errno(-result, fmt::format("{} {}", what, path));
  if (result == -ENOENT) return not_found(std::string(status.message()));
  if (result == -EAGAIN) return resource_exhausted(std::string(status.message()));
  return status;
}

}  // namespace weft::detail

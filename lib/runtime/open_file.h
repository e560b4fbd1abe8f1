// What stands behind a File: the descriptor that its operations share, and how they wait.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <weft/runtime/cancel.h>
#include <weft/runtime/sync.h>

#include "driver.h"

namespace weft::detail {

/// Waits for what the driver does with a request.
class Perform final : public Suspension {
 public:
  explicit Perform(const FileRequest& request) noexcept : request_(request), operation_(&completed, this) {}
  bool await_ready() const noexcept { return false; }
  /// Or a negative errno.
  int await_resume() const noexcept { return result_; }

 private:
  void start() noexcept override;
  void cancel() noexcept override;
  static void completed(Operation& operation, Completion completion) noexcept;

  FileRequest request_;
  Operation operation_;
  int result_ = 0;
};

/// What a File and its operations share: the last of them closes it.
class OpenFile {
 public:
  OpenFile(int descriptor, std::string path);
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  const std::string& path() const noexcept { return path_; }
  /// A request on it.
  FileRequest request(FileRequest::Kind kind) const { return {.kind = kind, .file = descriptor_}; }
  /// From now on nobody may begin an operation.
  void begin_to_close() noexcept { closing_ = true; }
  bool is_closing() const noexcept { return closing_; }
  int take_descriptor() noexcept { return std::exchange(descriptor_, -1); }

  /// One operation on a file.
  class Use {
   public:
    explicit Use(OpenFile& file) noexcept : file_(file) { ++file.uses_; }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (--file_.uses_ == 0) file_.unused_.set();
    }

   private:
    OpenFile& file_;
  };
  /// Ends when no operation is under way.
  Event::Wait unused() noexcept;

 private:
  int descriptor_;
  bool is_real_;
  bool closing_ = false;
  std::size_t uses_ = 0;
  Event unused_;
  std::string path_;
};

using FilePtr = std::shared_ptr<OpenFile>;

/// The Status of a file request whose result was negative.
Status file_failed(int result, std::string_view what, std::string_view path);

}  // namespace weft::detail

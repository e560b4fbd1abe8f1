#include "blocking_files.h"

#include <cerrno>
#include <memory>
#include <utility>

#include <weft/runtime/blocking.h>

namespace weft::detail {

class FileJob final : public BlockingJob {
 public:
  FileJob(BlockingFiles& files, Operation& operation, const FileRequest& request)
      : files_(files), operation_(operation), request_(request) {}

  static void begin(std::shared_ptr<FileJob> job) {
    FileJob& self = *job;
    self.self_ = job;
    if (self.queue()) return;
    self.result_ = -EAGAIN;
    self.send_back();
  }

  void cancel() noexcept {
    if (send_back()) result_ = -ECANCELED;
  }

 private:
  void work() noexcept override { result_ = perform(request_); }

  void came_back() noexcept override {
    std::shared_ptr<FileJob> self = std::move(self_);
    --files_.in_flight_;
    operation_.in_flight = false;
    operation_.job = nullptr;
    operation_.complete(operation_, Completion{result_, false, {}});
  }

  BlockingFiles& files_;
  Operation& operation_;
  FileRequest request_;
  int result_ = 0;
  std::shared_ptr<FileJob> self_;  ///< until it has come back: the pool may be done with it before
};

void BlockingFiles::begin(Operation& operation, const FileRequest& request) {
  auto job = std::make_shared<FileJob>(*this, operation, request);
  ++in_flight_;
  operation.in_flight = true;
  operation.cancelled = false;
  operation.job = job.get();
  FileJob::begin(std::move(job));
}

void BlockingFiles::cancel(Operation& operation) noexcept {
  operation.cancelled = true;
  operation.job->cancel();
}

}  // namespace weft::detail

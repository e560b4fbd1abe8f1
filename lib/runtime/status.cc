#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include <weft/runtime/status.h>

namespace weft {

struct Status::Record {
  Code code;
  Fault fault;
  std::string message;
  Reach reach = Reach::unknown;
  std::uint8_t path_size = 0;
  std::shared_ptr<const void> detail = nullptr;
  const void* detail_type = nullptr;
  std::array<std::source_location, path_max> path = {};
};

void Status::RecordDelete::operator()(Record* record) const noexcept { delete record; }

namespace {

constexpr std::string_view names[] = {
    "ok",        "cancelled",       "unknown",           "invalid_argument",   "deadline_exceeded",
    "not_found", "already_exists",  "permission_denied", "resource_exhausted", "failed_precondition",
    "aborted",   "out_of_range",    "unimplemented",     "internal",           "unavailable",
    "data_loss", "unauthenticated",
};

Fault usual_fault(Code code) {
  switch (code) {
    case Code::unknown:
    case Code::unavailable:
    case Code::data_loss:
    case Code::unimplemented:
      return Fault::peer;
    case Code::internal:
    case Code::resource_exhausted:
      return Fault::us;
    default:
      return Fault::caller;
  }
}

}  // namespace

std::string_view name(Code code) noexcept {
  auto index = static_cast<std::size_t>(code);
  return index < std::size(names) ? names[index] : "unknown";
}

Status::Status(Code code, std::string message) {
  if (code == Code::ok) return;
  record_.reset(new Record{.code = code, .fault = usual_fault(code), .message = std::move(message)});
}

Status::Status(const Status& other) : record_(other.record_ ? new Record(*other.record_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) record_.reset(other.record_ ? new Record(*other.record_) : nullptr);
  return *this;
}

Code Status::code() const noexcept { return record_ ? record_->code : Code::ok; }
std::string_view Status::message() const noexcept {
  return record_ ? std::string_view(record_->message) : std::string_view();
}
Fault Status::fault() const noexcept { return record_ ? record_->fault : Fault::us; }
Reach Status::reach() const noexcept { return record_ ? record_->reach : Reach::unknown; }
bool Status::has_detail() const noexcept { return record_ && record_->detail; }

Status Status::with(Fault fault) && {
  if (record_) record_->fault = fault;
  return std::move(*this);
}

Status Status::with(Reach reach) && {
  if (record_) record_->reach = reach;
  return std::move(*this);
}

Status Status::with_context(std::string_view context) && {
  if (record_) record_->message = fmt::format("{}: {}", context, record_->message);
  return std::move(*this);
}

std::span<const std::source_location> Status::path() const noexcept {
  if (!record_) return {};
  return {record_->path.data(), record_->path_size};
}

void Status::passed(std::source_location place) noexcept {
  if (record_ && record_->path_size < path_max) record_->path[record_->path_size++] = place;
}

std::string Status::to_string(bool path) const {
  std::string text{name(code())};
  if (!message().empty()) text.append(": ").append(message());
  if (path)
    for (const std::source_location& place : this->path())
      text += fmt::format("\n  at {}:{} ({})", place.file_name(), place.line(), place.function_name());
  return text;
}

void Status::attach(std::shared_ptr<const void> detail, const void* type) {
  if (!record_) return;
  record_->detail = std::move(detail);
  record_->detail_type = type;
}

const void* Status::find(const void* type) const noexcept {
  return record_ && record_->detail_type == type ? record_->detail.get() : nullptr;
}

Status cancelled(std::string message) { return {Code::cancelled, std::move(message)}; }
Status unknown(std::string message) { return {Code::unknown, std::move(message)}; }
Status invalid_argument(std::string message) { return {Code::invalid_argument, std::move(message)}; }
Status deadline_exceeded(std::string message) { return {Code::deadline_exceeded, std::move(message)}; }
Status not_found(std::string message) { return {Code::not_found, std::move(message)}; }
Status already_exists(std::string message) { return {Code::already_exists, std::move(message)}; }
Status permission_denied(std::string message) { return {Code::permission_denied, std::move(message)}; }
Status resource_exhausted(std::string message) { return {Code::resource_exhausted, std::move(message)}; }
Status failed_precondition(std::string message) { return {Code::failed_precondition, std::move(message)}; }
Status aborted(std::string message) { return {Code::aborted, std::move(message)}; }
Status out_of_range(std::string message) { return {Code::out_of_range, std::move(message)}; }
Status unimplemented(std::string message) { return {Code::unimplemented, std::move(message)}; }
Status internal(std::string message) { return {Code::internal, std::move(message)}; }
Status unavailable(std::string message) { return {Code::unavailable, std::move(message)}; }
Status data_loss(std::string message) { return {Code::data_loss, std::move(message)}; }
Status unauthenticated(std::string message) { return {Code::unauthenticated, std::move(message)}; }

Status from_errno(int error, std::string_view what) {
  Code code = Code::unknown;
  switch (error) {
    case ECANCELED:
      code = Code::cancelled;
      break;
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENOENT:
      code = Code::unavailable;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = Code::permission_denied;
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case ENOSPC:
    case EDQUOT:
      code = Code::resource_exhausted;
      break;
    case EINVAL:
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
    case ENAMETOOLONG:
    case ELOOP:
      code = Code::invalid_argument;
      break;
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY:
    case EBADF:
    case EBUSY:
    case ETXTBSY:
    case EXDEV:
      code = Code::failed_precondition;
      break;
    case EFBIG:
    case EOVERFLOW:
      code = Code::out_of_range;
      break;
    case EIO:
      code = Code::data_loss;
      break;
    case EADDRINUSE:
    case EEXIST:
      code = Code::already_exists;
      break;
    case ENOSYS:
    case EOPNOTSUPP:
      code = Code::unimplemented;
      break;
    default:
      break;
  }
  return {code, fmt::format("{}: {}", what, std::strerror(error))};
}

}  // namespace weft

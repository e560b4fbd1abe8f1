#include <cerrno>

#include <fmt/format.h>

#include <weft/runtime/socket.h>

#include "byte_stream.h"

namespace weft {
namespace {

class Connect final : public Suspension {
 public:
  Connect(int descriptor, const Address& address) noexcept
      : descriptor_(descriptor), address_(address), operation_(&completed, this) {}
  bool await_ready() const noexcept { return false; }
  int await_resume() const noexcept { return result_; }

 private:
  void start() noexcept override {
    Loop::current()->driver().connect(operation_, descriptor_, address_.data(), address_.size());
  }
  void cancel() noexcept override { Loop::current()->driver().cancel(operation_); }
  static void completed(detail::Operation& operation, detail::Completion completion) noexcept {
    auto& self = *static_cast<Connect*>(operation.owner);
    self.result_ = completion.result;
    if (completion.result == -ECANCELED)
      self.finish_cancelled();
    else
      self.finish();
  }

  int descriptor_;
  const Address& address_;
  int result_ = 0;
  detail::Operation operation_;
};

struct OwnedDescriptor {
  int value;
  ~OwnedDescriptor() {
    if (value >= 0) detail::sockets().close(value);
  }
};

}  // namespace

Socket Socket::adopt(int descriptor, const SocketOptions& options) {
  detail::sockets().set_options(descriptor, options);
  return Socket{new detail::ByteStream(descriptor, options)};
}

int Socket::release() noexcept { return std::exchange(stream_, nullptr)->release(); }

bool Socket::Receive::await_ready() noexcept { return stream_ && stream_->has_input(); }

Bytes Socket::Receive::await_resume() noexcept { return stream_ ? stream_->take_input() : std::move(piece_); }

void Socket::Receive::start() noexcept {
  if (!stream_) return finish(failed_precondition("the socket is closed"));
  if (!stream_->receive_status().ok()) return finish(Status{stream_->receive_status()});
  stream_->await_input(*this);
}

void Socket::Receive::cancel() noexcept {
  stream_->forget_reader();
  finish_cancelled();
}

void Socket::pause() noexcept {
  if (stream_) stream_->pause();
}
void Socket::unread(Bytes piece) { stream_->unread(std::move(piece)); }
void Socket::attach(std::unique_ptr<ByteFilter> filter) { stream_->attach(std::move(filter)); }

void Socket::write(Bytes bytes) { stream_->append(bytes); }
void Socket::write(const Chain& chain) {
  for (std::size_t index = 0; index < chain.count(); ++index) stream_->append(chain[index]);
}
std::uint8_t* Socket::reserve(std::size_t size) { return stream_->reserve(size); }
void Socket::commit(std::size_t size) noexcept { stream_->commit(size); }

bool Socket::Flush::await_ready() noexcept {
  return stream_ && stream_->send_status().ok() && stream_->sent() >= target_;
}
void Socket::Flush::start() noexcept {
  if (!stream_) return finish(failed_precondition("the socket is closed"));
  if (!stream_->send_status().ok()) return finish(Status{stream_->send_status()});
  stream_->await_sent(*this);
}
void Socket::Flush::cancel() noexcept {
  stream_->forget_flush(*this);
  finish_cancelled();
}

Socket::Flush Socket::drain_below(std::size_t bytes) noexcept {
  Flush flush{stream_};
  if (!stream_) return flush;
  std::uint64_t written = stream_->written();
  flush.target_ = written > bytes ? written - bytes : 0;
  return flush;
}

std::size_t Socket::unsent() const noexcept { return stream_ ? stream_->written() - stream_->sent() : 0; }
std::uint64_t Socket::sent() const noexcept { return stream_ ? stream_->sent() : 0; }
std::uint64_t Socket::acknowledged() const noexcept {
  return stream_ ? detail::sockets().acknowledged(stream_->descriptor()) : 0;
}
void Socket::shutdown_write() noexcept { stream_->shutdown_write(); }
const Status& Socket::send_status() const noexcept { return stream_->send_status(); }
void Socket::close() noexcept {
  if (stream_) std::exchange(stream_, nullptr)->close();
}

Address Socket::local_address() const { return detail::sockets().local_address(stream_->descriptor()); }
Address Socket::peer_address() const { return detail::sockets().peer_address(stream_->descriptor()); }
std::shared_ptr<const PeerIdentity> Socket::peer_identity() const noexcept {
  return stream_ ? stream_->peer_identity() : nullptr;
}

Task<Socket> connect_socket(Address address, SocketOptions options) {
  OwnedDescriptor descriptor{detail::sockets().open(address.family())};
  if (descriptor.value < 0) co_return from_errno(-descriptor.value, "socket").with(Reach::never_sent);
  Connect connecting{descriptor.value, address};
  auto connected = co_await attempt(connecting);
  if (!connected) co_return std::move(connected).status().with(Reach::never_sent);
  if (*connected < 0)
    co_return from_errno(-*connected, fmt::format("connect to {}", address.to_string()))
        .with(Reach::never_sent);
  co_return Socket::adopt(std::exchange(descriptor.value, -1), options);
}

}  // namespace weft

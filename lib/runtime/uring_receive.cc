#include <cerrno>
#include <poll.h>

#include "uring_driver.h"

namespace weft::detail {
namespace {

// When a stream changes between what the kernel receives and what is polled and fetched.
constexpr std::size_t small_piece = 4 << 10;  // bytes; below this a system call is dearer than cache misses,
constexpr unsigned small_pieces_max = 16;     // and after so many of them the stream goes back to the kernel
constexpr int pieces_at_once = 16;            // of one connection in a turn

}  // namespace

void Uring::receive(Operation& operation, int socket) {
  operation.descriptor = socket;
  operation.receiving = true;
  operation.ended = false;
  arm_receive(operation);
}

void Uring::arm_receive(Operation& operation) {
  io_uring_sqe* submission = begin(operation);
  operation.polled = operation.wants_poll;
  operation.changing = false;
  if (operation.polled) {
    io_uring_prep_poll_multishot(submission, operation.descriptor, POLLIN | POLLRDHUP);
    io_uring_sqe_set_data(submission, &operation);
    return;
  }
  forget_ready(operation);  // from now on the kernel fetches
  if (multishot_receive_)
    io_uring_prep_recv_multishot(submission, operation.descriptor, nullptr, 0, 0);
  else
    io_uring_prep_recv(submission, operation.descriptor, nullptr, pool_->buffer_size(), 0);
  submission->flags |= IOSQE_BUFFER_SELECT;
  submission->buf_group = buffer_group;
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::give_back_buffers() {
  int count = 0;
  int mask = io_uring_buf_ring_mask(pool_->count());
  for (auto* slot = pool_->take_returned(); slot;) {
    auto* next = slot->next;
    pool_->trim(*slot, large_piece);
    io_uring_buf_ring_add(buffer_ring_, slot->memory, pool_->buffer_size(), slot->index, mask, count++);
    slot = next;
  }
  if (count) io_uring_buf_ring_advance(buffer_ring_, count);
}

void Uring::serve_starving() {
  // A receive without a buffer fails at once even when there is no data: re-arming it before a buffer is back
  // spins.
  bool can_receive = pool_->out() < pool_->count();
  Operation** link = &starving_;
  while (Operation* operation = *link) {
    if (operation->cancelled) {
      *link = operation->next;
      end(*operation, -ECANCELED);
    } else if (can_receive) {
      *link = operation->next;
      arm_receive(*operation);
    } else {
      link = &operation->next;
    }
  }
  starving_last_ = link;
}

void Uring::completed_receive(Operation& operation, const io_uring_cqe& completion) {
  bool more = completion.flags & IORING_CQE_F_MORE;
  if (completion.res > 0) {
    std::uint32_t index = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    auto size = static_cast<std::size_t>(completion.res);
    Bytes data = pool_->filled(index, size);
    // Connections that do not get to read what came, and services that keep it, must not stop all others from
    // receiving: when buffers get scarce they go back at once.
    if (pool_->is_scarce()) {
      data = data.copy();
      ++copied_;
    }
    operation.complete(operation, Completion{completion.res, true, std::move(data)});
    choose_way(operation, size);
    if (more) return;
    // Ended with data: by an overflow of the completion queue, or because it was a single shot.
    if (operation.cancelled) return end(operation, -ECANCELED);
    return arm_receive(operation);
  }
  if (more) return;
  if (!operation.cancelled && ((completion.res == -ECANCELED && operation.changing) ||
                               (completion.res == -ENOBUFS && operation.wants_poll)))
    return arm_receive(operation);
  if (completion.res == -ENOBUFS && !operation.cancelled) {
    ++starved_;
    operation.next = nullptr;
    *starving_last_ = &operation;
    starving_last_ = &operation.next;
    return;
  }
  if (completion.res == -EINVAL && multishot_receive_ && !operation.cancelled) {
    multishot_receive_ = false;  // before Linux 6.0
    return arm_receive(operation);
  }
  // Out of buffers is no failure of a connection, also when it was just being asked to pause.
  end(operation, completion.res == -ENOBUFS ? -ECANCELED : completion.res);
}

void Uring::completed_poll(Operation& operation, const io_uring_cqe& completion) {
  if (completion.res >= 0 && !operation.ended) mark_ready(operation);
  operation.hung_up |= completion.res > 0 && (completion.res & (POLLRDHUP | POLLHUP | POLLERR));
  if (completion.flags & IORING_CQE_F_MORE) return;
  if (operation.ended) return end(operation, operation.result);
  if (operation.cancelled) return end(operation, -ECANCELED);
  // It ended to change its way, or by an overflow of the completion queue.
  if (completion.res >= 0 || completion.res == -ECANCELED) return arm_receive(operation);
  end(operation, completion.res);
}

/// After a piece of that size.
void Uring::choose_way(Operation& operation, std::size_t size) {
  operation.small_pieces = size < small_piece ? operation.small_pieces + 1 : 0;
  if (size >= large_piece && multishot_receive_)
    operation.wants_poll = true;
  else if (operation.small_pieces >= small_pieces_max)
    operation.wants_poll = false;
  if (operation.wants_poll == operation.polled || operation.cancelled || operation.changing) return;
  operation.changing = true;
  ask_to_end(operation);
}

void Uring::mark_ready(Operation& operation) {
  if (operation.ready) return;
  operation.ready = true;
  operation.next = nullptr;
  *ready_last_ = &operation;
  ready_last_ = &operation.next;
}

void Uring::forget_ready(Operation& operation) {
  if (!operation.ready) return;
  operation.ready = false;
  Operation** link = &ready_;
  while (*link != &operation) link = &(*link)->next;
  *link = operation.next;
  if (!*link) ready_last_ = link;
}

void Uring::fetch_ready() {
  fetched_ = 0;
  while (ready_ && fetched_ < received_in_turn_max) {
    Operation& operation = *ready_;
    forget_ready(operation);
    fetch(operation);
  }
}

void Uring::fetch(Operation& operation) {
  for (int count = 0; count < pieces_at_once; ++count) {
    if (operation.cancelled || operation.ended) return;
    Bytes data;
    bool filled = false;
    ++system_calls_;
    ssize_t got = reader_.receive(operation.descriptor, data, filled);
    if (got == -EAGAIN) return;
    if (got == -EINTR) continue;
    if (got <= 0) {
      operation.ended = true;
      operation.result = static_cast<int>(got);
      return ask_to_end(operation);  // the poll
    }
    auto size = static_cast<std::size_t>(got);
    fetched_ += size;
    operation.complete(operation, Completion{static_cast<int>(got), true, std::move(data)});
    choose_way(operation, size);
    if (!filled && !operation.hung_up) return;  // what comes now is told anew
    if (fetched_ >= received_in_turn_max) break;
  }
  mark_ready(operation);
}

}  // namespace weft::detail

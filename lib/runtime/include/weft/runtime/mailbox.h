// Mailbox<T>: a bounded queue from any number of cores and threads to one task of one core.
//
//   co_await mailbox.push(std::move(job));                 anywhere: waits while it is full
//   while (auto job = co_await mailbox.pop()) work(*job);  the one task that empties it
//
// For streams of values between cores, with back-pressure; `on` is for calls, and Queue for tasks of one
// core. It takes no lock, allocates nothing for an element, and wakes a core only when one of its tasks
// waits, once for all of them. What one task pushes arrives in its order. The mailbox and the loop that pops
// must outlive every call of push and close, also those whose element has arrived already: destroy a mailbox
// once its producers have ended, on the popping loop's thread or after that loop. Elements still in it are
// destroyed then.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/mailbox_gate.h>

namespace weft {

template <class T>
class Mailbox {
  static_assert(std::is_nothrow_move_constructible_v<T>, "an element must get in whatever happens");

 public:
  /// `capacity`: elements, 1 to 4,194,304.
  explicit Mailbox(std::size_t capacity)
      : gate_(capacity), cells_(std::make_unique_for_overwrite<Cell[]>(gate_.slots())) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    while (gate_.available()) take();
  }

  class [[nodiscard("nothing is pushed until it is awaited")]] Push final : public detail::MailboxPush {
   public:
    Push(Mailbox& mailbox, T element) noexcept
        : MailboxPush(mailbox.gate_), mailbox_(mailbox), element_(std::move(element)) {}
    Push(Push&&) noexcept = default;
    /// What was to be pushed: after a failure it is still here.
    T& element() noexcept { return element_; }

   private:
    void put(std::size_t slot) noexcept override {
      new (mailbox_.cells_[slot].memory) T(std::move(element_));
    }
    Mailbox& mailbox_;
    T element_;
  };
  /// On any loop. Waits while the mailbox is full; those who wait go on when half of it is free, core after
  /// core. Fails with `cancelled` when it is closed or the task is cancelled: then the element has not got
  /// in, and when it does not fail it has. To keep it: `auto push = mailbox.push(...); co_await
  /// attempt(push); push.element()`.
  Push push(T element) noexcept { return Push{*this, std::move(element)}; }

  /// On any thread, also one without a loop. False when it is full or closed; the element is then untouched.
  bool try_push(T& element) noexcept {
    auto claim = gate_.claim();
    if (!claim) return false;
    new (cells_[claim.slot].memory) T(std::move(element));
    gate_.publish(claim);
    gate_.wake_popper();
    return true;
  }

  class [[nodiscard("nothing is popped until it is awaited")]] Pop final : public detail::MailboxPop {
   public:
    explicit Pop(Mailbox& mailbox) noexcept : MailboxPop(mailbox.gate_), mailbox_(mailbox) {}
    Pop(Pop&&) noexcept = default;
    std::optional<T> await_resume() noexcept {
      return mailbox_.gate_.available() ? std::optional<T>{mailbox_.take()} : std::nullopt;
    }

   private:
    Mailbox& mailbox_;
  };
  /// On one loop, and by one task at a time. Nothing once the mailbox is closed and empty. Cancelled, it
  /// leaves everything where it is.
  Pop pop() noexcept { return Pop{*this}; }

  /// From now on pushes fail, those that wait included. Any thread, any number of times.
  void close() noexcept { gate_.close(); }
  bool is_closed() const noexcept { return gate_.is_closed(); }
  std::size_t capacity() const noexcept { return gate_.capacity(); }

 private:
  struct Cell {
    alignas(T) std::byte memory[sizeof(T)];
  };

  T take() noexcept {
    T& cell = *std::launder(reinterpret_cast<T*>(cells_[gate_.head_slot()].memory));
    T element{std::move(cell)};
    cell.~T();
    gate_.taken();
    return element;
  }

  detail::MailboxGate gate_;
  std::unique_ptr<Cell[]> cells_;
};

}  // namespace weft

// What a Mailbox<T> does whatever its T is: who may put an element where, and who must be woken. Programs use
// mailbox.h.
//
// Elements have positions, counted from 0; each has the slot `position % slots` of a ring. A push claims the
// next position, fills its slot and marks it. When it is full, it waits in the list of its own loop, which
// only that loop touches, so that giving up is easy; the loop's side is put into a line. As room comes free,
// the popper grants it to the sides in line, and each fills what it was granted for those who wait there.
// Room is open to everybody else only when nobody is in line, so that a busy core cannot push a slow one
// aside.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <weft/runtime/loop.h>
#include <weft/runtime/sync.h>

namespace weft::detail {

class MailboxGate;
class MailboxPush;

/// The pushes of one loop that wait. It is also the message by which that loop hears of its grants.
struct MailboxSide : Message {
  /// `deserted`: still in line, but nobody waits any more. `rung`: its message is on the way.
  enum class State : std::uint8_t { out, listed, deserted, rung };

  MailboxGate* gate = nullptr;
  Loop* loop = nullptr;
  MailboxSide* next_side = nullptr;
  MailboxSide* next_in_line = nullptr;
  std::atomic<State> state{State::out};
  std::atomic<bool> posted{false};       ///< whoever sent the message does not touch the loop any more
  std::atomic<std::uint32_t> wanted{0};  ///< how many wait
  std::uint32_t granted = 0;             ///< by the message
  WaitQueue waiting;
};

class MailboxPush : public QueuedWait {
 public:
  bool await_ready() noexcept;
  void await_resume() const noexcept {}

 protected:
  explicit MailboxPush(MailboxGate& gate) noexcept : gate_(gate) {}
  MailboxPush(MailboxPush&&) noexcept = default;
  ~MailboxPush() = default;
  /// Moves the element into a slot.
  virtual void put(std::size_t slot) noexcept = 0;

 private:
  friend class MailboxGate;
  void start() noexcept override;
  void cancel() noexcept override;

  MailboxGate& gate_;
  MailboxSide* side_ = nullptr;
  bool pausing_ = false;   ///< only gives way to other tasks
  bool given_up_ = false;  ///< cancelled, but its side's message must come first
};

class MailboxPop : public Suspension {
 public:
  bool await_ready() noexcept;

 protected:
  explicit MailboxPop(MailboxGate& gate) noexcept : gate_(gate) {}
  MailboxPop(MailboxPop&&) noexcept = default;
  ~MailboxPop() = default;

 private:
  friend class MailboxGate;
  void start() noexcept override;
  void cancel() noexcept override;
  MailboxGate& gate_;
};

class MailboxGate {
 public:
  explicit MailboxGate(std::size_t capacity);
  MailboxGate(const MailboxGate&) = delete;
  MailboxGate& operator=(const MailboxGate&) = delete;
  ~MailboxGate();

  std::size_t capacity() const noexcept { return capacity_; }
  std::size_t slots() const noexcept { return slot_mask_ + 1; }

  // For those who push.
  struct Claim {
    enum class Outcome : std::uint8_t { yes, full, closed } outcome;
    std::uint64_t position = 0;
    std::size_t slot = 0;
    explicit operator bool() const noexcept { return outcome == Outcome::yes; }
  };
  Claim claim() noexcept { return claim_next(false); }
  /// The claimed slot is filled.
  void publish(const Claim& claim) noexcept {
    marks_[claim.slot].store(static_cast<std::uint32_t>(claim.position + 1));
  }
  /// After one or several.
  void wake_popper() noexcept {
    if (sleeping_.load()) ring();
  }
  void close() noexcept;
  bool is_closed() const noexcept { return word_.load() & closed_bit; }

  // For the one who pops.
  bool available() const noexcept {
    return marks_[head_slot()].load() == static_cast<std::uint32_t>(head_ + 1);
  }
  std::size_t head_slot() const noexcept { return static_cast<std::size_t>(head_) & slot_mask_; }
  /// The element at the head has been moved out.
  void taken() noexcept;

 private:
  friend class MailboxPush;
  friend class MailboxPop;

  // All that must change together: the next position, what is granted and not claimed yet, whether it is
  // closed.
  static constexpr int grant_shift = 40;
  static constexpr std::uint64_t one_grant = std::uint64_t{1} << grant_shift;
  static constexpr std::uint64_t tail_mask = one_grant - 1;
  static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
  static constexpr std::uint64_t grants_in(std::uint64_t word) noexcept {
    return (word & ~closed_bit) >> grant_shift;
  }
  /// Positions up to `end` that are neither claimed nor granted; less than zero when those behind it are.
  static std::int64_t room(std::uint64_t end, std::uint64_t word) noexcept {
    std::uint64_t left = end - (word & tail_mask) - grants_in(word);
    return static_cast<std::int64_t>(left << (64 - grant_shift)) >> (64 - grant_shift);
  }

  Claim claim_next(bool granted) noexcept;

  // On a pushing loop.
  MailboxSide* find_side() noexcept;
  MailboxSide& own_side();
  void wait_in(MailboxSide& side, MailboxPush& push) noexcept;
  void leave(MailboxSide& side, MailboxPush& push) noexcept;
  void get_in_line(MailboxSide& side) noexcept;
  void serve(MailboxSide& side, std::uint32_t grants) noexcept;
  static void side_rung(Message& message) noexcept;
  static bool ring_side(MailboxSide& side) noexcept;

  // On the popping loop.
  struct Bell;
  void ring() noexcept;
  void rung() noexcept;
  void bind() noexcept;
  void wait_for_element(MailboxPop& pop) noexcept;
  bool ended() const noexcept;
  void take_in() noexcept;
  void make_room() noexcept;
  void serve_line() noexcept;

  const std::size_t capacity_;
  const std::size_t slot_mask_;
  const std::int64_t batch_;                                   ///< room that is worth waking somebody for
  const std::unique_ptr<std::atomic<std::uint32_t>[]> marks_;  ///< position + 1 of what a slot holds or held

  alignas(64) std::atomic<std::uint64_t> word_{0};
  alignas(64) std::atomic<std::uint64_t> opened_;  ///< who waits nowhere may claim below this

  // Of the popping loop.
  alignas(64) std::uint64_t head_ = 0;
  MailboxPop* popper_ = nullptr;
  MailboxSide* line_ = nullptr;
  MailboxSide** line_last_ = &line_;
  std::uint32_t line_length_ = 0;

  alignas(64) std::atomic<bool> sleeping_{false};  ///< a pop waits
  std::atomic<bool> bell_posted_{false};
  std::atomic<Loop*> owner_{nullptr};             ///< where the pops are
  std::atomic<MailboxSide*> newcomers_{nullptr};  ///< in line, but the popper has not looked yet
  std::atomic<MailboxSide*> sides_{nullptr};      ///< all of them
  std::atomic<std::uint32_t> pushes_waiting_{0};
  Bell* bell_;
};

}  // namespace weft::detail

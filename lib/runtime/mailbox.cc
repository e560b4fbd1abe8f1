#include <algorithm>
#include <bit>
#include <cassert>

#include <weft/runtime/mailbox_gate.h>

namespace weft::detail {
namespace {
/// A push or pop at every so many positions lets the loop go round, so that an endless stream of elements
/// does not keep everything else on its core waiting.
constexpr std::uint64_t stretch = 1024;
constexpr std::size_t capacity_max = std::size_t{1} << 22;
bool gives_way(std::uint64_t position) noexcept { return position % stretch == stretch - 1; }
}  // namespace

using Outcome = MailboxGate::Claim::Outcome;
using State = MailboxSide::State;

// Who waits says so and then looks again; who changes something then looks who waits. All of these are
// sequentially consistent, so that at least one of the two sees the other.

/// Tells the popping loop that there is something for it to see to. May be on its way when the mailbox goes.
struct MailboxGate::Bell : Message {
  MailboxGate* gate = nullptr;
};

MailboxGate::MailboxGate(std::size_t capacity)
    : capacity_(std::clamp(capacity, std::size_t{1}, capacity_max)),
      slot_mask_(std::bit_ceil(capacity_) - 1),
      batch_(std::max<std::int64_t>(1, static_cast<std::int64_t>(capacity_ / 2))),
      marks_(std::make_unique<std::atomic<std::uint32_t>[]>(slot_mask_ + 1)),
      opened_(capacity_),
      bell_(new Bell) {
  bell_->gate = this;
  bell_->run = [](Message& message) noexcept {
    auto& bell = static_cast<Bell&>(message);
    if (bell.gate)
      bell.gate->rung();
    else
      delete &bell;
  };
}

MailboxGate::~MailboxGate() {
  assert(!popper_ && pushes_waiting_.load() == 0 && "destroyed while a task waits for it");
  if (bell_posted_.load())
    bell_->gate = nullptr;
  else
    delete bell_;
  for (MailboxSide* side = sides_.load(); side;) delete std::exchange(side, side->next_side);
}

MailboxGate::Claim MailboxGate::claim_next(bool granted) noexcept {
  std::uint64_t word = word_.load();
  for (;;) {
    if (word & closed_bit) return {Outcome::closed};
    if (!granted && room(opened_.load(), word) <= 0) return {Outcome::full};
    std::uint64_t next = granted ? word - one_grant : word;
    next = (next & ~tail_mask) | ((next + 1) & tail_mask);
    if (!word_.compare_exchange_weak(word, next)) continue;
    std::uint64_t position = word & tail_mask;
    return {Outcome::yes, position, static_cast<std::size_t>(position) & slot_mask_};
  }
}

void MailboxGate::close() noexcept {
  if (word_.fetch_or(closed_bit) & closed_bit) return;
  // Those in the popper's line are its to tell; these may never have met a popper.
  for (MailboxSide* side = newcomers_.exchange(nullptr); side;) {
    MailboxSide* next = side->next_in_line;
    side->granted = 0;
    ring_side(*side);
    side = next;
  }
  ring();
}

// -- pushing

bool MailboxPush::await_ready() noexcept {
  if (gate_.pushes_waiting_.load(std::memory_order_relaxed)) {
    MailboxSide* side = gate_.find_side();
    if (side && !side->waiting.empty()) return false;  // behind them
  }
  pausing_ = gives_way(gate_.word_.load(std::memory_order_relaxed) & MailboxGate::tail_mask);
  if (pausing_) return false;
  auto claim = gate_.claim();
  if (!claim) return false;
  put(claim.slot);
  gate_.publish(claim);
  gate_.wake_popper();
  return true;
}

void MailboxPush::start() noexcept { gate_.wait_in(gate_.own_side(), *this); }

void MailboxPush::cancel() noexcept {
  // The last one to wait must not let its loop end while a message is on the way there.
  State listed = State::listed;
  if (side_->wanted.load() == 1 && !side_->state.compare_exchange_strong(listed, State::deserted)) {
    given_up_ = true;
    return;
  }
  gate_.leave(*side_, *this);
  finish_cancelled();
}

MailboxSide* MailboxGate::find_side() noexcept {
  MailboxSide* side = sides_.load(std::memory_order_acquire);
  while (side && side->loop != Loop::current()) side = side->next_side;
  return side;
}

MailboxSide& MailboxGate::own_side() {
  if (MailboxSide* side = find_side()) return *side;
  auto* side = new MailboxSide;
  side->run = &side_rung;
  side->gate = this;
  side->loop = Loop::current();
  side->next_side = sides_.load(std::memory_order_relaxed);
  while (!sides_.compare_exchange_weak(side->next_side, side)) {
  }
  return *side;
}

void MailboxGate::wait_in(MailboxSide& side, MailboxPush& push) noexcept {
  push.side_ = &side;
  side.waiting.push(push);
  side.wanted.fetch_add(1);
  pushes_waiting_.fetch_add(1);
  State state = side.state.load();
  if (push.pausing_ && state == State::out) {
    side.granted = 0;
    side.state.store(State::rung);
    side.posted.store(true);
    side.loop->post(side);
  } else if (state == State::out || state == State::deserted) {
    get_in_line(side);
  }
}

void MailboxGate::leave(MailboxSide& side, MailboxPush& push) noexcept {
  side.waiting.remove(push);
  side.wanted.fetch_sub(1);
  pushes_waiting_.fetch_sub(1);
}

void MailboxGate::get_in_line(MailboxSide& side) noexcept {
  for (;;) {
    State state = State::deserted;
    if (!side.state.compare_exchange_strong(state, State::listed)) {
      side.state.store(State::listed);
      side.next_in_line = newcomers_.load();
      while (!newcomers_.compare_exchange_weak(side.next_in_line, &side)) {
      }
    }
    std::uint64_t word = word_.load();
    if (!(word & closed_bit) && room(opened_.load(), word) < batch_) return;
    // Perhaps nobody has seen that it waits.
    State listed = State::listed;
    if (!side.state.compare_exchange_strong(listed, State::deserted)) return;  // its message is on the way
    serve(side, 0);
    if (side.waiting.empty()) return;
  }
}

void MailboxGate::side_rung(Message& message) noexcept {
  auto& side = static_cast<MailboxSide&>(message);
  // The sender may still be in `post`; while those here wait, the loop cannot go away under it.
  if (!side.posted.exchange(false)) return side.loop->post(message);
  side.state.store(State::out);
  side.gate->serve(side, side.granted);
  if (!side.waiting.empty()) side.gate->get_in_line(side);
}

/// Puts in what it can for those who wait there: first into granted room, then where there is some for
/// everybody.
void MailboxGate::serve(MailboxSide& side, std::uint32_t grants) noexcept {
  bool published = false;
  while (!side.waiting.empty()) {
    auto& push = static_cast<MailboxPush&>(*side.waiting.first());
    if (push.given_up_) {
      leave(side, push);
      push.finish_cancelled();
      continue;
    }
    Claim claim = claim_next(grants > 0);
    if (claim.outcome == Outcome::full) break;
    leave(side, push);
    if (!claim) {
      push.finish(cancelled("the mailbox is closed"));
      continue;
    }
    if (grants > 0) --grants;
    push.put(claim.slot);
    publish(claim);
    published = true;
    push.finish();
  }
  if (published) wake_popper();
  if (grants == 0) return;
  word_.fetch_sub(grants * one_grant);
  ring();  // for others in line
}

/// False when nobody waits there any more: it is then out of the line.
bool MailboxGate::ring_side(MailboxSide& side) noexcept {
  for (;;) {
    State listed = State::listed, deserted = State::deserted;
    if (side.state.compare_exchange_strong(listed, State::rung)) {
      side.loop->post(side);
      side.posted.store(true);
      return true;
    }
    if (side.state.compare_exchange_strong(deserted, State::out)) return false;
  }
}

// -- popping

bool MailboxPop::await_ready() noexcept {
  gate_.bind();
  return gate_.available() ? !gives_way(gate_.head_) : gate_.ended();
}

void MailboxPop::start() noexcept { gate_.wait_for_element(*this); }

void MailboxPop::cancel() noexcept {
  gate_.popper_ = nullptr;
  gate_.sleeping_.store(false);
  finish_cancelled();
}

void MailboxGate::bind() noexcept {
  Loop* owner = owner_.load(std::memory_order_relaxed);
  assert((!owner || owner == Loop::current()) && "a mailbox is emptied on one core");
  if (!owner) owner_.store(Loop::current());
}

bool MailboxGate::ended() const noexcept {
  std::uint64_t word = word_.load();
  return (word & closed_bit) && (word & tail_mask) == (head_ & tail_mask);
}

void MailboxGate::wait_for_element(MailboxPop& pop) noexcept {
  assert(!popper_ && "one task at a time may pop");
  popper_ = &pop;
  sleeping_.store(true);
  if (available() && gives_way(head_)) return ring();
  if (!available() && !ended()) return;
  popper_ = nullptr;
  sleeping_.store(false);
  pop.finish();
}

void MailboxGate::ring() noexcept {
  Loop* owner = owner_.load();
  if (owner && !bell_posted_.load() && !bell_posted_.exchange(true)) owner->post(*bell_);
}

void MailboxGate::rung() noexcept {
  bell_posted_.store(false);
  take_in();
  make_room();
  if (!popper_ || (!available() && !ended())) return;
  MailboxPop* popper = std::exchange(popper_, nullptr);
  sleeping_.store(false);
  popper->finish();
}

void MailboxGate::taken() noexcept {
  ++head_;
  if (!line_) {
    opened_.store(head_ + capacity_);
    if (!newcomers_.load()) return;
    take_in();
  }
  make_room();
}

void MailboxGate::take_in() noexcept {
  MailboxSide* newest = newcomers_.exchange(nullptr);
  MailboxSide* oldest = nullptr;
  while (newest) {
    MailboxSide* next = newest->next_in_line;
    newest->next_in_line = oldest;
    oldest = newest;
    newest = next;
    ++line_length_;
  }
  *line_last_ = oldest;
  for (; oldest; oldest = oldest->next_in_line) line_last_ = &oldest->next_in_line;
}

void MailboxGate::make_room() noexcept {
  while (line_) {
    std::uint64_t word = word_.load();
    if (!(word & closed_bit) && room(head_ + capacity_, word) < batch_) return;
    serve_line();
    if (line_) return;
    opened_.store(head_ + capacity_);
    take_in();
  }
}

/// Shares what is free among those in line, until nothing is or nobody is left.
void MailboxGate::serve_line() noexcept {
  while (line_) {
    std::uint64_t word = word_.load(), grants = 0;
    if (!(word & closed_bit)) {
      std::int64_t free = room(head_ + capacity_, word);
      if (free <= 0) return;
      std::uint64_t share = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(free) / line_length_);
      grants = std::min<std::uint64_t>(share, std::max(1u, line_->wanted.load()));
      if (!word_.compare_exchange_strong(word, word + grants * one_grant)) continue;
    }
    MailboxSide& side = *line_;
    line_ = side.next_in_line;  // it may be in line again as soon as it is rung
    if (!line_) line_last_ = &line_;
    --line_length_;
    side.granted = static_cast<std::uint32_t>(grants);
    if (!ring_side(side)) word_.fetch_sub(grants * one_grant);
  }
}

}  // namespace weft::detail

// OnArena<T>: a message of protoc's class T on a google::protobuf::Arena, together with a share of that
// arena. For handlers whose messages are large: everything in them is allocated side by side and freed at
// once. What weft-gen makes with --messages=protoc --arena hands requests to handlers like this:
//
//   weft::Task<weft::OnArena<Reply>> look_up(weft::OnArena<Query> query) override {
//     auto reply = query.make<Reply>();  // on the same arena
//     reply->set_name(query->name());
//     co_return reply;
//   }
//
// The arena is freed with the last message on it: at the end of the call, when nobody keeps one. Its first
// 4 KiB and its further blocks come from this core's lists, so that a call of usual size takes no memory from
// malloc. Moves cost nothing. Any thread may drop one; a message is one thread's at a time.
#pragma once

#include <cassert>
#include <google/protobuf/arena.h>
#include <utility>

#include <weft/runtime/bytes.h>

namespace weft {

namespace detail {

/// A new arena that lives in the block and goes with it.
Block* allocate_arena();
google::protobuf::Arena& arena_of(Block* block) noexcept;

}  // namespace detail

template <class T>
class OnArena {
 public:
  using Message = T;

  /// An empty message on an arena of its own. In a stream of replies make each like this: what is made of the
  /// request stays as long as the request does.
  OnArena() : OnArena(detail::allocate_arena()) {}
  OnArena(OnArena&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)), message_(std::exchange(other.message_, nullptr)) {}
  OnArena& operator=(OnArena&& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(message_, other.message_);
    return *this;
  }
  ~OnArena() {
    if (block_) block_->drop();
  }

  /// Another message on the same arena.
  template <class Other>
  OnArena<Other> make() const {
    assert(block_);
    block_->retain();
    return OnArena<Other>{block_};
  }

  // The message; one that was moved from has none.
  T& operator*() noexcept { return assert(message_), *message_; }
  const T& operator*() const noexcept { return assert(message_), *message_; }
  T* operator->() noexcept { return assert(message_), message_; }
  const T* operator->() const noexcept { return assert(message_), message_; }
  /// For what else shall lie there.
  google::protobuf::Arena& arena() const noexcept { return assert(block_), detail::arena_of(block_); }

 private:
  template <class>
  friend class OnArena;

  explicit OnArena(detail::Block* block)
      : block_(block), message_(google::protobuf::Arena::CreateMessage<T>(&detail::arena_of(block))) {}

  detail::Block* block_;
  T* message_;
};

}  // namespace weft

// Bytes: a shared, immutable slice of memory. Copying one counts a reference and copies nothing, so received
// data can be kept, handed on and sent again without being moved. Chain: several of them, for scatter/gather.
//
// Any thread may copy, read and drop a Bytes; memory of a loop's receive ring finds its way home by itself.
// Keeping a small slice keeps its whole block: `copy()` is for what is kept for long.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

namespace detail {

/// The counted header of a piece of memory.
struct Block {
  std::atomic<std::uint32_t> references{1};
  std::uint32_t capacity = 0;                  ///< bytes of memory behind this header
  void (*release)(Block*) noexcept = nullptr;  ///< called by whoever drops the last reference

  void retain() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept {
    // A sole owner needs no atomic read-modify-write: nobody else can be counting.
    if (references.load(std::memory_order_acquire) == 1 ||
        references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      release(this);
  }
};

/// A block with at least `capacity` bytes of memory right behind the header, from this thread's free lists.
Block* allocate_block(std::size_t capacity);
inline std::uint8_t* memory_of(Block* block) noexcept { return reinterpret_cast<std::uint8_t*>(block + 1); }

}  // namespace detail

class Bytes {
 public:
  Bytes() noexcept = default;
  // Copies the text.
  Bytes(std::string_view text);
  Bytes(const std::string& text) : Bytes(std::string_view(text)) {}
  Bytes(const char* text) : Bytes(std::string_view(text)) {}
  Bytes(const Bytes& other) noexcept : block_(other.block_), data_(other.data_), size_(other.size_) {
    if (block_) block_->retain();
  }
  Bytes(Bytes&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Bytes() {
    if (block_) block_->drop();
  }

  /// Memory that outlives every Bytes, such as a literal: nothing is copied or counted.
  static Bytes of_static(std::string_view text) noexcept {
    return Bytes{nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  /// Takes over one reference of `block`.
  static Bytes adopt(detail::Block* block, const std::uint8_t* data, std::size_t size) noexcept {
    return Bytes{block, data, size};
  }

  const std::uint8_t* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const std::uint8_t* begin() const noexcept { return data_; }
  const std::uint8_t* end() const noexcept { return data_ + size_; }
  std::uint8_t operator[](std::size_t index) const noexcept { return data_[index]; }
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
  std::string str() const { return std::string(view()); }

  /// A part of this slice, sharing its memory. `offset + size` must lie inside.
  Bytes slice(std::size_t offset, std::size_t size) const noexcept {
    Bytes part{*this};
    part.data_ += offset;
    part.size_ = size;
    return part;
  }
  void remove_prefix(std::size_t count) noexcept {
    data_ += count;
    size_ -= count;
  }
  /// Takes in `next` where it lies right behind this in the same memory; else false.
  bool join(const Bytes& next) noexcept {
    if (!block_ || block_ != next.block_ || data_ + size_ != next.data_) return false;
    size_ += next.size_;
    return true;
  }
  /// The same bytes in memory of their own.
  Bytes copy() const { return Bytes(view()); }

  friend bool operator==(const Bytes& a, const Bytes& b) noexcept { return a.view() == b.view(); }
  friend std::strong_ordering operator<=>(const Bytes& a, const Bytes& b) noexcept {
    return a.view() <=> b.view();
  }

 private:
  Bytes(detail::Block* block, const std::uint8_t* data, std::size_t size) noexcept
      : block_(block), data_(data), size_(size) {}

  detail::Block* block_ = nullptr;  ///< null: static memory, or empty
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Writable memory with one owner, until `freeze` makes Bytes of what was written.
class Buffer {
 public:
  Buffer() noexcept = default;
  explicit Buffer(std::size_t capacity) : block_(detail::allocate_block(capacity)) {}
  Buffer(Buffer&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Buffer() {
    if (block_) block_->drop();
  }

  std::uint8_t* data() noexcept { return block_ ? detail::memory_of(block_) : nullptr; }
  std::size_t capacity() const noexcept { return block_ ? block_->capacity : 0; }
  /// Whether somebody still holds what `share` gave away.
  bool is_shared() const noexcept {
    return block_ && block_->references.load(std::memory_order_acquire) != 1;
  }
  /// Moves the first `used` bytes into a larger block.
  void grow(std::size_t capacity, std::size_t used);
  /// A part that is from now on immutable; the rest of the buffer stays writable.
  Bytes share(std::size_t offset, std::size_t size) noexcept {
    block_->retain();
    return Bytes::adopt(block_, data() + offset, size);
  }
  /// The first `size` bytes, from now on immutable. This buffer is empty afterwards.
  Bytes freeze(std::size_t size) noexcept {
    std::uint8_t* memory = data();
    return Bytes::adopt(std::exchange(block_, nullptr), memory, size);
  }

 private:
  detail::Block* block_ = nullptr;
};

/// Slices that belong together, in order. The usual single slice takes no allocation.
class Chain {
 public:
  Chain() noexcept = default;
  Chain(Bytes bytes) noexcept : first_(std::move(bytes)) {}

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    if (first_.empty())
      first_ = std::move(bytes);
    else
      rest_.push_back(std::move(bytes));
  }
  void append(const Chain& other) {
    append(other.first_);
    for (const Bytes& bytes : other.rest_) append(bytes);
  }

  std::size_t size() const noexcept {
    std::size_t total = first_.size();
    for (const Bytes& bytes : rest_) total += bytes.size();
    return total;
  }
  bool empty() const noexcept { return first_.empty(); }
  /// Number of slices, and each of them.
  std::size_t count() const noexcept { return first_.empty() ? 0 : 1 + rest_.size(); }
  const Bytes& operator[](std::size_t index) const noexcept { return index ? rest_[index - 1] : first_; }

  /// One slice with everything: shared when there is only one, else a copy.
  Bytes flatten() const;

 private:
  Bytes first_;
  std::vector<Bytes> rest_;
};

}  // namespace weft

template <>
struct std::hash<weft::Bytes> {
  std::size_t operator()(const weft::Bytes& bytes) const noexcept {
    return std::hash<std::string_view>{}(bytes.view());
  }
};

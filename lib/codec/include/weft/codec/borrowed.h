// Borrowed<T>: a message whose texts are views into the bytes that it came in, and whose lists lie in memory
// of its own. For handlers that look at a large message and keep little of it: nothing is copied, and nothing
// is freed piece by piece. It costs two blocks of memory, one of which is the received one, kept as long as
// the Borrowed lives.
//
//   Borrowed<OrderView> order = co_await protobuf::borrow<OrderView>(payload);
//   for (const LineView& line : order->lines) stock(line.article);  // a std::string_view
//
// T is described as any other type, with `static constexpr bool borrowed = true` in its Schema, and made of
// numbers, std::string_view, std::optional and the views below: it has nothing to destroy.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/runtime/bytes.h>

namespace weft {

/// Memory that is given back all at once. One thread at a time.
class Arena {
 public:
  Arena() noexcept = default;
  Arena(Arena&& other) noexcept
      : block_(std::move(other.block_)),
        used_(std::exchange(other.used_, 0)),
        first_(other.first_),
        full_(std::move(other.full_)) {}
  Arena& operator=(Arena&& other) noexcept {
    block_ = std::move(other.block_);
    used_ = std::exchange(other.used_, 0);
    first_ = other.first_;
    full_ = std::move(other.full_);
    return *this;
  }

  /// About how many bytes will be asked for. None are taken yet.
  void expect(std::size_t size) noexcept { first_ = size; }
  /// Memory for `count` of them, which are not there yet.
  template <class T>
  T* room(std::size_t count) {
    static_assert(alignof(T) <= alignment);
    const std::size_t size = (count * sizeof(T) + alignment - 1) & ~(alignment - 1);
    if (block_.capacity() - used_ < size) [[unlikely]]
      start(size);
    std::uint8_t* memory = block_.data() + used_;
    used_ += size;
    return reinterpret_cast<T*>(memory);
  }

 private:
  static constexpr std::size_t alignment = 16;
  void start(std::size_t size);

  Buffer block_;
  std::size_t used_ = 0;   ///< bytes of `block_`
  std::size_t first_ = 0;  ///< bytes of the first block, about
  std::vector<Buffer> full_;
};

namespace detail {
template <class View>
class Growing;
}

/// A list of elements that lie elsewhere.
template <class T>
class ListView {
 public:
  using value_type = T;
  using const_iterator = const T*;
  using const_reverse_iterator = std::reverse_iterator<const T*>;

  constexpr ListView() noexcept = default;
  /// Elements that outlive the view.
  ListView(std::span<const T> elements) noexcept
      : data_(const_cast<T*>(elements.data())), size_(static_cast<std::uint32_t>(elements.size())) {
    assert(elements.size() <= UINT32_MAX);
  }
  ListView(const std::vector<T>& elements) noexcept
    requires(!std::is_same_v<T, bool>)
      : ListView(std::span<const T>(elements)) {}

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const T* data() const noexcept { return data_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }
  const_reverse_iterator rbegin() const noexcept { return const_reverse_iterator{end()}; }
  const_reverse_iterator rend() const noexcept { return const_reverse_iterator{begin()}; }
  const T& operator[](std::size_t index) const noexcept { return assert(index < size_), data_[index]; }
  const T& front() const noexcept { return (*this)[0]; }
  const T& back() const noexcept { return (*this)[size_ - 1]; }

 private:
  template <class>
  friend class detail::Growing;

  T* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;  ///< that may be written to, while the message is read
};

/// A set's elements as they came: in any order, and perhaps twice.
template <class T>
class SetView : public ListView<T> {
 public:
  using ListView<T>::ListView;
  bool contains(const T& element) const noexcept {
    for (const T& one : *this)
      if (one == element) return true;
    return false;
  }
};

template <class Key, class Mapped>
struct MapEntry {
  Key first{};
  Mapped second{};
};

/// A map's entries as they came: in any order, and a key perhaps twice.
template <class Key, class Mapped>
class MapView : public ListView<MapEntry<Key, Mapped>> {
 public:
  using key_type = Key;
  using mapped_type = Mapped;
  using ListView<MapEntry<Key, Mapped>>::ListView;

  /// The value of the key, the last one if it is there twice; null if it is not. Looks at all entries.
  const Mapped* find(const Key& key) const noexcept {
    for (auto entry = this->rbegin(); entry != this->rend(); ++entry)
      if (entry->first == key) return &entry->second;
    return nullptr;
  }
};

/// A value that lies elsewhere, or none: what a Box is among the views.
template <class T>
class BoxView {
 public:
  using value_type = T;

  constexpr BoxView() noexcept = default;
  /// A value that outlives the view.
  explicit BoxView(const T* value) noexcept : value_(const_cast<T*>(value)) {}

  bool has_value() const noexcept { return value_ != nullptr; }
  explicit operator bool() const noexcept { return has_value(); }
  const T& operator*() const noexcept { return assert(value_), *value_; }
  const T* operator->() const noexcept { return assert(value_), value_; }

 private:
  template <class>
  friend class detail::Growing;

  T* value_ = nullptr;
};

template <class T>
struct Schema;

/// Whether values of T look into the bytes that they were read from.
template <class T>
inline constexpr bool is_borrowed = requires { Schema<T>::borrowed; };

/// A T and all that it looks at. Moving it leaves the views as they are; what was moved from is not to be
/// used.
template <class T>
class Borrowed {
 public:
  using value_type = T;

  Borrowed() = default;
  /// A value that looks at nothing, or at what outlives it.
  Borrowed(const T& value) : value_(value) {}
  Borrowed(Borrowed&&) noexcept = default;
  Borrowed& operator=(Borrowed&&) noexcept = default;

  T& operator*() & noexcept { return value_; }
  const T& operator*() const& noexcept { return value_; }
  T* operator->() noexcept { return &value_; }
  const T* operator->() const noexcept { return &value_; }

  /// The received memory.
  const Bytes& source() const noexcept { return source_; }
  /// A text of this value as Bytes, which may be kept for longer, and keep the received memory as long.
  Bytes share(std::string_view text) const noexcept {
    if (text.empty()) return {};
    const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
    assert(at >= source_.begin() && at + text.size() <= source_.end());
    return source_.slice(static_cast<std::size_t>(at - source_.begin()), text.size());
  }

  // For codecs.
  Arena& arena() noexcept { return arena_; }
  void source(Bytes source) noexcept {
    source_ = std::move(source);
    arena_.expect(2 * source_.size());  // lists take more memory than bytes on the wire
  }

 private:
  Bytes source_;
  Arena arena_;
  T value_{};
};

namespace detail {

/// A view while it is read: what a codec does to a std::vector, with memory of an arena.
template <class View>
class Growing {
 public:
  using value_type = typename View::value_type;

  Growing(Arena& arena, View& view) noexcept : arena_(arena), view_(view) {
    static_assert(std::is_trivially_copyable_v<value_type> && std::is_trivially_destructible_v<value_type>,
                  "what is borrowed has nothing to destroy");
  }

  std::size_t size() const noexcept { return view_.size_; }
  std::size_t capacity() const noexcept { return view_.capacity_; }
  value_type* data() noexcept { return view_.data_; }
  value_type& operator[](std::size_t index) noexcept { return view_.data_[index]; }
  void clear() noexcept { view_.size_ = 0; }
  void reserve(std::size_t capacity) {
    if (capacity <= view_.capacity_) return;
    auto* larger = arena_.room<value_type>(capacity);
    if (view_.size_ > 0)
      std::memcpy(static_cast<void*>(larger), view_.data_, view_.size_ * sizeof(value_type));
    view_.data_ = larger;
    view_.capacity_ = static_cast<std::uint32_t>(capacity);
  }
  void resize(std::size_t size) {
    if (size > view_.capacity_) reserve(std::max<std::size_t>(size, 2 * view_.size_));
    for (std::size_t index = view_.size_; index < size; ++index) new (&view_.data_[index]) value_type{};
    view_.size_ = static_cast<std::uint32_t>(size);
  }
  value_type& emplace_back() {
    resize(size() + 1);
    return view_.data_[view_.size_ - 1];
  }
  void push_back(const value_type& value) { emplace_back() = value; }

 private:
  Arena& arena_;
  View& view_;
};

template <class T>
class Growing<BoxView<T>> {
 public:
  static T& emplace(Arena& arena, BoxView<T>& box) { return *(box.value_ = new (arena.room<T>(1)) T{}); }
  static T& value(BoxView<T>& box) noexcept { return *box.value_; }
};

}  // namespace detail
}  // namespace weft

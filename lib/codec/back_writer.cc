#include <algorithm>
#include <cstring>
#include <utility>

#include <weft/codec/back_writer.h>

namespace weft {

Chain BackWriter::finish(std::uint8_t* at) {
  if (pieces_.empty()) {
    Bytes all = block_.freeze(block_.capacity());
    all.remove_prefix(static_cast<std::size_t>(at - begin_));
    return all;
  }
  seal(at);
  Chain chain;
  for (std::size_t index = pieces_.size(); index-- > 0;) chain.append(std::move(pieces_[index]));
  pieces_.clear();
  return chain;
}

void BackWriter::start(std::size_t capacity) {
  block_ = Buffer{capacity};
  begin_ = block_.data();
  end_ = begin_ + block_.capacity();
}

/// Puts what was written away.
void BackWriter::seal(std::uint8_t* at) {
  if (at == end_) return;
  const auto free = static_cast<std::size_t>(at - begin_);
  Bytes piece = block_.freeze(block_.capacity());
  piece.remove_prefix(free);
  sealed_ += piece.size();
  pieces_.push_back(std::move(piece));
  begin_ = end_ = nullptr;
}

std::uint8_t* BackWriter::grow(std::uint8_t* at, std::size_t size) {
  const auto used = static_cast<std::size_t>(end_ - at);
  if (used + size > Writer::largest_block) {
    seal(at);
    start(std::max(size, Writer::largest_block));
    return end_;
  }
  const std::size_t wanted =
      std::max(used + size, std::min(2 * block_.capacity() + 16, Writer::largest_block));
  Buffer old = std::exchange(block_, Buffer{});
  start(std::max(wanted, Writer::first_block));
  if (used > 0) std::memcpy(end_ - used, at, used);
  return end_ - used;
}

std::uint8_t* BackWriter::link(std::uint8_t* at, const Bytes& value, std::size_t ahead) {
  seal(at);
  pieces_.push_back(value);
  sealed_ += value.size();
  start(std::max(ahead, Writer::first_block));
  return end_;
}

}  // namespace weft

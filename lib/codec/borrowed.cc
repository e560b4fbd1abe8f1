#include <algorithm>

#include <weft/codec/borrowed.h>

namespace weft {

void Arena::start(std::size_t size) {
  constexpr std::size_t smallest = 512 - 16,
                        largest = 64 * 1024 - 16;  // with a block's header, round numbers
  const std::size_t next = block_.capacity() > 0 ? 2 * block_.capacity() + 16 : first_;
  if (block_.capacity() > 0) full_.push_back(std::move(block_));
  block_ = Buffer{std::max(size, std::clamp(next, smallest, largest))};
  used_ = 0;
}

}  // namespace weft

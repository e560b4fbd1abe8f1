#include <algorithm>
#include <climits>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream.h>

#include <fmt/format.h>

#include <weft/codec/adapt_protobuf.h>
#include <weft/codec/writer.h>

namespace weft::protobuf {

namespace {

namespace io = google::protobuf::io;

/// Hands out the slices of a Chain.
class ChainInput final : public io::ZeroCopyInputStream {
 public:
  explicit ChainInput(const Chain& chain) : chain_(chain) {}

  bool Next(const void** data, int* size) override {
    if (index_ == chain_.count()) return false;
    const Bytes& slice = chain_[index_++];
    *data = slice.data() + skipped_;
    *size = static_cast<int>(slice.size() - skipped_);
    read_ += *size;
    skipped_ = 0;
    return true;
  }
  void BackUp(int count) override {
    // Of the slice that was handed out last.
    skipped_ = chain_[--index_].size() - static_cast<std::size_t>(count);
    read_ -= count;
  }
  bool Skip(int count) override {
    const void* data;
    for (int size = 0; count > 0; count -= size) {
      if (!Next(&data, &size)) return false;
      if (size > count) {
        BackUp(size - count);
        return true;
      }
    }
    return true;
  }
  std::int64_t ByteCount() const override { return read_; }

 private:
  const Chain& chain_;
  std::size_t index_ = 0;
  std::size_t skipped_ = 0;  ///< bytes of the next slice that were read
  std::int64_t read_ = 0;
};

/// Hands out blocks, and links what was written into a Chain.
class ChainOutput final : public io::ZeroCopyOutputStream {
 public:
  explicit ChainOutput(std::size_t size) : left_(size) {}

  bool Next(void** data, int* size) override {
    seal();
    block_ = Buffer{std::min(std::max<std::size_t>(left_, 1), Writer::largest_block)};
    used_ = block_.capacity();
    *data = block_.data();
    *size = static_cast<int>(used_);
    return true;
  }
  void BackUp(int count) override { used_ -= static_cast<std::size_t>(count); }
  std::int64_t ByteCount() const override { return static_cast<std::int64_t>(sealed_ + used_); }

  Chain finish() {
    seal();
    return std::move(chain_);
  }

 private:
  void seal() {
    if (used_ == 0) return;
    chain_.append(block_.freeze(used_));
    sealed_ += used_;
    left_ -= std::min(left_, used_);
    used_ = 0;
  }

  Chain chain_;
  Buffer block_;
  std::size_t used_ = 0;
  std::size_t sealed_ = 0;  ///< bytes in `chain_`
  std::size_t left_;        ///< bytes expected still
};

bool read(const Chain& bytes, google::protobuf::MessageLite& message, const DecodeLimits& limits) {
  const auto recursion = static_cast<int>(std::min<std::uint32_t>(limits.depth, INT_MAX)) - 1;
  if (recursion < 0) return false;
  if (bytes.count() <= 1 && recursion == io::CodedInputStream::GetDefaultRecursionLimit())
    return message.ParsePartialFromArray(bytes[0].data(), static_cast<int>(bytes[0].size()));
  message.Clear();
  ChainInput slices{bytes};
  io::CodedInputStream input{&slices};
  input.SetRecursionLimit(recursion);
  return message.MergePartialFromCodedStream(&input) && input.ConsumedEntireMessage();
}

}  // namespace

Status detail::parse(const Chain& bytes, google::protobuf::MessageLite& message, const DecodeLimits& limits) {
  if (bytes.size() > INT_MAX)
    return resource_exhausted(fmt::format("{} of more than 2 GiB", message.GetTypeName()));
  if (!read(bytes, message, limits))
    return invalid_argument(fmt::format("{} is malformed, or nested more than {} levels deep",
                                        message.GetTypeName(), limits.depth));
  if (!message.IsInitialized())
    return invalid_argument(fmt::format("{} without its required fields: {}", message.GetTypeName(),
                                        message.InitializationErrorString()));
  return {};
}

Chain detail::serialize(const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  if (size == 0) return {};
  if (size > INT_MAX) return Bytes::of_static({"\0", 1});  // field number 0
  if (size <= Writer::largest_block) {
    Buffer block{size};
    message.SerializeWithCachedSizesToArray(block.data());
    return block.freeze(size);
  }
  ChainOutput output{size};
  {
    io::CodedOutputStream stream{&output};
    message.SerializeWithCachedSizes(&stream);
  }
  return output.finish();
}

}  // namespace weft::protobuf

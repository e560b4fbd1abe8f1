// Apache Thrift's compact protocol on Weft's memory: what classes of the thrift compiler read and write
// through here. A Reading checks what Apache's own does not: that a container's elements can be in the
// message and may take their memory, before any is taken. Included by <weft/codec/adapt_thrift.h>.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

#include <weft/codec/limits.h>
#include <weft/runtime/bytes.h>
#include <weft/runtime/status.h>

namespace weft::libthrift {

/// A transport of Apache's that reads from a Chain's slices or writes into blocks, which become a Chain.
class ChainTransport final
    : public ::apache::thrift::transport::TVirtualTransport<ChainTransport,
                                                            ::apache::thrift::transport::TBufferBase> {
 public:
  /// For reading what the chain holds, which outlives this. `depth`: how many structs may nest.
  ChainTransport(const Chain& source, std::uint32_t depth);
  /// For writing.
  ChainTransport();

  bool isOpen() const override { return true; }

  std::size_t size() const noexcept { return size_; }
  std::size_t remaining() const noexcept { return later_ + static_cast<std::size_t>(rBound_ - rBase_); }
  /// The next `count` bytes, where they lie in one slice; else null, and nothing is taken.
  const char* take(std::uint32_t count) noexcept {
    if (static_cast<std::size_t>(rBound_ - rBase_) < count) return nullptr;
    const auto* text = reinterpret_cast<const char*>(rBase_);
    rBase_ += count;
    return text;
  }

  /// All that was written.
  Chain finish();

 protected:
  std::uint32_t readSlow(std::uint8_t* to, std::uint32_t size) override;
  void writeSlow(const std::uint8_t* from, std::uint32_t size) override;
  const std::uint8_t* borrowSlow(std::uint8_t*, std::uint32_t*) override { return nullptr; }

 private:
  bool next_slice();
  void start(std::size_t size);

  const Chain* source_ = nullptr;
  std::size_t index_ = 0;  ///< of the slice behind the one that is read
  std::size_t later_ = 0;  ///< bytes in the slices from there on
  std::size_t size_ = 0;   ///< bytes that there were to read
  Chain written_;
  Buffer block_;
};

using Compact = ::apache::thrift::protocol::TCompactProtocolT<ChainTransport>;
using Type = ::apache::thrift::protocol::TType;

class Reading final : public Compact {
 public:
  Reading(ChainTransport& transport, const DecodeLimits& limits);

  std::uint32_t readListBegin(Type& element, std::uint32_t& size) {
    const std::uint32_t read = Compact::readListBegin(element, size);
    claim(element, Type::T_STOP, size);
    return read;
  }
  std::uint32_t readSetBegin(Type& element, std::uint32_t& size) { return readListBegin(element, size); }
  std::uint32_t readMapBegin(Type& key, Type& mapped, std::uint32_t& size) {
    const std::uint32_t read = Compact::readMapBegin(key, mapped, size);
    claim(key, mapped, size);
    return read;
  }
  /// Without the copy that Apache's makes on the way.
  std::uint32_t readBinary(std::string& text);
  std::uint32_t readString(std::string& text) { return readBinary(text); }
  std::uint32_t skip(Type type);

  // Classes made without `templates` come through these.
  std::uint32_t readListBegin_virt(Type& element, std::uint32_t& size) override {
    return readListBegin(element, size);
  }
  std::uint32_t readSetBegin_virt(Type& element, std::uint32_t& size) override {
    return readListBegin(element, size);
  }
  std::uint32_t readMapBegin_virt(Type& key, Type& mapped, std::uint32_t& size) override {
    return readMapBegin(key, mapped, size);
  }
  std::uint32_t readBinary_virt(std::string& text) override { return readBinary(text); }
  std::uint32_t readString_virt(std::string& text) override { return readBinary(text); }
  std::uint32_t skip_virt(Type type) override { return skip(type); }

 private:
  /// Throws unless `count` elements can be there and may take their memory. `mapped`: of a map.
  void claim(Type element, Type mapped, std::uint32_t count);

  ChainTransport& transport_;
  std::size_t memory_;  ///< bytes that elements may take still
  bool skipping_ = false;
};

class Writing final : public Compact {
 public:
  explicit Writing(ChainTransport& transport);
};

/// What is being thrown, as a Status: for use in a handler of all exceptions. SIZE_LIMIT, DEPTH_LIMIT and a
/// lack of memory are `resource_exhausted`, everything else `invalid_argument`.
Status caught(const ChainTransport& transport) noexcept;

}  // namespace weft::libthrift

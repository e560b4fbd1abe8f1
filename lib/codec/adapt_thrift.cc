#include <algorithm>
#include <climits>
#include <cstring>
#include <new>
#include <stdexcept>

#include <fmt/format.h>

#include <weft/codec/adapt_thrift.h>
#include <weft/codec/writer.h>

namespace weft::libthrift {

namespace {

using ::apache::thrift::TApplicationException;
using ::apache::thrift::TConfiguration;
using ::apache::thrift::protocol::TProtocolException;
using ::apache::thrift::transport::TTransportException;

/// Shared by all transports of that depth, without counting.
std::shared_ptr<TConfiguration> borrowed(TConfiguration& configuration) {
  return {std::shared_ptr<void>{}, &configuration};
}

// The transport lets through no larger message, and Reading looks at what is left of it.
std::shared_ptr<TConfiguration> configuration_for(std::uint32_t depth) {
  static TConfiguration usual{INT_MAX, INT_MAX, static_cast<int>(DecodeLimits{}.depth)};
  if (depth == DecodeLimits{}.depth) return borrowed(usual);
  return std::make_shared<TConfiguration>(INT_MAX, INT_MAX,
                                          static_cast<int>(std::min<std::uint32_t>(depth, INT_MAX)));
}

std::shared_ptr<TConfiguration> configuration_for_writing() {
  static TConfiguration unlimited{INT_MAX, INT_MAX, INT_MAX};
  return borrowed(unlimited);
}

std::shared_ptr<ChainTransport> borrowed(ChainTransport& transport) {
  return {std::shared_ptr<void>{}, &transport};
}

/// Elements that a container may say: Apache multiplies that by up to 16 bytes, in an int.
constexpr int container_max = INT_MAX / 16;

/// Bytes that an element takes at least on the wire.
std::size_t smallest(Type type) { return type == Type::T_DOUBLE ? 8 : 1; }

/// Bytes that an element is taken to need in memory, before what it owns. Never few: the message says the
/// type, and Apache's code makes room for elements of its own without a look at that.
std::size_t memory_of(Type type) {
  switch (type) {
    case Type::T_STRUCT:
      return 128;
    case Type::T_LIST:
    case Type::T_SET:
    case Type::T_MAP:
      return 48;
    default:
      return 32;
  }
}

}  // namespace

ChainTransport::ChainTransport(const Chain& source, std::uint32_t depth)
    : TVirtualTransport(configuration_for(depth)), source_(&source), size_(source.size()) {
  static std::uint8_t nothing;  // Apache's code adds to the pointer, which null cannot bear
  setReadBuffer(&nothing, 0);
  later_ = size_;
  next_slice();
}

ChainTransport::ChainTransport() : TVirtualTransport(configuration_for_writing()) {
  start(Writer::first_block);
}

bool ChainTransport::next_slice() {
  if (!source_ || index_ == source_->count()) return false;
  const Bytes& slice = (*source_)[index_++];
  later_ -= slice.size();
  // Nobody writes there: the pointer is Apache's, which reads and writes through one type.
  setReadBuffer(const_cast<std::uint8_t*>(slice.data()), static_cast<std::uint32_t>(slice.size()));
  return true;
}

std::uint32_t ChainTransport::readSlow(std::uint8_t* to, std::uint32_t size) {
  std::uint32_t read = 0;
  while (read < size) {
    const auto count = std::min(size - read, static_cast<std::uint32_t>(rBound_ - rBase_));
    if (count > 0) std::memcpy(to + read, rBase_, count);
    rBase_ += count;
    read += count;
    if (read < size && !next_slice()) break;
  }
  return read;
}

void ChainTransport::start(std::size_t size) {
  block_ = Buffer{size};
  setWriteBuffer(block_.data(), static_cast<std::uint32_t>(block_.capacity()));
}

void ChainTransport::writeSlow(const std::uint8_t* from, std::uint32_t size) {
  while (size > 0) {
    const auto count = std::min(size, static_cast<std::uint32_t>(wBound_ - wBase_));
    std::memcpy(wBase_, from, count);
    wBase_ += count;
    from += count;
    size -= count;
    if (size == 0) return;
    const std::size_t capacity = block_.capacity();
    written_.append(block_.freeze(static_cast<std::size_t>(wBase_ - block_.data())));
    start(std::min(std::max<std::size_t>(4 * capacity, size), Writer::largest_block));
  }
}

Chain ChainTransport::finish() {
  written_.append(block_.freeze(static_cast<std::size_t>(wBase_ - block_.data())));
  setWriteBuffer(nullptr, 0);
  return std::move(written_);
}

Reading::Reading(ChainTransport& transport, const DecodeLimits& limits)
    : Compact(borrowed(transport), INT_MAX, container_max),
      transport_(transport),
      memory_(limits.element_memory) {}

Writing::Writing(ChainTransport& transport) : Compact(borrowed(transport)) {}

void Reading::claim(Type element, Type mapped, std::uint32_t count) {
  if (count == 0) return;
  const bool is_map = mapped != Type::T_STOP;
  if (element == Type::T_STOP)
    throw TProtocolException(TProtocolException::INVALID_DATA, "container of elements without a type");
  if (count > transport_.remaining() / (smallest(element) + (is_map ? smallest(mapped) : 0)))
    throw TProtocolException(TProtocolException::INVALID_DATA, "container larger than the message");
  const std::size_t each = skipping_ ? 1 : memory_of(element) + (is_map ? memory_of(mapped) : 0);
  if (count > memory_ / each)
    throw TProtocolException(TProtocolException::SIZE_LIMIT, "containers need too much memory");
  memory_ -= count * each;
}

std::uint32_t Reading::readBinary(std::string& text) {
  std::int32_t size = 0;
  const std::uint32_t read = readVarint32(size);
  if (size < 0 || static_cast<std::size_t>(size) > transport_.remaining())
    throw TTransportException(TTransportException::END_OF_FILE, "text larger than the message");
  const auto count = static_cast<std::uint32_t>(size);
  if (const char* at = transport_.take(count)) {
    text.assign(at, count);
  } else {
    text.resize(count);
    transport_.readAll(reinterpret_cast<std::uint8_t*>(text.data()), count);
  }
  return read + count;
}

std::uint32_t Reading::skip(Type type) {
  const bool outer = std::exchange(skipping_, true);
  const std::uint32_t read = ::apache::thrift::protocol::skip(*this, type);
  skipping_ = outer;
  return read;
}

Status caught(const ChainTransport& transport) noexcept {
  Code code = Code::invalid_argument;
  std::string what;
  try {
    throw;
  } catch (const TProtocolException& failure) {
    const auto type = failure.getType();
    if (type == TProtocolException::SIZE_LIMIT || type == TProtocolException::DEPTH_LIMIT)
      code = Code::resource_exhausted;
    what = failure.what();
  } catch (const std::bad_alloc&) {
    code = Code::resource_exhausted;
    what = "out of memory";
  } catch (const std::length_error& failure) {
    code = Code::resource_exhausted;
    what = failure.what();
  } catch (const std::exception& failure) {
    what = failure.what();
  } catch (...) {
    what = "unknown exception";
  }
  return Status{code, fmt::format("{} at byte {}", what, transport.size() - transport.remaining())};
}

TApplicationException as_exception(const Status& status) {
  const auto* answered = status.get_if<ApplicationException>();
  const ApplicationException exception = answered ? *answered : from_status(status);
  return {static_cast<TApplicationException::TApplicationExceptionType>(exception.type), exception.message};
}

}  // namespace weft::libthrift

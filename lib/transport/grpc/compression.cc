#include "compression.h"

#include <algorithm>
#include <new>
#include <zlib.h>

#include <fmt/format.h>

namespace weft::detail::grpc {
namespace {

constexpr int gzip_window = 15 + 16, zlib_window = 15;
constexpr std::size_t first_size = 4096;

int window_bits(Compression compression) noexcept {
  return compression == Compression::gzip ? gzip_window : zlib_window;
}

struct Inflater {
  explicit Inflater(Compression compression) {
    if (inflateInit2(&stream, window_bits(compression)) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream); }
  z_stream stream{};
};

struct Deflater {
  explicit Deflater(Compression compression) {
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits(compression), 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  Deflater(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream); }
  z_stream stream{};
};

}  // namespace

std::string_view name(Compression compression) noexcept {
  switch (compression) {
    case Compression::gzip:
      return "gzip";
    case Compression::deflate:
      return "deflate";
    case Compression::none:
      break;
  }
  return "identity";
}

std::optional<Compression> compression_of(std::string_view name) noexcept {
  if (name == "gzip") return Compression::gzip;
  if (name == "deflate") return Compression::deflate;
  if (name == "identity") return Compression::none;
  return {};
}

Accepts accepts_of(std::string_view list) noexcept {
  Accepts accepts;
  while (!list.empty()) {
    std::size_t comma = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, comma);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    accepts.gzip |= one == "gzip";
    accepts.deflate |= one == "deflate";
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return accepts;
}

Bytes compress(Compression compression, const Chain& message) {
  Deflater deflater{compression};
  z_stream& stream = deflater.stream;
  Buffer buffer{deflateBound(&stream, message.size())};
  stream.next_out = buffer.data();
  stream.avail_out = static_cast<uInt>(buffer.capacity());
  for (std::size_t index = 0; index < message.count(); ++index) {
    stream.next_in = const_cast<Bytef*>(message[index].data());
    stream.avail_in = static_cast<uInt>(message[index].size());
    deflate(&stream, Z_NO_FLUSH);
  }
  deflate(&stream, Z_FINISH);
  return buffer.freeze(stream.total_out);
}

Result<Bytes> decompress(Compression compression, const Bytes& bytes, std::size_t max) {
  Inflater inflater{compression};
  z_stream& stream = inflater.stream;
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  Buffer buffer{std::min(std::max(bytes.size() * 2, first_size), max + 1)};
  for (;;) {
    // Memory grows with what has come out, up to one byte more than allowed.
    std::size_t room = std::min(buffer.capacity(), max + 1) - stream.total_out;
    stream.next_out = buffer.data() + stream.total_out;
    stream.avail_out = static_cast<uInt>(room);
    int result = inflate(&stream, Z_NO_FLUSH);
    if (stream.total_out > max)
      return resource_exhausted(fmt::format("a message with more than {} bytes when it is inflated", max));
    if (result == Z_STREAM_END) {
      if (stream.avail_in > 0) return internal("a compressed message with something behind it");
      return buffer.freeze(stream.total_out);
    }
    if (result != Z_OK && result != Z_BUF_ERROR) return internal("a message that cannot be inflated");
    if (stream.avail_out > 0) return internal("a compressed message that ends too early");
    buffer.grow(std::min(buffer.capacity() * 2, max + 1), stream.total_out);
  }
}

}  // namespace weft::detail::grpc

// Any bytes, as what a peer of gRPC may send in header fields and data: nothing is read beyond its end, what
// is accepted says the same when it is said again, and nothing grows beyond its limit.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "grpc/compression.h"
#include "grpc/fields.h"
#include "grpc/messages.h"
#include "grpc/response.h"
#include "grpc/text.h"
#include "grpc/timeout.h"

using namespace weft;
using namespace weft::detail::grpc;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void timeout(std::string_view text) {
  auto value = parse_timeout(text);
  if (!value) return;
  check(*value >= Duration::zero());
  std::string again = format_timeout(*value);
  check(again.size() <= 9);
  auto parsed = parse_timeout(again);
  check(parsed && *parsed >= *value);
}

void texts(std::string_view text) {
  std::string message = percent_decode(text);
  check(percent_decode(percent_encode(message)) == message);
  if (auto bytes = base64_decode(text)) check(base64_decode(base64_encode(*bytes)) == bytes);
  check(base64_decode(base64_encode(text)) == std::string(text));
}

/// The first byte says how the rest is cut into pieces.
void messages(std::string_view data) {
  if (data.empty()) return;
  std::size_t piece = 1 + static_cast<std::uint8_t>(data[0]) % 32;
  data.remove_prefix(1);
  MessageReader reader{4096};
  detail::grpc::Message message;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < data.size(); at += piece) {
    reader.feed(Bytes(data.substr(at, piece)));
    MessageReader::Found found;
    while ((found = reader.next(message)) == MessageReader::Found::message) {
      bytes += prefix_size + message.payload.size();
      check(message.payload.size() <= 4096);
    }
    check(reader.gathered() <= 4096);
    if (found == MessageReader::Found::error) return check(!reader.status().ok());
  }
  check(bytes <= data.size());
}

void inflated(std::string_view data) {
  if (data.empty()) return;
  Compression compression = data[0] % 2 ? Compression::gzip : Compression::deflate;
  auto plain = decompress(compression, Bytes(data.substr(1)), 65'536);
  if (plain) check(plain->size() <= 65'536);
}

/// Lines of names and values; an empty line ends a block.
void response(std::string_view data) {
  Response response{8192};
  while (!data.empty()) {
    std::size_t end = std::min(data.find('\n'), data.size());
    std::string_view line = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
    if (line.empty()) {
      if (response.block(data.empty()) == Response::Block::over) break;
      continue;
    }
    std::size_t space = std::min(line.find(' '), line.size());
    if (space == 0) continue;
    response.field(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
  }
  std::ignore = response.status();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest{reinterpret_cast<const char*>(data + 1), size - 1};
  switch (data[0] % 5) {
    case 0:
      timeout(rest);
      break;
    case 1:
      texts(rest);
      break;
    case 2:
      messages(rest);
      break;
    case 3:
      inflated(rest);
      break;
    case 4:
      response(rest);
      break;
  }
  return 0;
}

// Any bytes, as every kind of Protobuf message: they are refused, or they decode to a value whose encoding
// decodes to itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <weft/codec/protobuf.h>

#include "../codec/messages.h"

using namespace weft;

namespace {

template <class T>
void decode_as(const Bytes& bytes) {
  T value{};
  if (!protobuf::decode(bytes, value).ok()) return;
  const Bytes once = protobuf::encode(value).flatten();
  T again{};
  if (!protobuf::decode(once, again).ok()) std::abort();
  if (!(protobuf::encode(again).flatten() == once)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes{std::string_view{reinterpret_cast<const char*>(data + 1), size - 1}};
  switch (data[0] % 8) {
    case 0:
      decode_as<messages::Scalars>(bytes);
      break;
    case 1:
      decode_as<messages::Optionals>(bytes);
      break;
    case 2:
      decode_as<messages::Repeated>(bytes);
      break;
    case 3:
      decode_as<messages::Maps>(bytes);
      break;
    case 4:
      decode_as<messages::Choice>(bytes);
      break;
    case 5:
      decode_as<messages::Node>(bytes);
      break;
    case 6:
      decode_as<messages::Old>(bytes);
      break;
    default:
      decode_as<messages::Nothing>(bytes);
  }
  return 0;
}

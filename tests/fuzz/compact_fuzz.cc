// Any bytes, as every kind of value: they are refused, or they decode to a value whose encoding decodes to
// itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <weft/codec/compact.h>
#include <weft/codec/message.h>

#include "../codec/kinds.h"

using namespace weft;

namespace {

template <class T>
void decode_as(const Bytes& bytes) {
  T value{};
  if (!compact::decode(bytes, value).ok()) return;
  const Bytes once = compact::encode(value).flatten();
  T again{};
  if (!compact::decode(once, again).ok()) std::abort();
  if (!(compact::encode(again).flatten() == once)) std::abort();
  if (less(value, again) || less(again, value)) std::abort();
}

void decode_message(const Bytes& bytes) {
  Reader reader{bytes};
  const compact::MessageHeader header = compact::read_header(reader);
  if (!reader.ok()) return;
  const Bytes payload = reader.rest();
  std::int32_t id = 0;
  std::vector<bool> flags;
  kinds::Containers containers;
  static_cast<void>(
      compact::decode_arguments(payload, argument<1>(id), argument<-1>(flags), argument<3>(containers)));
  std::optional<kinds::Pick> success;
  std::optional<kinds::NotFound> failure;
  static_cast<void>(compact::decode_result(payload, argument<0>(success), argument<1>(failure)));
  ApplicationException exception;
  static_cast<void>(compact::decode_exception(payload, exception));
  Writer writer;
  compact::write_header(writer, header);
  if (writer.finish().size() > bytes.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes{std::string_view{reinterpret_cast<const char*>(data + 1), size - 1}};
  switch (data[0] % 9) {
    case 0:
      decode_as<kinds::Scalars>(bytes);
      break;
    case 1:
      decode_as<kinds::Optionals>(bytes);
      break;
    case 2:
      decode_as<kinds::Containers>(bytes);
      break;
    case 3:
      decode_as<kinds::Node>(bytes);
      break;
    case 4:
      decode_as<kinds::Pick>(bytes);
      break;
    case 5:
      decode_as<kinds::Strict>(bytes);
      break;
    case 6:
      decode_as<kinds::MixedIds>(bytes);
      break;
    case 7:
      decode_as<kinds::Nothing>(bytes);
      break;
    default:
      decode_message(bytes);
  }
  return 0;
}

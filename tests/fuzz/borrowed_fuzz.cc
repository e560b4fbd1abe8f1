// Any bytes, as values that own what they hold and as views: both are refused, or both hold the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

#include "../codec/borrowing.h"

using namespace weft;
using namespace borrowing;

namespace {

void compact_both_ways(const Bytes& bytes) {
  Tree owned;
  const bool ok = compact::decode(bytes, owned).ok();
  const Result<Borrowed<TreeView>> view = compact::borrow<TreeView>(bytes);
  if (view.ok() != ok) std::abort();
  if (!ok) return;
  // A view keeps a key's entries as they came, so what it is written as is read once more.
  Tree again;
  if (!compact::decode(compact::encode(**view), again).ok()) std::abort();
  if (!(compact::encode(again).flatten() == compact::encode(owned).flatten())) std::abort();
}

void protobuf_both_ways(const Bytes& bytes) {
  Note owned;
  const bool ok = protobuf::decode(bytes, owned).ok();
  const Result<Borrowed<NoteView>> view = protobuf::borrow<NoteView>(bytes);
  if (view.ok() != ok) std::abort();
  if (!ok) return;
  Note again;
  if (!protobuf::decode(protobuf::encode(**view), again).ok()) std::abort();
  if (!(protobuf::encode(again).flatten() == protobuf::encode(owned).flatten())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes{std::string_view{reinterpret_cast<const char*>(data + 1), size - 1}};
  if (data[0] % 2)
    compact_both_ways(bytes);
  else
    protobuf_both_ways(bytes);
  return 0;
}

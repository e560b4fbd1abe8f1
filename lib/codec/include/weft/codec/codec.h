// What generated headers need of the codec: the vocabulary of their types, and declarations. The codecs
// themselves are in <weft/codec/compact.h>, which only generated sources include: they are instantiated
// there, once a type.
#pragma once

#include <weft/codec/box.h>
#include <weft/codec/equal.h>
#include <weft/codec/schema.h>
#include <weft/codec/uuid.h>
#include <weft/runtime/bytes.h>

namespace weft {

class Reader;
class Writer;

namespace compact {

/// A described type in Thrift's compact protocol. `read` reports errors through the reader; fields that are
/// not in the message keep the values that they have.
template <class T>
struct Codec {
  static void write(Writer& writer, const T& value);
  static void read(Reader& reader, T& value);
};

}  // namespace compact
}  // namespace weft

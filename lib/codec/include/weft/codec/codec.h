// What generated headers need of the codec: the vocabulary of their types, and declarations. The codecs
// themselves are in <weft/codec/compact.h> and <weft/codec/protobuf.h>, which only generated sources include:
// they are instantiated there, once a type.
#pragma once

#include <cstdint>

#include <weft/codec/borrowed.h>
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

class BackWriter;

namespace protobuf {

/// A described struct as a Protobuf message, without its size.
template <class T>
struct Codec {
  /// Writes it in front of `at`, and returns where it begins.
  static std::uint8_t* write(BackWriter& writer, std::uint8_t* at, const T& value);
  /// Merges what is read into `value`, up to the end of the input, or to the tag `group`. Reports errors
  /// through the reader. (Inlined into a oneof, g++ 12 warns of writes that it does not make.)
  [[gnu::noinline]] static void read(Reader& reader, T& value, std::uint32_t group);
};

}  // namespace protobuf
}  // namespace weft

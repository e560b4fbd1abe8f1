// What a decoder accepts. The size of a message is the transport's limit; these bound what its bytes can
// cost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

struct DecodeLimits {
  /// Levels of structs, unions and containers, in what is read and in what is skipped; the outermost struct
  /// is the first.
  std::uint32_t depth = 64;

  /// Bytes of memory that the elements of all containers of one message may take, before what they own
  /// themselves (which is bounded by the size of the message). A legal frame of 16 MB can claim 16 million
  /// one-byte structs.
  std::size_t element_memory = 64 * 1024 * 1024;

  /// A container's size is only a claim until its elements were read: memory is taken in steps of at most
  /// this many elements and about this many bytes.
  std::size_t reserve_elements = 4096;
  std::size_t reserve_bytes = 64 * 1024;

  /// Bytes of a method's name in a message header, "service:" of multiplexed services included.
  std::size_t method_name = 1024;

  /// Bytes from which a `binary` is handed out as a slice of the received message; a shorter one is copied,
  /// so that keeping it does not keep a whole receive buffer.
  std::size_t share_binary = 4096;
};

}  // namespace weft

// FileDescriptor: a .proto file as generated code embeds it (weft-gen --descriptors), for server reflection
// and for whoever decodes messages that he has no type for. Costs what it has of bytes in the program, once
// for each file, however many services need it.
#pragma once

#include <span>
#include <string_view>

namespace weft {

struct FileDescriptor {
  std::string_view name;                           ///< as imports call it: "google/protobuf/timestamp.proto"
  std::string_view bytes;                          ///< Protobuf's FileDescriptorProto, without comments
  std::span<const FileDescriptor* const> imports;  ///< in the order of their lines
};

}  // namespace weft

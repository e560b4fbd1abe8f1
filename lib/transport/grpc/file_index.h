// FileIndex: which of a server's .proto files has a name, for reflection.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <weft/middleware/descriptor.h>

#include "reflection_messages.h"

namespace weft::detail {

/// The descriptors outlive it: they are constants of the program.
class FileIndex {
 public:
  /// Adds the file and its imports.
  void add(const FileDescriptor& file);

  /// Null: no such file.
  const FileDescriptor* file(std::string_view name) const;
  /// The file that declares "shop.v1.Order", its fields, "shop.v1.Shop.PlaceOrder", ...
  const FileDescriptor* file_of(std::string_view symbol) const;
  const FileDescriptor* file_of_extension(std::string_view type, std::int32_t number) const;
  /// Null: no such message.
  const std::vector<std::int32_t>* extensions(std::string_view type) const;

 private:
  struct Message {
    std::vector<std::int32_t> extensions;
    std::vector<const FileDescriptor*> files;  ///< of each extension
  };
  using Names = std::map<std::string, const FileDescriptor*, std::less<>>;

  void name(const std::string& scope, const std::string& name, const FileDescriptor& file);
  void add(const reflection::MessageProto& message, const std::string& scope, const FileDescriptor& file);
  void add(const reflection::EnumProto& enumeration, const std::string& scope, const FileDescriptor& file);
  void add_extension(const reflection::FieldProto& extension, const std::string& scope,
                     const FileDescriptor& file);

  Names files_, symbols_;
  std::map<std::string, Message, std::less<>> messages_;
};

}  // namespace weft::detail

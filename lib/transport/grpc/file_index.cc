#include "file_index.h"

#include <algorithm>

#include <fmt/format.h>

#include <weft/runtime/log.h>

namespace weft::detail {

namespace {

std::string joined(const std::string& scope, const std::string& name) {
  return scope.empty() ? name : scope + "." + name;
}

}  // namespace

void FileIndex::add(const FileDescriptor& file) {
  if (!files_.try_emplace(std::string(file.name), &file).second) return;
  for (const FileDescriptor* import : file.imports) add(*import);
  reflection::FileProto proto;
  if (Status status = protobuf::decode(Chain{Bytes::of_static(file.bytes)}, proto); !status.ok())
    return log(LogLevel::warning, fmt::format("reflection: {}: {}", file.name, status.message()));
  for (const auto& message : proto.message_type) add(message, proto.package, file);
  for (const auto& enumeration : proto.enum_type) add(enumeration, proto.package, file);
  for (const auto& extension : proto.extension) add_extension(extension, proto.package, file);
  for (const auto& service : proto.service) {
    const std::string scope = joined(proto.package, service.name);
    name(proto.package, service.name, file);
    for (const auto& method : service.method) name(scope, method.name, file);
  }
}

void FileIndex::name(const std::string& scope, const std::string& name, const FileDescriptor& file) {
  symbols_.try_emplace(joined(scope, name), &file);
}

void FileIndex::add(const reflection::MessageProto& message, const std::string& scope,
                    const FileDescriptor& file) {
  const std::string own = joined(scope, message.name);
  name(scope, message.name, file);
  messages_.try_emplace(own);
  for (const auto& field : message.field) name(own, field.name, file);
  for (const auto& oneof : message.oneof_decl) name(own, oneof.name, file);
  for (const auto& nested : message.nested_type) add(nested, own, file);
  for (const auto& enumeration : message.enum_type) add(enumeration, own, file);
  for (const auto& extension : message.extension) add_extension(extension, own, file);
}

void FileIndex::add(const reflection::EnumProto& enumeration, const std::string& scope,
                    const FileDescriptor& file) {
  name(scope, enumeration.name, file);
  // The values stand beside their enum, as in C.
  for (const auto& value : enumeration.value) name(scope, value.name, file);
}

void FileIndex::add_extension(const reflection::FieldProto& extension, const std::string& scope,
                              const FileDescriptor& file) {
  name(scope, extension.name, file);
  Message& message = messages_[extension.extendee.substr(extension.extendee.starts_with('.') ? 1 : 0)];
  message.extensions.push_back(extension.number);
  message.files.push_back(&file);
}

const FileDescriptor* FileIndex::file(std::string_view name) const {
  auto found = files_.find(name);
  return found == files_.end() ? nullptr : found->second;
}

const FileDescriptor* FileIndex::file_of(std::string_view symbol) const {
  auto found = symbols_.find(symbol);
  return found == symbols_.end() ? nullptr : found->second;
}

const FileDescriptor* FileIndex::file_of_extension(std::string_view type, std::int32_t number) const {
  auto found = messages_.find(type);
  if (found == messages_.end()) return nullptr;
  const auto& numbers = found->second.extensions;
  auto at = std::find(numbers.begin(), numbers.end(), number);
  return at == numbers.end() ? nullptr : found->second.files[static_cast<std::size_t>(at - numbers.begin())];
}

const std::vector<std::int32_t>* FileIndex::extensions(std::string_view type) const {
  auto found = messages_.find(type);
  return found == messages_.end() ? nullptr : &found->second.extensions;
}

}  // namespace weft::detail

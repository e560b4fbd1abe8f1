// The messages of grpc.reflection.v1 (those of v1alpha are the same), and as much of Protobuf's own
// descriptors as tells which file has a name. They are described by hand: code generated for those packages
// would clash with that of a program which generates it as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <weft/codec/protobuf.h>

namespace weft::detail::reflection {

struct ExtensionRequest {
  std::string containing_type{};
  std::int32_t extension_number = 0;
};

/// One of the questions is there.
struct Request {
  std::string host{};
  std::optional<std::string> file_by_filename{};
  std::optional<std::string> file_containing_symbol{};
  std::optional<ExtensionRequest> file_containing_extension{};
  std::optional<std::string> all_extension_numbers_of_type{};
  std::optional<std::string> list_services{};
};

struct Files {
  std::vector<Bytes> file_descriptor_proto{};
};
struct ExtensionNumbers {
  std::string base_type_name{};
  std::vector<std::int32_t> extension_number{};
};
struct ServiceName {
  std::string name{};
};
struct Services {
  std::vector<ServiceName> service{};
};
struct Error {
  std::int32_t error_code = 0;
  std::string error_message{};
};

/// One of the answers is there.
struct Response {
  std::string valid_host{};
  std::optional<Request> original_request{};
  std::optional<Files> files{};
  std::optional<ExtensionNumbers> extension_numbers{};
  std::optional<Services> services{};
  std::optional<Error> error{};
};

// Of descriptor.proto.

struct Named {
  std::string name{};
};
struct FieldProto {
  std::string name{};
  std::string extendee{};
  std::int32_t number = 0;
};
struct EnumProto {
  std::string name{};
  std::vector<Named> value{};
};
struct MessageProto {
  std::string name{};
  std::vector<FieldProto> field{};
  std::vector<MessageProto> nested_type{};
  std::vector<EnumProto> enum_type{};
  std::vector<FieldProto> extension{};
  std::vector<Named> oneof_decl{};
};
struct ServiceProto {
  std::string name{};
  std::vector<Named> method{};
};
struct FileProto {
  std::string name{};
  std::string package{};
  std::vector<MessageProto> message_type{};
  std::vector<EnumProto> enum_type{};
  std::vector<ServiceProto> service{};
  std::vector<FieldProto> extension{};
};

}  // namespace weft::detail::reflection

template <>
struct weft::Schema<weft::detail::reflection::ExtensionRequest> {
  using T = detail::reflection::ExtensionRequest;
  static constexpr std::string_view name = "ExtensionRequest";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("containing_type", &T::containing_type),
                                       field<2>("extension_number", &T::extension_number)};
};
template <>
struct weft::Schema<weft::detail::reflection::Request> {
  using T = detail::reflection::Request;
  static constexpr std::string_view name = "Request";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("host", &T::host),
            field<3>("file_by_filename", &T::file_by_filename, Presence::optional),
            field<4>("file_containing_symbol", &T::file_containing_symbol, Presence::optional),
            field<5>("file_containing_extension", &T::file_containing_extension, Presence::optional),
            field<6>("all_extension_numbers_of_type", &T::all_extension_numbers_of_type, Presence::optional),
            field<7>("list_services", &T::list_services, Presence::optional)};
};
template <>
struct weft::Schema<weft::detail::reflection::Files> {
  using T = detail::reflection::Files;
  static constexpr std::string_view name = "Files";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("file_descriptor_proto", &T::file_descriptor_proto)};
};
template <>
struct weft::Schema<weft::detail::reflection::ExtensionNumbers> {
  using T = detail::reflection::ExtensionNumbers;
  static constexpr std::string_view name = "ExtensionNumbers";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("base_type_name", &T::base_type_name),
                                       field<2>("extension_number", &T::extension_number)};
};
template <>
struct weft::Schema<weft::detail::reflection::ServiceName> {
  using T = detail::reflection::ServiceName;
  static constexpr std::string_view name = "ServiceName";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name)};
};
template <>
struct weft::Schema<weft::detail::reflection::Services> {
  using T = detail::reflection::Services;
  static constexpr std::string_view name = "Services";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("service", &T::service)};
};
template <>
struct weft::Schema<weft::detail::reflection::Error> {
  using T = detail::reflection::Error;
  static constexpr std::string_view name = "Error";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("error_code", &T::error_code), field<2>("error_message", &T::error_message)};
};
template <>
struct weft::Schema<weft::detail::reflection::Response> {
  using T = detail::reflection::Response;
  static constexpr std::string_view name = "Response";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("valid_host", &T::valid_host),
            field<2>("original_request", &T::original_request, Presence::optional),
            field<4>("files", &T::files, Presence::optional),
            field<5>("extension_numbers", &T::extension_numbers, Presence::optional),
            field<6>("services", &T::services, Presence::optional),
            field<7>("error", &T::error, Presence::optional)};
};
template <>
struct weft::Schema<weft::detail::reflection::Named> {
  using T = detail::reflection::Named;
  static constexpr std::string_view name = "Named";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name)};
};
template <>
struct weft::Schema<weft::detail::reflection::FieldProto> {
  using T = detail::reflection::FieldProto;
  static constexpr std::string_view name = "FieldProto";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("name", &T::name), field<2>("extendee", &T::extendee), field<3>("number", &T::number)};
};
template <>
struct weft::Schema<weft::detail::reflection::EnumProto> {
  using T = detail::reflection::EnumProto;
  static constexpr std::string_view name = "EnumProto";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name), field<2>("value", &T::value)};
};
template <>
struct weft::Schema<weft::detail::reflection::MessageProto> {
  using T = detail::reflection::MessageProto;
  static constexpr std::string_view name = "MessageProto";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name),
                                       field<2>("field", &T::field),
                                       field<3>("nested_type", &T::nested_type),
                                       field<4>("enum_type", &T::enum_type),
                                       field<6>("extension", &T::extension),
                                       field<8>("oneof_decl", &T::oneof_decl)};
};
template <>
struct weft::Schema<weft::detail::reflection::ServiceProto> {
  using T = detail::reflection::ServiceProto;
  static constexpr std::string_view name = "ServiceProto";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name), field<2>("method", &T::method)};
};
template <>
struct weft::Schema<weft::detail::reflection::FileProto> {
  using T = detail::reflection::FileProto;
  static constexpr std::string_view name = "FileProto";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("name", &T::name),
                                       field<2>("package", &T::package),
                                       field<4>("message_type", &T::message_type),
                                       field<5>("enum_type", &T::enum_type),
                                       field<6>("service", &T::service),
                                       field<7>("extension", &T::extension)};
};

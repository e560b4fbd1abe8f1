#include "lower.h"

#include <algorithm>
#include <google/protobuf/compiler/cpp/names.h>
#include <google/protobuf/descriptor.pb.h>
#include <set>

#include <fmt/format.h>

#include "../folders.h"
#include "../names.h"
#include "options.h"
#include "place.h"

namespace weft::gen::proto {

namespace {

namespace google_ = google::protobuf;
namespace cpp = google::protobuf::compiler::cpp;
using google_::FieldDescriptor;
using Kind = Type::Kind;

bool is_proto3(const google_::FileDescriptor& file) {
  return file.syntax() == google_::FileDescriptor::SYNTAX_PROTO3;
}

/// Lines without the blank that stands behind `//`, and without the frame of stars.
std::string clean(std::string_view comment) {
  std::string doc;
  while (!comment.empty()) {
    const std::size_t end = std::min(comment.find('\n'), comment.size());
    std::string_view line = comment.substr(0, end);
    comment.remove_prefix(std::min(end + 1, comment.size()));
    if (line.starts_with("*")) line.remove_prefix(1);
    if (line.starts_with(" ")) line.remove_prefix(1);
    doc += line;
    doc += '\n';
  }
  doc.erase(0, doc.find_first_not_of('\n') == doc.npos ? doc.size() : doc.find_first_not_of('\n'));
  while (!doc.empty() && (doc.back() == '\n' || doc.back() == ' ')) doc.pop_back();
  return doc;
}

template <class Descriptor>
std::string doc_of(const Descriptor& descriptor) {
  google_::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  return clean(location.leading_comments.empty() ? location.trailing_comments : location.leading_comments);
}

/// "SayHello" as "say_hello": methods are called as they are from Thrift.
std::string snake_case(std::string_view name) {
  const auto upper = [&](std::size_t at) { return at < name.size() && name[at] >= 'A' && name[at] <= 'Z'; };
  const auto lower = [&](std::size_t at) { return at < name.size() && name[at] >= 'a' && name[at] <= 'z'; };
  std::string snake;
  for (std::size_t at = 0; at < name.size(); ++at) {
    // A word begins at a capital behind another letter, or in front of a small one: GetURL, URLOf.
    const bool begins = upper(at) && at > 0 && name[at - 1] != '_' && (!upper(at - 1) || lower(at + 1));
    if (begins) snake += '_';
    snake += upper(at) ? static_cast<char>(name[at] - 'A' + 'a') : name[at];
  }
  return snake;
}

Type type_of(Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

Kind kind_of(FieldDescriptor::Type type) {
  switch (type) {
    case FieldDescriptor::TYPE_DOUBLE:
      return Kind::real;
    case FieldDescriptor::TYPE_FLOAT:
      return Kind::single;
    case FieldDescriptor::TYPE_INT64:
    case FieldDescriptor::TYPE_SFIXED64:
    case FieldDescriptor::TYPE_SINT64:
      return Kind::i64;
    case FieldDescriptor::TYPE_UINT64:
    case FieldDescriptor::TYPE_FIXED64:
      return Kind::u64;
    case FieldDescriptor::TYPE_INT32:
    case FieldDescriptor::TYPE_SFIXED32:
    case FieldDescriptor::TYPE_SINT32:
      return Kind::i32;
    case FieldDescriptor::TYPE_UINT32:
    case FieldDescriptor::TYPE_FIXED32:
      return Kind::u32;
    case FieldDescriptor::TYPE_BOOL:
      return Kind::boolean;
    case FieldDescriptor::TYPE_STRING:
      return Kind::string;
    case FieldDescriptor::TYPE_BYTES:
      return Kind::binary;
    case FieldDescriptor::TYPE_ENUM:
      return Kind::enumeration;
    case FieldDescriptor::TYPE_GROUP:
    case FieldDescriptor::TYPE_MESSAGE:
      return Kind::structure;
  }
  return Kind::nothing;
}

bool is_zigzag(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_SINT32 || field.type() == FieldDescriptor::TYPE_SINT64;
}
bool is_fixed(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_FIXED32 || field.type() == FieldDescriptor::TYPE_FIXED64 ||
         field.type() == FieldDescriptor::TYPE_SFIXED32 || field.type() == FieldDescriptor::TYPE_SFIXED64;
}
bool is_text(const FieldDescriptor& field) { return field.type() == FieldDescriptor::TYPE_STRING; }

class Lowering {
 public:
  Lowering(const google_::FileDescriptor& file, const Source& source, const Options& options, Module& module,
           Known& known, Diagnostics& diagnostics)
      : file_(file),
        source_(source),
        options_(options),
        module_(module),
        known_(known),
        diagnostics_(diagnostics),
        annotations_(file) {}

  void run() {
    module_.source = &source_;
    module_.protobuf = true;
    module_.stem = std::string(stem_of(file_.name()));
    module_.path = std::string(without_ending(file_.name()));
    module_.syntax = is_proto3(file_) ? "proto3" : "proto2";
    module_.annotations = annotations_.of(file_.options());
    if (!file_.package().empty()) module_.namespaces.push_back({"*", file_.package()});
    module_.foreign = options_.foreign;
    if (is_protoc()) foreign();
    for (int at = 0; at < file_.dependency_count(); ++at)
      module_.imports.push_back(known_.modules.at(file_.dependency(at)));
    known_.modules[&file_] = &module_;
    if (options_.descriptors) {
      google_::FileDescriptorProto descriptor;
      file_.CopyTo(&descriptor);
      module_.descriptor = {file_.name(), descriptor.SerializeAsString()};
    }
    for (int at = 0; at < file_.enum_type_count(); ++at) declare(*file_.enum_type(at), nullptr);
    for (int at = 0; at < file_.message_type_count(); ++at) declare(*file_.message_type(at), nullptr);
    for (int at = 0; at < file_.message_type_count(); ++at) define(*file_.message_type(at));
    warn_extensions(file_);
    for (int at = 0; at < file_.service_count(); ++at) service(*file_.service(at));
    choose_includes();
  }

 private:
  /// Imports that only give options are not needed in C++: annotations.proto and what that imports.
  void choose_includes() {
    for (int at = 0; at < file_.dependency_count(); ++at) {
      std::set<const google_::FileDescriptor*> seen;
      if (is_public(at) || gives(*file_.dependency(at), seen))
        module_.includes.push_back(module_.imports[static_cast<std::size_t>(at)]);
    }
  }
  bool is_public(int at) const {
    for (int index = 0; index < file_.public_dependency_count(); ++index)
      if (file_.public_dependency(index) == file_.dependency(at)) return true;
    return false;
  }
  /// Whether the types that this file uses are that one's, or come with it.
  bool gives(const google_::FileDescriptor& import, std::set<const google_::FileDescriptor*>& seen) const {
    if (used_.contains(&import)) return true;
    if (!seen.insert(&import).second) return false;
    for (int at = 0; at < import.public_dependency_count(); ++at)
      if (gives(*import.public_dependency(at), seen)) return true;
    return false;
  }

  Struct* use(const google_::Descriptor* descriptor) {
    used_.insert(descriptor->file());
    return known_.structs.at(descriptor);
  }
  Enum* use(const google_::EnumDescriptor* descriptor) {
    used_.insert(descriptor->file());
    return known_.enums.at(descriptor);
  }

  template <class Descriptor>
  Place place(const Descriptor& descriptor) const {
    return place_of(source_, descriptor);
  }

  bool is_protoc() const { return options_.foreign.messages == Messages::protoc; }

  /// What protoc makes of the file.
  void foreign() {
    module_.foreign.header = cpp::StripProto(file_.name()) + ".pb.h";
    if (file_.message_type_count() > 0) {
      // "::shop::v1::Order": what stands before the last name.
      const std::string name = cpp::QualifiedClassName(file_.message_type(0));
      std::string_view space = name;
      for (std::size_t end; (end = space.find("::", 2)) != space.npos; space.remove_prefix(end))
        module_.foreign.space.emplace_back(space.substr(2, end - 2));
    }
    if (!file_.options().cc_generic_services()) return;
    for (int at = 0; at < file_.service_count(); ++at) {
      module_.foreign.taken.push_back(file_.service(at)->name());
      module_.foreign.taken.push_back(file_.service(at)->name() + "_Stub");
    }
  }

  template <class T, class Descriptor>
  T& item(Items<T>& items, const Descriptor& descriptor) {
    T& item = items.emplace_back();
    item.module = &module_;
    item.name = descriptor.full_name();
    if (!file_.package().empty()) item.name.erase(0, file_.package().size() + 1);
    item.cpp_wish = item.name;
    std::replace(item.cpp_wish.begin(), item.cpp_wish.end(), '.', '_');
    item.doc = doc_of(descriptor);
    item.place = place(descriptor);
    module_.items.push_back(&item);
    return item;
  }

  void declare(const google_::EnumDescriptor& descriptor, Struct* outer) {
    Enum& enumeration = item(module_.enums, descriptor);
    known_.enums[&descriptor] = &enumeration;
    if (is_protoc()) enumeration.foreign_name = cpp::ClassName(&descriptor);
    enumeration.closed = !is_proto3(file_);
    for (int at = 0; at < descriptor.value_count(); ++at) {
      const google_::EnumValueDescriptor& from = *descriptor.value(at);
      Enumerator& value = enumeration.values.emplace_back();
      value.name = from.name();
      value.value = from.number();
      value.doc = doc_of(from);
      value.place = place(from);
      value.annotations = annotations_.of(from.options());
    }
    enumeration.annotations = annotations_.of(descriptor.options());
    for (int at = 0; at < descriptor.reserved_range_count(); ++at)
      enumeration.reserved.ids.push_back(
          {descriptor.reserved_range(at)->start, descriptor.reserved_range(at)->end});
    for (int at = 0; at < descriptor.reserved_name_count(); ++at)
      enumeration.reserved.names.push_back(descriptor.reserved_name(at));
    if (outer)
      outer->nested.push_back(
          {.name = descriptor.name(), .cpp_name = {}, .item = &enumeration, .is_enum = true});
  }

  void declare(const google_::Descriptor& descriptor, Struct* outer) {
    Struct& structure = item(module_.structs, descriptor);
    known_.structs[&descriptor] = &structure;
    if (is_protoc()) structure.foreign_name = cpp::ClassName(&descriptor);
    if (outer) outer->nested.push_back({.name = descriptor.name(), .cpp_name = {}, .item = &structure});
    for (int at = 0; at < descriptor.enum_type_count(); ++at) declare(*descriptor.enum_type(at), &structure);
    for (int at = 0; at < descriptor.nested_type_count(); ++at)
      if (!descriptor.nested_type(at)->options().map_entry())
        declare(*descriptor.nested_type(at), &structure);
  }

  void define(const google_::Descriptor& descriptor) {
    Struct& structure = *known_.structs.at(&descriptor);
    if (descriptor.options().message_set_wire_format())
      diagnostics_.warning(structure.place, "what a message set holds is kept as unknown fields");
    structure.annotations = annotations_.of(descriptor.options());
    for (int at = 0; at < descriptor.reserved_range_count(); ++at)
      structure.reserved.ids.push_back(
          {descriptor.reserved_range(at)->start, descriptor.reserved_range(at)->end - 1});
    for (int at = 0; at < descriptor.reserved_name_count(); ++at)
      structure.reserved.names.push_back(descriptor.reserved_name(at));
    // Extensions are fields that the type does not know.
    structure.keeps_unknown = options_.keep_unknown || descriptor.extension_range_count() > 0;
    std::map<const google_::OneofDescriptor*, std::size_t> oneofs;
    for (int at = 0; at < descriptor.field_count(); ++at) {
      const FieldDescriptor& from = *descriptor.field(at);
      const google_::OneofDescriptor* oneof = from.real_containing_oneof();
      if (!oneof) {
        structure.fields.push_back(field(from));
        continue;
      }
      auto [found, added] = oneofs.emplace(oneof, structure.fields.size());
      if (added) structure.fields.push_back(this->oneof(*oneof, structure));
      auto* held = const_cast<Struct*>(structure.fields[found->second].type.structure);
      held->fields.push_back(field(from));
      held->fields.back().presence = Presence::optional;
    }
    warn_extensions(descriptor);
    for (int at = 0; at < descriptor.nested_type_count(); ++at)
      if (!descriptor.nested_type(at)->options().map_entry()) define(*descriptor.nested_type(at));
  }

  /// A member that is a union of its own.
  Field oneof(const google_::OneofDescriptor& descriptor, Struct& outer) {
    Struct& structure = module_.structs.emplace_back();
    structure.module = &module_;
    structure.form = Struct::Form::union_;
    structure.oneof = true;
    structure.name = fmt::format("{}.{}", outer.name, descriptor.name());
    structure.cpp_wish = fmt::format("{}_{}", outer.cpp_wish, title_case(descriptor.name()));
    structure.place = place(descriptor);
    structure.annotations = annotations_.of(descriptor.options());
    module_.items.push_back(&structure);
    outer.nested.push_back({.name = title_case(descriptor.name()),
                            .cpp_name = {},
                            .item = &structure,
                            .is_enum = false,
                            .is_oneof = true});
    Field field;
    field.name = descriptor.name();
    field.place = structure.place;
    field.doc = doc_of(descriptor);
    field.id = descriptor.field(0)->number();
    field.type = type_of(Kind::structure);
    field.type.structure = &structure;
    return field;
  }

  Field field(const FieldDescriptor& from) {
    Field field;
    // A group's field is called as its type, in small letters.
    field.name = from.name();
    field.place = place(from);
    field.doc = doc_of(from);
    field.annotations = annotations_.of(from.options());
    field.json_name = from.json_name();
    field.id = from.number();
    field.type = type(from);
    field.coding = coding(from);
    if (from.is_repeated()) return field;
    if (from.is_required()) field.presence = Presence::required;
    if (from.has_presence() && !from.is_required()) field.presence = Presence::optional;
    const bool by_value = !from.has_presence() || from.is_required() || from.real_containing_oneof();
    if (from.has_default_value()) {
      (by_value ? field.value : field.fallback) = std::make_unique<Value>(default_of(from));
      if (from.real_containing_oneof()) field.value.reset();
    } else if (by_value && from.type() == FieldDescriptor::TYPE_ENUM &&
               from.default_value_enum()->number() != 0) {
      field.value = std::make_unique<Value>(default_of(from));
    }
    return field;
  }

  Type type(const FieldDescriptor& from) {
    if (from.is_map()) {
      Type map = type_of(Kind::map);
      map.arguments = {single(*from.message_type()->map_key()), single(*from.message_type()->map_value())};
      map.depth = 2;
      return map;
    }
    if (!from.is_repeated()) return single(from);
    Type list = type_of(Kind::list);
    list.arguments = {single(from)};
    list.depth = 2;
    return list;
  }

  Type single(const FieldDescriptor& from) {
    Type type = type_of(kind_of(from.type()));
    if (type.kind == Kind::structure) type.structure = use(from.message_type());
    if (type.kind == Kind::enumeration) type.enumeration = use(from.enum_type());
    return type;
  }

  Coding coding(const FieldDescriptor& from) const {
    const bool unchecked = !is_proto3(file_);
    Coding coding;
    if (from.is_map()) {
      const FieldDescriptor& key = *from.message_type()->map_key();
      const FieldDescriptor& value = *from.message_type()->map_value();
      coding.zigzag = is_zigzag(value);
      coding.fixed = is_fixed(value);
      coding.zigzag_keys = is_zigzag(key);
      coding.fixed_keys = is_fixed(key);
      coding.unchecked = unchecked && (is_text(key) || is_text(value));
      return coding;
    }
    coding.zigzag = is_zigzag(from);
    coding.fixed = is_fixed(from);
    coding.unpacked = from.is_packable() && !from.is_packed();
    coding.unchecked = unchecked && is_text(from);
    coding.group = from.type() == FieldDescriptor::TYPE_GROUP;
    return coding;
  }

  Value default_of(const FieldDescriptor& from) {
    Value value;
    switch (from.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        value.integer = from.default_value_int32();
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        value.integer = from.default_value_int64();
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        value.integer = from.default_value_uint32();
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        value.integer = static_cast<std::int64_t>(from.default_value_uint64());
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        value.form = Value::Form::real;
        value.real = from.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT ? from.default_value_float()
                                                                       : from.default_value_double();
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        value.form = Value::Form::boolean;
        value.integer = from.default_value_bool();
        break;
      case FieldDescriptor::CPPTYPE_ENUM: {
        value.form = Value::Form::enumerator;
        value.integer = from.default_value_enum()->number();
        value.enumerator = &known_.enums.at(from.enum_type())
                                ->values[static_cast<std::size_t>(from.default_value_enum()->index())];
        break;
      }
      case FieldDescriptor::CPPTYPE_STRING:
        value.form = Value::Form::text;
        value.text = from.default_value_string();
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
    return value;
  }

  /// Of a file or message: the first says it for all. Extensions of options are for tools that read the IDL.
  template <class Descriptor>
  void warn_extensions(const Descriptor& descriptor) {
    for (int at = 0; at < descriptor.extension_count(); ++at) {
      const FieldDescriptor& extension = *descriptor.extension(at);
      const std::string& extended = extension.containing_type()->full_name();
      if (extended.starts_with("google.protobuf.") && extended.ends_with("Options")) continue;
      return diagnostics_.warning(
          place(extension),
          fmt::format("{}: extensions are not generated; messages keep them as unknown fields",
                      extension.full_name()));
    }
  }

  void service(const google_::ServiceDescriptor& descriptor) {
    Service& service = item(module_.services, descriptor);
    service.annotations = annotations_.of(descriptor.options());
    for (int at = 0; at < descriptor.method_count(); ++at) {
      const google_::MethodDescriptor& from = *descriptor.method(at);
      Method& method = service.methods.emplace_back();
      method.name = from.name();
      method.cpp_wish = snake_case(from.name());
      method.doc = doc_of(from);
      method.place = place(from);
      method.annotations = annotations_.of(from.options());
      method.idempotent = from.options().idempotency_level() != google_::MethodOptions::IDEMPOTENCY_UNKNOWN;
      method.streams_requests = from.client_streaming();
      method.streams_replies = from.server_streaming();
      method.result = type_of(Kind::structure);
      method.result.structure = use(from.output_type());
      Field& request = method.arguments.emplace_back();
      request.name = method.streams_requests ? "requests" : "request";
      request.id = 1;
      request.place = method.place;
      request.type = type_of(Kind::structure);
      request.type.structure = use(from.input_type());
    }
  }

  const google_::FileDescriptor& file_;
  const Source& source_;
  const Options& options_;
  Module& module_;
  Known& known_;
  Diagnostics& diagnostics_;
  OptionReader annotations_;
  std::set<const google_::FileDescriptor*> used_;
};

}  // namespace

Module& lower_all(const google::protobuf::FileDescriptor& file,
                  const std::function<const Source&(const google::protobuf::FileDescriptor&)>& source,
                  const Options& options, Program& program, Known& known, Diagnostics& diagnostics) {
  if (auto found = known.modules.find(&file); found != known.modules.end()) return *found->second;
  for (int at = 0; at < file.dependency_count(); ++at)
    lower_all(*file.dependency(at), source, options, program, known, diagnostics);
  Module& module = program.modules.emplace_back();
  Lowering{file, source(file), options, module, known, diagnostics}.run();
  return module;
}

}  // namespace weft::gen::proto

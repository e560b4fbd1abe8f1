#include "options.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <memory>

#include <fmt/format.h>

namespace weft::gen::proto {

namespace {

namespace google_ = google::protobuf;
using google_::FieldDescriptor;

/// What the IDL calls the option.
std::string name_of(const FieldDescriptor& field) {
  return field.is_extension() ? fmt::format("({})", field.full_name()) : field.name();
}

std::string scalar(const google_::Message& message, const FieldDescriptor& field, int index) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const auto& reflection = *message.GetReflection();
    return index < 0 ? reflection.GetString(message, &field)
                     : reflection.GetRepeatedString(message, &field, index);
  }
  std::string text;
  google_::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.PrintFieldValueToString(message, &field, index, &text);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// Each option that is set; those of a message by their path.
void flatten(const google_::Message& message, const std::string& prefix, Annotations& annotations) {
  const auto& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "uninterpreted_option") continue;
    const std::string name = prefix + name_of(*field);
    if (field->is_repeated()) {
      for (int index = 0; index < reflection.FieldSize(message, field); ++index)
        annotations.push_back({name, scalar(message, *field, index)});
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const std::size_t before = annotations.size();
      flatten(reflection.GetMessage(message, field), name + ".", annotations);
      if (annotations.size() == before) annotations.push_back({name, "{}"});
    } else {
      annotations.push_back({name, scalar(message, *field, -1)});
    }
  }
}

}  // namespace

Annotations OptionReader::read(const google_::Message& options) {
  Annotations annotations;
  // Custom options are unknown to the class that was compiled into libprotoc; the files themselves say what
  // they are.
  const google_::Descriptor* type = nullptr;
  if (!options.GetReflection()->GetUnknownFields(options).empty())
    type = pool_.FindMessageTypeByName(options.GetDescriptor()->full_name());
  if (type) {
    const std::unique_ptr<google_::Message> known{types_.GetPrototype(type)->New()};
    if (known->ParsePartialFromString(options.SerializePartialAsString())) {
      flatten(*known, "", annotations);
      return annotations;
    }
  }
  flatten(options, "", annotations);
  return annotations;
}

}  // namespace weft::gen::proto

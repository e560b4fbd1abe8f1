// Options of Protobuf's files, messages, fields, ... as the model's annotations: custom ones too, by the
// names that the IDL calls them by.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include "../model.h"

namespace weft::gen::proto {

/// Of one file.
class OptionReader {
 public:
  explicit OptionReader(const google::protobuf::FileDescriptor& file) : pool_(*file.pool()), types_(&pool_) {}

  /// `deprecated` is "true", `[(weft.field) = {name: "x"}]` is `(weft.field).name` with the value "x". An
  /// option that is repeated is there as often. Empty when nothing is set, which is quick.
  template <class Options>
  Annotations of(const Options& options) {
    if (&options == &Options::default_instance()) return {};
    return read(options);
  }

 private:
  Annotations read(const google::protobuf::Message& options);

  const google::protobuf::DescriptorPool& pool_;
  google::protobuf::DynamicMessageFactory types_;
};

}  // namespace weft::gen::proto

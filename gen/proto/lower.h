// Lower: files that libprotoc has read to modules of the model.
#pragma once

#include <functional>
#include <google/protobuf/descriptor.h>
#include <map>

#include "../diagnostic.h"
#include "../model.h"

namespace weft::gen::proto {

struct Options {
  bool keep_unknown = false;  ///< every message keeps the fields that it does not know
  bool descriptors = false;   ///< modules get their files' descriptors
  Foreign foreign{};          ///< of its messages, `messages` and `on_arena`
};

/// What was lowered so far, by libprotoc's names: files that import others find their types here.
struct Known {
  std::map<const google::protobuf::FileDescriptor*, Module*> modules;
  std::map<const google::protobuf::Descriptor*, Struct*> structs;
  std::map<const google::protobuf::EnumDescriptor*, Enum*> enums;
};

/// Adds the file to the program, and before it what it imports, unless they are known. `source` gives a
/// file's text, empty where nobody has it.
Module& lower_all(const google::protobuf::FileDescriptor& file,
                  const std::function<const Source&(const google::protobuf::FileDescriptor&)>& source,
                  const Options& options, Program& program, Known& known, Diagnostics& diagnostics);

}  // namespace weft::gen::proto

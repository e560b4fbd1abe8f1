// Generate: IDL files to C++, from end to end. What `main` calls with the disk and tests with files of their
// own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adjust.h"
#include "diagnostic.h"
#include "emit.h"
#include "libraries.h"
#include "plugin.h"
#include "reach.h"
#include "source.h"

namespace weft::gen {

struct Generated {
  struct Unit {
    std::string path;  ///< below the output folder, without ".weft.h" and ".weft.cc"
    Output output;

    /// Its files: their paths below the output folder, and their text.
    std::vector<std::pair<std::string, const std::string*>> files() const;

    std::vector<std::string> inputs;  ///< the files it was made from: its own, and what that includes
  };
  /// One for each path, or, where only what is reached is generated, for each file that has some of it; none
  /// when there are errors.
  std::vector<Unit> units;
  Census census;                  ///< of what was reached
  Libraries libraries;            ///< for the meson.build of the output folder
  std::vector<PluginFile> files;  ///< those that plugins add
};

struct Choices {
  bool comments = true;             ///< those of the IDL
  bool flat = false;                ///< all output in one folder, called by the stems of the files
  bool borrow = false;              ///< handlers are given views of messages (see borrow.h)
  bool keep_unknown = false;        ///< of Protobuf: messages keep the fields that they do not know
  Operations derive{};              ///< what every type gets that can have it
  bool descriptors = false;         ///< of Protobuf: services name the descriptors of their files
  bool reach = false;               ///< only what the services of the files need, of all files (see reach.h)
  std::vector<std::string> keep{};  ///< and what these names stand for
  std::size_t split = 0;            ///< how many structs and methods a source may have; 0: any number
  Messages messages = Messages::weft;  ///< another compiler's: services alone are generated
  bool on_arena = false;               ///< protoc's: handlers get and make messages on arenas
  Adjustments adjustments{};           ///< those of files, which stand above the IDL's own
  std::vector<Plugin> plugins{};
};

/// "weft", "protoc" or "apache"; false for another word.
bool parse_messages(std::string_view word, Messages& messages);

/// Of a program without errors so far: checks it as C++ and prints it.
void finish(Program& program, const Choices& choices, Generated& generated, Diagnostics& diagnostics);

Generated generate(const std::vector<std::string>& paths, const std::vector<std::string>& include_folders,
                   Files& files, Diagnostics& diagnostics, const Choices& choices = {});

}  // namespace weft::gen

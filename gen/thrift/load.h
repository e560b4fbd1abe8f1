// Load: the files of a program, those named and those they include, each parsed once.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "../diagnostic.h"
#include "../model.h"
#include "ast.h"

namespace weft::gen::thrift {

struct File;

struct Include {
  const File* file = nullptr;
  Place place;
};

struct File {
  std::string path;  ///< normal: the same for every way to the file
  const Source* source = nullptr;
  FileNode node;
  std::vector<Include> includes;
};

/// A file comes after those it includes. `folders` are searched after the folder of the including file.
/// Missing files and cycles are errors.
std::deque<File> load(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                      Files& files, std::deque<Source>& sources, Diagnostics& diagnostics);

}  // namespace weft::gen::thrift

// Descriptors: .proto files as bytes in the generated source, for reflection.
#pragma once

#include <string>

#include "model.h"
#include "print.h"

namespace weft::gen {

/// Whether the module's services name the descriptor of their file.
bool has_descriptor(const Module& module);
/// "weft::descriptors::a_2fb_2eproto".
std::string descriptor_of(const Module& module);
/// Defines the module's descriptor and those of all files it imports. Each source whose services need a file
/// defines it, and the linker keeps one.
void define_descriptors(Printer& out, const Module& module);

}  // namespace weft::gen

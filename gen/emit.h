// Emit: a module as C++.
#pragma once

#include <string>
#include <string_view>

#include "model.h"
#include "print.h"

namespace weft::gen {

struct Output {
  std::string header;  ///< x.weft.h
  std::string source;  ///< x.weft.cc
};

Output emit(const Module& module);

// Its parts.

/// The namespace of its types' codec.
std::string_view codec(const Module& module);
void declare_types(Printer& out, const Module& module);
void define_constants(Printer& out, const Module& module);
void describe(Printer& out, const Struct& structure);
/// A closed enum.
void describe(Printer& out, const Enum& enumeration);
void declare_service(Printer& out, const Service& service);
/// What all services of a source share, then each.
void define_services(Printer& out, const Module& module);

}  // namespace weft::gen

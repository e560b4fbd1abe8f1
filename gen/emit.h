// Emit: a module as C++.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"
#include "print.h"

namespace weft::gen {

struct Output {
  std::string header;                       ///< x.weft.h
  std::string source;                       ///< x.weft.cc
  std::vector<std::string> more_sources{};  ///< x.weft.2.cc, ...
};

/// `split`: how many structs and methods a source may have (see parts.h).
Output emit(const Module& module, std::size_t split = 0);

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
void define_services(Printer& out, const Module& module, const std::vector<const Service*>& services);

}  // namespace weft::gen

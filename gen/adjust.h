// Adjust: what people ask to be otherwise in C++ than the IDL alone makes it, by annotations (`weft.name`),
// options (weft/options.proto), a file of adjustments or a plugin; and the policy of methods. README.md has
// the list.
#pragma once

#include <map>
#include <string>

#include "diagnostic.h"
#include "json.h"
#include "model.h"

namespace weft::gen {

/// By the full name of what they are about ("shop.v1.Order.total"), or by the file's path.
using Adjustments = std::map<std::string, Annotations>;

/// `{"shop.v1.Order.total": {"type": "unordered_map", "include": ["<a.h>", "<b.h>"]}}`. `from` is who says
/// so.
Adjustments read_adjustments(const Json& json, const std::string& from, Diagnostics& diagnostics);
/// Those of a file.
Adjustments read_adjustments(const std::string& path, Files& files, Diagnostics& diagnostics);
void add(Adjustments& to, const Adjustments& more);

/// "shop.v1.Order": with Protobuf's package, or the stem of Thrift's file. Fields, values and methods stand
/// behind that with a dot.
std::string full_name(const Item& item);

/// Before names are assigned: first what the IDL says itself, then those given.
void adjust(Program& program, const Adjustments& given, Diagnostics& diagnostics);
/// Those given alone, of a program that was adjusted. Names are to be assigned again.
void adjust_more(Program& program, const Adjustments& given, Diagnostics& diagnostics);

}  // namespace weft::gen

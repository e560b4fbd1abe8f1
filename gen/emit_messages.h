// The bodies of stubs whose calls carry one Protobuf message, or a stream of them, each way.
#pragma once

#include <string>

#include "cpp.h"
#include "model.h"
#include "print.h"

namespace weft::gen {

/// The function `name`: bytes to the request, the handler, its result to bytes.
void serve_messages(Printer& out, const Service& service, const Method& method, const std::string& name);

/// The body of the client's method. `constant`: the method's description; `call`: a free name.
void call_messages(Printer& out, const Method& method, const std::string& constant, const Scope& scope,
                   const std::string& call);

}  // namespace weft::gen

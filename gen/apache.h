// Apache: a Thrift program whose messages are the classes of Apache's compiler.
#pragma once

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Says what the thrift compiler calls the program's types, and where it declares them. Reports what services
/// ask for and that compiler does not have.
void use_apache_messages(Program& program, Diagnostics& diagnostics);

}  // namespace weft::gen

// The cases of thrift-probe: each makes a call or a few, and says in a line how they ended.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kitchen.weft.h"

namespace interop {

struct Peer {
  weft_kitchen::Annex::Client client;
  weft::Duration limit;  ///< of one call
};

struct ProbeCase {
  std::string_view name;
  weft::Task<std::string> (*run)(Peer peer);
};

std::span<const ProbeCase> probe_cases();

/// "ERR timeout", "ERR transport ...", "ERR protocol ...", "ERR application N ..." or "ERR declared Name".
std::string line_of(const weft::Status& failure);

}  // namespace interop

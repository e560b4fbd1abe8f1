// A weft-gen that cannot read JSON.
#include "json.h"

namespace weft::gen {

std::optional<Json> parse_json(std::string_view, std::string& error) {
  error = "this weft-gen was built without nlohmann_json, and reads no JSON";
  return std::nullopt;
}

}  // namespace weft::gen

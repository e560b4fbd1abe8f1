// Types: type expressions of one file, looked up. Typedefs are resolved when they are first met, in any
// order.
#pragma once

#include <map>
#include <string>

#include "../diagnostic.h"
#include "../model.h"
#include "ast.h"
#include "symbols.h"

namespace weft::gen::thrift {

/// How diagnostics call a type: "i32", "list<Color>".
std::string name_of(const Type& type);

class Types {
 public:
  Types(const Symbols& symbols, Diagnostics& diagnostics) : symbols_(symbols), diagnostics_(diagnostics) {}

  void add(Typedef& alias, const TypedefNode& node) {
    pending_[&alias] = {&alias, &node.type};
    order_.push_back(&alias);
  }
  void resolve_typedefs();

  /// Reports what is not a type of values; the result is then i32, so that the rest can be checked.
  Type resolve(const TypeNode& node);

 private:
  struct Pending {
    Typedef* alias = nullptr;
    const TypeNode* node = nullptr;
    bool open = false;
  };

  void finish(const Typedef& alias, Place place);
  Type named(const TypeNode& node);

  const Symbols& symbols_;
  Diagnostics& diagnostics_;
  std::map<const Typedef*, Pending> pending_;
  std::vector<const Typedef*> order_;  ///< as declared: reports come in this order
  std::size_t depth_ = 0;
};

}  // namespace weft::gen::thrift

// Evaluate: literals to values of a known type, with range checks and the conversions that Thrift makes: a
// number to an enum and back, an integer to a double, a list to a set, a map to a struct, and other constants
// to all of these.
#pragma once

#include <functional>
#include <map>

#include "../diagnostic.h"
#include "../model.h"
#include "ast.h"
#include "symbols.h"

namespace weft::gen::thrift {

class Evaluator {
 public:
  /// A program whose constants unfold to more values than this is refused: constants that name one another
  /// can grow beyond all memory.
  static constexpr std::size_t values_max = 1'000'000;

  Evaluator(const Symbols& symbols, Diagnostics& diagnostics)
      : symbols_(symbols), diagnostics_(diagnostics) {}

  /// Constants of this file may name one another in any order; each is evaluated once.
  void add(Constant& constant, const Literal& literal) {
    pending_[&constant] = {&constant, &literal};
    order_.push_back(&constant);
  }
  void evaluate_constants();

  /// Reports what does not fit; the result is then some value of the type.
  Value evaluate(const Literal& literal, const Type& type);

 private:
  struct Pending {
    Constant* constant = nullptr;
    const Literal* literal = nullptr;
    bool open = false;
  };

  void finish(const Constant& constant, Place place);
  Value named(const Literal& literal, const Type& type);
  Value number(std::int64_t number, const Type& type, Place place);
  Value text(std::string text, const Type& type, Place place);
  Value list(const Literal& literal, const Type& type);
  Value map(const Literal& literal, const Type& type);
  Value structure(const Literal& literal, const Type& type);
  Value convert(const Value& value, const Type& from, const Type& to, Place place);
  Value wrong(const Type& type, Place place, std::string_view found);
  bool count(Place place);

  const Symbols& symbols_;
  Diagnostics& diagnostics_;
  std::map<const Constant*, Pending> pending_;
  std::vector<const Constant*> order_;  ///< as declared: reports come in this order
  std::size_t values_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace weft::gen::thrift

// Wire: whether values of one type can be read as another, by the rules of each protocol.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "match.h"

namespace weft::gen::check {

class Wire {
 public:
  explicit Wire(const Match& match) : match_(match) {}

  /// Why what was written as the old field's type cannot be read as the new one's, or the other way round;
  /// empty if it can. Types of one name are not compared in here: their own differences are theirs.
  std::string difference(const Field& before, const Field& now, bool protobuf);
  std::string difference(const Type& before, const Type& now, bool protobuf);

 private:
  std::string structs(const Struct& before, const Struct& now, bool protobuf);
  std::string thrift(const Type& before, const Type& now);
  std::string proto(const Type& before, const Type& now, const Coding& old_coding, const Coding& coding);

  const Match& match_;
  std::set<std::pair<const Struct*, const Struct*>> assumed_;  ///< being compared, or found alike
};

/// A type as the IDL calls it: "map<string, Item>", "sint32".
std::string name_of(const Type& type, bool protobuf, const Coding& coding = {});

}  // namespace weft::gen::check

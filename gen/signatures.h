// Signatures: how the methods of a service read in C++.
#pragma once

#include <string>
#include <vector>

#include "cpp.h"
#include "model.h"

namespace weft::gen {

/// "hello.Greeter": the service on the wire.
std::string wire_name(const Service& service);

/// A method's signature where the class' names are in sight.
class Signatures {
 public:
  explicit Signatures(const Service& service);

  Scope scope(const Method& method) const;
  /// What a call gives, of the handler and of the client.
  std::string result(const Method& method) const;
  /// Of the handler, which gets its own.
  std::vector<std::string> values(const Method& method, bool named) const;
  /// Of the client, which encodes them at once; but a stream it owns.
  std::vector<std::string> references(const Method& method) const;

 private:
  Scope scope_;
  std::vector<std::string> names_;
};

}  // namespace weft::gen

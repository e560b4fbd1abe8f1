// Signatures: how the methods of a service read in C++.
#pragma once

#include <string>
#include <vector>

#include "cpp.h"
#include "model.h"

namespace weft::gen {

/// "hello.Greeter": the service on the wire.
std::string wire_name(const Service& service);

/// A type as handlers see it: perhaps on an arena.
std::string spell_served(const Service& service, const Type& type, const Scope& scope);
/// An argument as handlers see it: as its type, or borrowed.
std::string spell_served(const Service& service, const Field& argument, const Scope& scope);

/// A method's signature where the class' names are in sight.
class Signatures {
 public:
  explicit Signatures(const Service& service);

  Scope scope(const Method& method) const;
  /// What a call gives, of the client.
  std::string result(const Method& method) const;
  /// What a handler gives.
  std::string served_result(const Method& method) const;
  /// Of the handler, which gets its own, or what it borrows.
  std::vector<std::string> values(const Method& method, bool named) const;
  /// Of the client, which encodes them at once; but a stream it owns.
  std::vector<std::string> references(const Method& method) const;

 private:
  const Service& service_;
  Scope scope_;
  std::vector<std::string> names_;
};

}  // namespace weft::gen

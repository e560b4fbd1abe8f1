// Diagnostics: errors, warnings and notes as a compiler prints them, collected until the program ends.
// Nothing is generated from a program with errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "source.h"

namespace weft::gen {

class Diagnostics {
 public:
  /// More errors than this say nothing new; they are counted, not kept.
  static constexpr std::size_t errors_max = 20;

  explicit Diagnostics(std::size_t kept = errors_max) : kept_(kept) {}

  void error(Place place, std::string_view message) { report(place, "error", message); }
  void warning(Place place, std::string_view message) { report(place, "warning", message); }
  /// Belongs to the report before it: points at the other place.
  void note(Place place, std::string_view message) { report(place, "note", message); }

  bool ok() const noexcept { return errors_ == 0; }
  bool full() const noexcept { return errors_ >= kept_; }
  std::size_t errors() const noexcept { return errors_; }
  /// All reports, in order:
  ///
  ///   x.thrift:3:6: error: there is no type `Foo`
  ///     1: Foo foo
  ///        ^~~
  const std::string& text() const noexcept { return text_; }

 private:
  void report(Place place, std::string_view kind, std::string_view message);

  std::size_t kept_;
  std::string text_;
  std::size_t errors_ = 0;
  bool muted_ = false;  ///< the last report was one too many, and its notes are too
};

}  // namespace weft::gen

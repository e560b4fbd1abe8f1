// Printer: lines of C++, as clang-format would lay them out with the project's style.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cpp.h"

namespace weft::gen {

class Printer {
 public:
  static constexpr std::size_t width = 110;

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    write(fmt::format(format, std::forward<Args>(args)...));
  }
  /// One empty line, however often it is asked for.
  void blank() { blank_ = !text_.empty(); }
  /// No empty line here after all.
  void no_blank() { blank_ = false; }
  void indent() { indent_ += 2; }
  void outdent() { indent_ -= 2; }

  /// `///` lines; nothing for no text.
  void doc(std::string_view text);
  /// `head(item, item)tail`; too long, it is filled up under the first item.
  void list(std::string_view head, const std::vector<std::string>& items, std::string_view tail);
  /// `head{item, item}tail`; too long, it has an item a line.
  void braces(std::string_view head, const std::vector<std::string>& items, std::string_view tail);
  /// `head { body }`, on one line where that has room.
  void function(std::string_view head, std::string_view body);
  /// `head value;`, broken at braces.
  void value(std::string_view head, const Expression& value);

  std::string take() { return std::move(text_); }

 private:
  void write(std::string_view line);
  void value(std::string head, const Expression& value, std::string_view tail);
  bool fits(std::size_t size) const { return indent_ + size <= width; }

  std::string text_;
  std::size_t indent_ = 0;
  bool blank_ = false;
};

}  // namespace weft::gen

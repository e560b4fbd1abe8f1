#include "print.h"

#include <fmt/ranges.h>

#include "text.h"

namespace weft::gen {

namespace {

/// A line of the IDL's comment, such that it can do no harm at the end of a C++ line.
std::string harmless(std::string_view line) {
  std::string result;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t size = plain_character(line.substr(at));
    if (size > 0) result += line.substr(at, size);
    if (size == 0 && line[at] == '\t') result += ' ';
    at += std::max<std::size_t>(size, 1);
  }
  while (!result.empty() && result.back() == ' ') result.pop_back();
  // A backslash would make the next line a comment too, and so would its trigraph.
  if (result.ends_with('\\') || result.ends_with("?\?/")) result += " .";
  return result;
}

}  // namespace

void Printer::write(std::string_view line) {
  if (std::exchange(blank_, false)) text_ += '\n';
  if (!line.empty()) text_.append(indent_, ' ');
  text_ += line;
  text_ += '\n';
}

void Printer::doc(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line = harmless(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    write(line.empty() ? "///" : "/// " + line);
  }
}

void Printer::list(std::string_view head, const std::vector<std::string>& items, std::string_view tail) {
  std::string whole = fmt::format("{}{}{}", head, fmt::join(items, ", "), tail);
  if (fits(whole.size()) || items.empty()) return write(whole);
  std::size_t longest = 0;
  for (const std::string& item : items) longest = std::max(longest, item.size() + 1);
  std::string line(head);
  // Under the first item, or, where that leaves no room, on lines of their own.
  std::size_t column = head.size();
  if (!fits(column + longest + tail.size())) {
    write(line);
    column = 4;
    line.assign(column, ' ');
  }
  for (std::size_t index = 0; index < items.size(); ++index) {
    const bool last = index + 1 == items.size();
    std::string item = items[index] + (last ? std::string(tail) : ",");
    if (line.size() > column && !fits(line.size() + 1 + item.size())) {
      write(line);
      line.assign(column, ' ');
    } else if (line.size() > column) {
      line += ' ';
    }
    line += item;
  }
  write(line);
}

void Printer::braces(std::string_view head, const std::vector<std::string>& items, std::string_view tail) {
  std::string whole = fmt::format("{}{{{}}}{}", head, fmt::join(items, ", "), tail);
  if (fits(whole.size())) return write(whole);
  write(fmt::format("{}{{", head));
  for (const std::string& item : items) write(fmt::format("    {},", item));
  write(fmt::format("}}{}", tail));
}

void Printer::function(std::string_view head, std::string_view body) {
  if (fits(head.size() + body.size() + 5)) return write(fmt::format("{} {{ {} }}", head, body));
  write(fmt::format("{} {{", head));
  write(fmt::format("  {}", body));
  write("}");
}

void Printer::value(std::string_view head, const Expression& expression) {
  value(std::string(head), expression, ";");
}

void Printer::value(std::string head, const Expression& expression, std::string_view tail) {
  std::string whole = fmt::format("{}{}{}", head, flat(expression), tail);
  if (!expression.braces || expression.items.empty() || fits(whole.size())) {
    const std::size_t equals = head.find(" = ");
    if (fits(whole.size()) || equals == head.npos) return write(whole);
    // A long string stands on a line of its own.
    write(head.substr(0, equals + 2));
    return write("    " + whole.substr(equals + 3));
  }
  const std::size_t equals = head.find(" = ");
  if (!fits(head.size() + expression.text.size() + 1) && equals != head.npos) {
    write(head.substr(0, equals + 2));
    head = "    " + head.substr(equals + 3);
  }
  write(head + expression.text + "{");
  indent_ += 4;
  for (const Expression& item : expression.items) value({}, item, ",");
  indent_ -= 4;
  write(fmt::format("}}{}", tail));
}

}  // namespace weft::gen

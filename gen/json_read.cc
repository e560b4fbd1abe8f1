// JSON texts, read by nlohmann's library.
#include <nlohmann/json.hpp>

#include "json.h"

namespace weft::gen {

namespace {

constexpr std::size_t depth_max = 200;

/// Hears what the library finds, and builds the value.
class Builder {
 public:
  bool null() { return put({}); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(std::int64_t value) { return put(value); }
  bool number_unsigned(std::uint64_t value) {
    return value > INT64_MAX ? put(value) : put(static_cast<std::int64_t>(value));
  }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(std::vector<std::uint8_t>&) { return false; }  // not in texts

  bool start_object(std::size_t) { return open(Json::Object{}); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::Array{}); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& exception) {
    // "[json.exception.parse_error.101] parse error at line 1, ...": what stands behind the number.
    error_ = exception.what();
    if (const std::size_t end = error_.find("] "); end != error_.npos) error_.erase(0, end + 2);
    return false;
  }

  std::optional<Json> take(std::string& error) {
    if (error_.empty()) return std::move(root_);
    error = error_;
    return std::nullopt;
  }

 private:
  struct Level {
    Json json;
    std::string key;  ///< of the member that comes
  };

  bool put(Json value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().json.is_array())
      open_.back().json.push(std::move(value));
    else
      open_.back().json.add(std::move(open_.back().key), std::move(value));
    return true;
  }
  bool open(Json json) {
    if (open_.size() == depth_max) {
      error_ = "nested deeper than 200 levels";
      return false;
    }
    open_.push_back({std::move(json), {}});
    return true;
  }
  bool close() {
    Json done = std::move(open_.back().json);
    open_.pop_back();
    return put(std::move(done));
  }

  std::vector<Level> open_;
  Json root_;
  std::string error_;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text, std::string& error) {
  Builder builder;
  nlohmann::json::sax_parse(text, &builder);
  return builder.take(error);
}

}  // namespace weft::gen

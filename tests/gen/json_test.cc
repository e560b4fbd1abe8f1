#include "json.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace weft::gen;

namespace {

/// Read and printed again.
std::string again(std::string_view text) {
  std::string error;
  const auto json = parse_json(text, error);
  return json ? json->print() : error;
}

}  // namespace

TEST_CASE("JSON escapes what it must, and shows the rest as it is") {
  CHECK(Json{"a\"b\\c\nd\te\x01\x7F世"}.print() == "\"a\\\"b\\\\c\\nd\\te\\u0001\\u007f世\"\n");
}

TEST_CASE("bytes that are not UTF-8 become replacement characters") {
  CHECK(Json{"a\xFFz"}.print() == "\"a\xEF\xBF\xBDz\"\n");
  CHECK(Json{"\xC0\xAF"}.print() == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"\n");                  // not the shortest
  CHECK(Json{"\xED\xA0\x80"}.print() == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\n");  // a surrogate
  CHECK(is_utf8("世\0x"));
  CHECK(!is_utf8("\xE4\xB8"));
}

TEST_CASE("what has room stands on one line, the rest on lines of its own") {
  Json numbers, words;
  for (int at = 0; at < 5; ++at) numbers.push(at);
  for (int at = 0; at < 3; ++at) words.push(std::string(40, 'w'));
  CHECK(numbers.print() == "[0, 1, 2, 3, 4]\n");
  const std::string word = "\"" + std::string(40, 'w') + "\"";
  CHECK(Json{}.add("words", words).add("n", numbers).print() == "{\n  \"words\": [\n    " + word + ",\n    " +
                                                                    word + ",\n    " + word +
                                                                    "\n  ],\n  \"n\": [0, 1, 2, 3, 4]\n}\n");
}

TEST_CASE("numbers keep their kind and their value") {
  CHECK(Json{1.0}.print() == "1.0\n");
  CHECK(Json{1e300}.print() == "1e+300\n");
  CHECK(Json{INT64_MIN}.print() == "-9223372036854775808\n");
  CHECK(Json{UINT64_MAX}.print() == "18446744073709551615\n");
  CHECK(Json{std::string("inf")}.real() > 1e308);
  CHECK(Json{HUGE_VAL}.print() == "\"inf\"\n");
}

TEST_CASE("a member that is missing is as good as null") {
  const Json json = Json{}.add("a", Json{}.add("b", 3));
  CHECK(json["a"]["b"].integer() == 3);
  CHECK(json["x"]["b"]["c"].is_null());
  CHECK(json["x"].items().empty());
  CHECK(!json.find("x"));
}

TEST_CASE("JSON that is read is what was written") {
  if (again("1") != "1\n") return;  // built without a reader
  for (const char* text :
       {"null\n", "[true, false, null]\n", "{\"a\": [1, -2, 3.5, \"x\\\"\\u0001\"], \"b\": {}}\n",
        "18446744073709551615\n", "-9223372036854775808\n", "\"\"\n", "[]\n", "{}\n"})
    CHECK(again(text) == text);
  CHECK(again(R"("\ud83d\ude00")") == "\"😀\"\n");
}

TEST_CASE("what is wrong with a JSON text is said, and deep nesting ends") {
  if (again("1") != "1\n") return;
  CHECK(again("{\"a\": }").starts_with("parse error at line 1, column 7"));
  CHECK(again("").starts_with("parse error"));
  CHECK(again("[1] 2").starts_with("parse error"));
  CHECK(again("\"\xFF\"").starts_with("parse error"));
  CHECK(again(std::string(100000, '[')) == "nested deeper than 200 levels");
  CHECK(again(std::string(199, '[') + std::string(199, ']')).starts_with("["));
}

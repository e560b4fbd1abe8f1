// Services for messages of other compilers: what weft-gen calls those, and what it refuses.
#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

struct Read {
  std::string text;
  Output output;
};

Read read(const std::string& path, std::map<std::string, std::string> files, Messages messages,
          bool on_arena = false) {
  Memory memory{std::move(files)};
  Diagnostics diagnostics;
  Choices choices;
  choices.messages = messages;
  choices.on_arena = on_arena;
  Generated generated = generate({path}, {}, memory, diagnostics, choices);
  return {diagnostics.text(), generated.units.empty() ? Output{} : generated.units[0].output};
}

bool has(const std::string& text, std::string_view part) {
  INFO(text);
  INFO(std::string(part));
  const bool found = text.find(part) != text.npos;
  CHECK(found);
  return found;
}

Read apache(const std::string& text) { return read("x.thrift", {{"x.thrift", text}}, Messages::apache); }

}  // namespace

TEST_CASE("Apache's types are spelled as its compiler has them") {
  const Read all = apache(
      "namespace cpp a.b\nenum Color { RED }\ntypedef map<binary, Color> Colors\nstruct P {}\n"
      "service S {\n  Colors f(1: set<Color> c, 2: binary b, 3: map<double, P> m, 4: Color d = "
      "Color.RED)\n}\n");
  CHECK(all.text == "");
  has(all.output.header, "#include \"x_types.h\"");
  has(all.output.header, "namespace a::b {");
  has(all.output.header,
      "virtual weft::Task<Colors> f(std::set<Color::type> c, std::string b, std::map<double, P> m,");
  has(all.output.header, "Color::type d);");
  has(all.output.source, "Color::type d = Color::RED;");
  CHECK(all.output.header.find("struct P") == std::string::npos);
}

TEST_CASE("Apache's types without a namespace are global ones, and their service is not") {
  const Read all = apache("struct P {}\nstruct x {}\nservice S { P f(1: x y) }\n");
  CHECK(all.text == "");
  has(all.output.header, "namespace x_ {");
  has(all.output.header, "virtual weft::Task<::P> f(::x y);");
}

TEST_CASE("the default of an argument is a number, a text or a named value, also by a constant's name") {
  has(apache("const i32 K = 5\nconst i32 L = K\nservice S { void f(1: i32 k = L) }\n").output.source,
      "std::int32_t k = 5;");
  has(apache("service S { void f(1: list<i32> k = [1]) }\n").text,
      "error: the default of `k` cannot be had with Apache's types");
  has(apache("service S { void f(1: map<i32, list<uuid>> k) }\n").text,
      "the thrift compiler has no uuid in C++");
}

TEST_CASE("messages are asked of the compiler that makes them") {
  has(read("x.thrift", {{"x.thrift", "struct A {}"}}, Messages::protoc).text,
      "protoc makes no messages of Thrift files");
  has(read("x.thrift", {{"x.thrift", "struct A {}"}}, Messages::apache, true).text,
      "only protoc's messages can be on an arena");
  has(read("x.proto", {{"x.proto", "syntax = \"proto3\";"}}, Messages::apache).text,
      "the thrift compiler makes no messages of .proto files");
}

#if WEFT_PROTOBUF
TEST_CASE("protoc's messages are called as protoc calls them, wherever they are") {
  const std::map<std::string, std::string> files{
      {"api/x.proto",
       "syntax = \"proto3\";\npackage a.b;\nimport \"google/protobuf/empty.proto\";\nimport "
       "\"y.proto\";\n"
       "message union { message In {} }\n"
       "service S {\n  rpc A(union) returns (union.In);\n  rpc B(google.protobuf.Empty) returns "
       "(Y.int);\n}\n"},
      {"api/google/protobuf/empty.proto",
       "syntax = \"proto3\";\npackage google.protobuf;\nmessage Empty {}\n"},
      {"api/y.proto", "syntax = \"proto3\";\nmessage Y { message int {} }\n"}};
  const Read all = read("api/x.proto", files, Messages::protoc);
  CHECK(all.text == "");
  has(all.output.header, "#include \"x.pb.h\"");
  has(all.output.header, "namespace a::b {");
  has(all.output.header, "virtual weft::Task<union__In> a(union_ request);");
  has(all.output.header, "virtual weft::Task<::Y_int> b(google::protobuf::Empty request);");
  const Read arena = read("api/x.proto", files, Messages::protoc, true);
  has(arena.output.header, "virtual weft::Task<weft::OnArena<union__In>> a(weft::OnArena<union_> request);");
  has(arena.output.header, "weft::Task<union__In> a(const union_& request) const;");
}

TEST_CASE("a service makes way for the class that protoc generates for it") {
  const Read all =
      read("x.proto",
           {{"x.proto",
             "syntax = \"proto3\";\npackage a;\noption cc_generic_services = true;\nmessage M {}\n"
             "service S { rpc A(M) returns (M); }\n"}},
           Messages::protoc);
  CHECK(all.text == "");
  has(all.output.header, "class S_ : public weft::ServiceInterface {");
  has(all.output.source, ".name = \"a.S\"");
}
#endif

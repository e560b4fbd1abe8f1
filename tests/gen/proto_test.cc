// .proto files: what becomes of them, and what weft-gen says when they are wrong.
#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

struct Read {
  std::string text;
  Output output;
};

/// Of x.proto, and the files beside it.
Read read(const std::string& text, std::map<std::string, std::string> others = {}, Choices choices = {}) {
  others["x.proto"] = text;
  Memory memory{std::move(others)};
  Diagnostics diagnostics;
  Generated generated = generate({"x.proto"}, {"include"}, memory, diagnostics, choices);
  return {diagnostics.text(), generated.units.empty() ? Output{} : generated.units[0].output};
}

bool has(const std::string& text, std::string_view part) {
  INFO(text);
  INFO(std::string(part));
  const bool found = text.find(part) != text.npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("libprotoc's errors have file, line, column and the line itself") {
  CHECK(read("syntax = \"proto3\";\nmessage A {\n\tFoo foo = 1;\n}\n").text ==
        "x.proto:3:2: error: \"Foo\" is not defined.\n\tFoo foo = 1;\n\t^~~\n");
  has(read("syntax = \"proto3\";\nmessage A { int32 x = }\n").text, "x.proto:2:23: error: ");
  has(read("syntax = \"proto3\";\nmessage A { int32 x = 1; int32 y = 1; }\n").text,
      "x.proto:2:36: error: Field number 1 has already been used in \"A\" by field \"x\"");
  has(read("syntax = \"proto3\";\nimport \"gone.proto\";\n").text,
      "x.proto:2:1: error: there is no file `gone.proto`\nimport \"gone.proto\";\n^~~~~~\nx.proto:2:1: note: "
      "looked");
  CHECK(read("syntax = \"proto3\";\nimport \"gone.proto\";\n").output.header.empty());
}

TEST_CASE("an error in an imported file is reported there") {
  has(read("syntax = \"proto3\";\nimport \"y.proto\";\n", {{"y.proto", "syntax = \"proto3\";\nmessage {}\n"}})
          .text,
      "y.proto:2:9: error: Expected message name.\n");
}

TEST_CASE("a required message that holds itself becomes optional, with a warning that points at the field") {
  const Read made = read("syntax = \"proto2\";\nmessage A { required A a = 1; }\n");
  has(made.text, "x.proto:2:24: warning: `a` makes A contain itself");
  has(made.output.header, "weft::Box<A> a{};");
}

TEST_CASE("a stream each way makes four kinds of methods") {
  const Read all = read(
      "syntax = \"proto3\";\nmessage M {}\nservice S {\n  rpc A(M) returns (M);\n  rpc B(stream M) returns "
      "(M);\n  rpc C(M) returns (stream M);\n  rpc D(stream M) returns (stream M);\n}\n");
  CHECK(all.text == "");
  has(all.output.header, "virtual weft::Task<M> a(M request);");
  has(all.output.header, "virtual weft::Task<M> b(weft::Stream<M> requests);");
  has(all.output.header, "virtual weft::Stream<M> c(M request);");
  has(all.output.header, "virtual weft::Stream<M> d(weft::Stream<M> requests);");
  has(all.output.header, "weft::Stream<M> c(const M& request) const;");
  has(all.output.source,
      ".name = \"D\", .protocol = weft::Protocol::grpc, .streams_requests = true,\n      .streams_replies = "
      "true},");
}

TEST_CASE("what is not generated is said: extensions, also those of message sets, are unknown fields") {
  has(read("syntax = \"proto2\";\nmessage M { extensions 4 to max; }\nextend M { optional int32 e = 5; }\n")
          .text,
      "x.proto:3:27: warning: e: extensions are not generated");
  const Read set = read(
      "syntax = \"proto2\";\nmessage M { option message_set_wire_format = true; extensions 4 to max; }\n");
  has(set.text, "x.proto:2:9: warning: what a message set holds is kept as unknown fields");
  has(set.output.header, "std::string unknown_fields{};");
}

TEST_CASE("a package is a namespace, and without one the file's name is") {
  has(read("syntax = \"proto3\";\npackage a.b.class;\nmessage M {}\n").output.header,
      "namespace a::b::class_ {");
  has(read("syntax = \"proto3\";\nmessage M {}\n").output.header, "namespace x {");
}

TEST_CASE("imports are looked for beside the file and in the folders; public ones come along") {
  const Read found = read("syntax = \"proto3\";\nimport \"deep/y.proto\";\nmessage M { z.Z z = 1; }\n",
                          {{"include/deep/y.proto", "syntax = \"proto3\";\nimport public \"z.proto\";\n"},
                           {"z.proto", "syntax = \"proto3\";\npackage z;\nmessage Z {}\n"}});
  CHECK(found.text == "");
  has(found.output.header, "#include \"deep/y.weft.h\"");
  has(found.output.header, "std::optional<::z::Z> z{};");
}

TEST_CASE("headers of imports that give no types are left out") {
  const Read found = read(
      "syntax = \"proto3\";\nimport \"options.proto\";\nimport \"all.proto\";\nmessage M { p.P held = 1; }\n",
      {{"options.proto", "syntax = \"proto3\";\npackage p;\nmessage Unused {}\n"},
       {"all.proto", "syntax = \"proto3\";\nimport public \"p.proto\";\n"},
       {"p.proto", "syntax = \"proto3\";\npackage p;\nmessage P {}\n"}});
  has(found.output.header, "#include \"all.weft.h\"");
  CHECK(found.output.header.find("options.weft.h") == std::string::npos);
  CHECK(found.output.header.find("\"p.weft.h") == std::string::npos);
}

TEST_CASE("options are declared without a warning") {
  Memory memory{
      {{"x.proto",
        "syntax = \"proto2\";\nimport \"google/protobuf/descriptor.proto\";\n"
        "extend google.protobuf.FieldOptions { optional int32 o = 50000; }\n"},
       {"google/protobuf/descriptor.proto",
        "syntax = \"proto2\";\npackage google.protobuf;\nmessage FieldOptions { extensions 1 to max; }\n"}}};
  Diagnostics diagnostics;
  CHECK(generate({"x.proto"}, {}, memory, diagnostics).units.size() == 1);
  CHECK(diagnostics.text() == "");
}

TEST_CASE("well-known types are messages as any other") {
  Disk disk;
  Diagnostics diagnostics;
  const std::string folder = WEFT_PROTOBUF_INCLUDE;
  const Generated generated =
      generate({folder + "/google/protobuf/timestamp.proto", folder + "/google/protobuf/struct.proto",
                folder + "/google/protobuf/descriptor.proto"},
               {folder}, disk, diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(generated.units.size() == 3);
  has(generated.units[0].output.header, "struct Timestamp {");
  has(generated.units[0].output.header, "std::int64_t seconds = 0;");
}

TEST_CASE("unknown fields are kept where there are extensions, and everywhere when it is asked for") {
  const std::string plain = "syntax = \"proto3\";\nmessage M { int32 unknown_fields = 1; }\n";
  CHECK(read(plain).output.header.find("unknown_fields_") == std::string::npos);
  has(read(plain, {}, {.keep_unknown = true}).output.header, "std::string unknown_fields_{};");
  has(read("syntax = \"proto2\";\nmessage M { extensions 4 to 5; }\n").output.header,
      "std::string unknown_fields{};");
}

TEST_CASE("Thrift and Protobuf files may be named together, but not with one stem") {
  Memory memory{{{"a.thrift", "struct A {}"},
                 {"b.proto", "syntax = \"proto3\"; message B {}"},
                 {"a.proto", "syntax = \"proto3\"; message A {}"}}};
  Diagnostics diagnostics;
  CHECK(generate({"a.thrift", "b.proto"}, {}, memory, diagnostics).units.size() == 2);
  CHECK(generate({"a.thrift", "a.proto"}, {}, memory, diagnostics).units.empty());
  has(diagnostics.text(), "a.weft.h would be the header of two files");
}

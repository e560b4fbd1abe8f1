// What --descriptors puts into a program: enough for a server to answer reflection.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tide.weft.h"

namespace {

/// The file and, in front of it, all that it imports: the order in which a pool takes them.
void build(const weft::FileDescriptor& file, google::protobuf::DescriptorPool& pool,
           std::set<std::string>& names) {
  if (!names.emplace(file.name).second) return;
  for (const weft::FileDescriptor* import : file.imports) build(*import, pool, names);
  google::protobuf::FileDescriptorProto proto;
  REQUIRE(proto.ParseFromArray(file.bytes.data(), static_cast<int>(file.bytes.size())));
  CHECK(proto.name() == file.name);
  CHECK(pool.BuildFile(proto) != nullptr);
}

}  // namespace

TEST_CASE("a service leads to all files that its messages are made of") {
  const weft::ServiceInfo& info = tide::v1::Tides::info();
  REQUIRE(info.file != nullptr);
  CHECK(info.file->name == "tide.proto");
  google::protobuf::DescriptorPool pool;
  std::set<std::string> names;
  build(*info.file, pool, names);
  CHECK(names == std::set<std::string>{"tide.proto", "tide_options.proto", "tide_types.proto"});
  const auto* service = pool.FindServiceByName(std::string(info.name));
  REQUIRE(service != nullptr);
  CHECK(service->method(0)->input_type()->field(0)->json_name() == "?? \"zone\" \\ in µs");
  CHECK(service->method(0)->output_type()->field(1)->message_type()->full_name() == "tide.v1.Zone");
}

TEST_CASE("comments stay out of the program") {
  for (const weft::FileDescriptor* file : tide::v1::Tides::info().file->imports)
    CHECK(file->bytes.find("comment") == file->bytes.npos);
}

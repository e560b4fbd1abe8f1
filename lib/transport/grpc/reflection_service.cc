#include "reflection_service.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <weft/middleware/stub.h>

#include "own_files.h"

namespace weft::detail {

using namespace reflection;

namespace {

constexpr std::int32_t code_of(Code code) { return static_cast<std::int32_t>(code); }

Error no_such(std::string_view what, std::string_view name) {
  return {.error_code = code_of(Code::not_found), .error_message = fmt::format("no {} '{}'", what, name)};
}

/// The file and all that it imports, each once, the file itself first: callers build types of them without
/// asking again.
void collect(const FileDescriptor& file, std::set<const FileDescriptor*>& seen, Files& files) {
  if (!seen.insert(&file).second) return;
  files.file_descriptor_proto.push_back(Bytes::of_static(file.bytes));
  for (const FileDescriptor* import : file.imports) collect(*import, seen, files);
}

void answer_file(const FileDescriptor* file, std::string_view what, std::string_view name,
                 Response& response) {
  if (!file) {
    response.error = no_such(what, name);
    return;
  }
  std::set<const FileDescriptor*> seen;
  collect(*file, seen, response.files.emplace());
}

Response answer_to(Request request, Reflected& reflected) {
  Response response{.valid_host = request.host};
  const FileIndex& files = reflected.files();
  if (request.file_by_filename) {
    answer_file(files.file(*request.file_by_filename), "file", *request.file_by_filename, response);
  } else if (request.file_containing_symbol) {
    const std::string& symbol = *request.file_containing_symbol;
    answer_file(files.file_of(symbol), "symbol", symbol, response);
  } else if (request.file_containing_extension) {
    const ExtensionRequest& wanted = *request.file_containing_extension;
    answer_file(files.file_of_extension(wanted.containing_type, wanted.extension_number), "extension",
                fmt::format("{}[{}]", wanted.containing_type, wanted.extension_number), response);
  } else if (request.all_extension_numbers_of_type) {
    const std::string& type = *request.all_extension_numbers_of_type;
    if (const auto* numbers = files.extensions(type))
      response.extension_numbers = {.base_type_name = type, .extension_number = *numbers};
    else
      response.error = no_such("message", type);
  } else if (request.list_services) {
    Services& services = response.services.emplace();
    for (const ServiceInfo* info : reflected.services())
      services.service.push_back({std::string(info->name)});
    std::ranges::sort(services.service, {}, &ServiceName::name);
  } else {
    response.error = Error{.error_code = code_of(Code::invalid_argument), .error_message = "no question"};
  }
  response.original_request = std::move(request);
  return response;
}

Stream<Response> answer_all(std::shared_ptr<Reflected> reflected, Stream<Request> requests) {
  while (auto request = co_await requests.next()) co_yield answer_to(*std::move(request), *reflected);
}

}  // namespace

const FileIndex& Reflected::files() {
  if (!files_) {
    files_ = std::make_unique<FileIndex>();
    for (const ServiceInfo* info : services_)
      if (info->file) files_->add(*info->file);
  }
  return *files_;
}

struct ReflectionService::Stubs {
  static Task<Reply> answer(ServiceInterface& service, Call call) {
    auto requests = stub::decoded<protobuf::decode_arguments<Request>>(std::move(call.messages));
    auto responses = answer_all(static_cast<ReflectionService&>(service).reflected_, std::move(requests));
    co_return stub::answer(stub::encoded<protobuf::encode_result<Response>>(std::move(responses)));
  }

  static constexpr Method method(std::string_view service) noexcept {
    return {.service = service,
            .name = "ServerReflectionInfo",
            .protocol = Protocol::grpc,
            .streams_requests = true,
            .streams_replies = true};
  }
  static constexpr std::string_view v1 = "grpc.reflection.v1.ServerReflection";
  static constexpr std::string_view v1alpha = "grpc.reflection.v1alpha.ServerReflection";
};

const ServiceInfo& ReflectionService::info(ReflectionVersion version) noexcept {
  static constexpr ServedMethod v1[] = {{Stubs::method(Stubs::v1), Stubs::answer}};
  static constexpr ServedMethod v1alpha[] = {{Stubs::method(Stubs::v1alpha), Stubs::answer}};
  static const ServiceInfo infos[] = {
      {.name = Stubs::v1,
       .methods = v1,
       .protocol = Protocol::grpc,
       .file = &reflection_file(ReflectionVersion::v1)},
      {.name = Stubs::v1alpha,
       .methods = v1alpha,
       .protocol = Protocol::grpc,
       .file = &reflection_file(ReflectionVersion::v1alpha)},
  };
  return infos[version == ReflectionVersion::v1 ? 0 : 1];
}

}  // namespace weft::detail

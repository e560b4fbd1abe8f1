// grpcpp-server: grpc.testing.TestService by grpc++, for interop-client to call. Prints "READY HOST:PORT";
// ends when its standard input does.
#include <cstdio>
#include <grpcpp/grpcpp.h>
#include <string>
#include <thread>

#include "interop.grpc.pb.h"

namespace {

using namespace grpc::testing;
using grpc::ServerContext;
using grpc::Status;

void echo_metadata(ServerContext& context) {
  for (const auto& [name, value] : context.client_metadata()) {
    const std::string text(value.data(), value.size());
    if (name == "x-grpc-test-echo-initial") context.AddInitialMetadata("x-grpc-test-echo-initial", text);
    if (name == "x-grpc-test-echo-trailing-bin")
      context.AddTrailingMetadata("x-grpc-test-echo-trailing-bin", text);
  }
}

template <class Request>
Status wanted(const Request& request) {
  if (!request.has_response_status() || request.response_status().code() == 0) return Status::OK;
  return {static_cast<grpc::StatusCode>(request.response_status().code()),
          request.response_status().message()};
}

class Service final : public TestService::Service {
  Status EmptyCall(ServerContext* context, const Empty*, Empty*) override {
    echo_metadata(*context);
    return Status::OK;
  }
  Status UnaryCall(ServerContext* context, const SimpleRequest* request, SimpleResponse* response) override {
    echo_metadata(*context);
    if (request->has_response_compressed())
      context->set_compression_algorithm(request->response_compressed().value() ? GRPC_COMPRESS_GZIP
                                                                                : GRPC_COMPRESS_NONE);
    response->mutable_payload()->set_body(
        std::string(static_cast<std::size_t>(request->response_size()), '\0'));
    return wanted(*request);
  }
  template <class Stream>
  static Status respond(const StreamingOutputCallRequest& request, Stream& stream) {
    for (const ResponseParameters& wish : request.response_parameters()) {
      StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(static_cast<std::size_t>(wish.size()), '\0'));
      if (!stream.Write(response)) return Status::CANCELLED;
    }
    return wanted(request);
  }
  Status StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                             grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    echo_metadata(*context);
    return respond(*request, *writer);
  }
  Status StreamingInputCall(ServerContext* context, grpc::ServerReader<StreamingInputCallRequest>* reader,
                            StreamingInputCallResponse* response) override {
    echo_metadata(*context);
    StreamingInputCallRequest request;
    while (reader->Read(&request))
      response->set_aggregated_payload_size(response->aggregated_payload_size() +
                                            static_cast<int>(request.payload().body().size()));
    return Status::OK;
  }
  Status FullDuplexCall(
      ServerContext* context,
      grpc::ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>* stream) override {
    echo_metadata(*context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request))
      if (Status status = respond(request, *stream); !status.ok()) return status;
    return Status::OK;
  }
};

}  // namespace

int main() {
  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (!server) return 1;
  std::printf("READY 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server->Shutdown(std::chrono::system_clock::now());
}

// grpc++ calls interop-server, which listens at the address in WEFT_INTEROP_SERVER.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <cstdlib>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "interop.grpc.pb.h"

namespace {

using namespace grpc::testing;

std::unique_ptr<TestService::Stub> stub() {
  const char* address = std::getenv("WEFT_INTEROP_SERVER");
  REQUIRE(address);
  return TestService::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
}

/// A context of a call that hangs for no longer than this.
struct Context : grpc::ClientContext {
  Context() { set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30)); }
};

}  // namespace

TEST_CASE("unary calls of many sizes, plain and compressed") {
  auto service = stub();
  for (const int size : {0, 1, 1000, 314'159, 4'000'000})
    for (const grpc_compression_algorithm algorithm :
         {GRPC_COMPRESS_NONE, GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
      Context context;
      context.set_compression_algorithm(algorithm);
      SimpleRequest request;
      request.set_response_size(size);
      request.mutable_payload()->set_body(std::string(static_cast<std::size_t>(size), 'x'));
      request.mutable_response_compressed()->set_value(algorithm != GRPC_COMPRESS_NONE);
      SimpleResponse response;
      const grpc::Status status = service->UnaryCall(&context, request, &response);
      CHECK_MESSAGE(status.ok(), status.error_message());
      CHECK(response.payload().body() == std::string(static_cast<std::size_t>(size), '\0'));
    }
}

TEST_CASE("all kinds of streams") {
  auto service = stub();
  {
    Context context;
    StreamingOutputCallRequest request;
    for (const int size : {31415, 9, 2653, 58979}) request.add_response_parameters()->set_size(size);
    auto reader = service->StreamingOutputCall(&context, request);
    StreamingOutputCallResponse response;
    std::vector<std::size_t> sizes;
    while (reader->Read(&response)) sizes.push_back(response.payload().body().size());
    CHECK(reader->Finish().ok());
    CHECK(sizes == std::vector<std::size_t>{31415, 9, 2653, 58979});
  }
  {
    Context context;
    StreamingInputCallResponse response;
    auto writer = service->StreamingInputCall(&context, &response);
    StreamingInputCallRequest request;
    request.mutable_payload()->set_body(std::string(1000, 'x'));
    for (int sent = 0; sent < 100; ++sent) REQUIRE(writer->Write(request));
    writer->WritesDone();
    CHECK(writer->Finish().ok());
    CHECK(response.aggregated_payload_size() == 100'000);
  }
  {
    Context context;
    auto stream = service->FullDuplexCall(&context);
    for (const int size : {10, 100'000, 20}) {
      StreamingOutputCallRequest request;
      request.add_response_parameters()->set_size(size);
      REQUIRE(stream->Write(request));
      StreamingOutputCallResponse response;
      REQUIRE(stream->Read(&response));
      CHECK(response.payload().body().size() == static_cast<std::size_t>(size));
    }
    stream->WritesDone();
    CHECK(stream->Finish().ok());
  }
}

TEST_CASE("many threads share a channel") {
  auto service = stub();
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&] {
      for (int call = 0; call < 200; ++call) {
        Context context;
        SimpleRequest request;
        request.set_response_size(call);
        SimpleResponse response;
        if (service->UnaryCall(&context, request, &response).ok() &&
            response.payload().body().size() == static_cast<std::size_t>(call))
          ++good;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 800);
}

TEST_CASE("a failure has its code and message, a deadline is kept, and a cancelled call ends") {
  auto service = stub();
  {
    Context context;
    SimpleRequest request;
    request.mutable_response_status()->set_code(8);
    request.mutable_response_status()->set_message("so w\xc3\xa4re es 100%");
    SimpleResponse response;
    const grpc::Status status = service->UnaryCall(&context, request, &response);
    CHECK(status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(status.error_message() == "so w\xc3\xa4re es 100%");
  }
  for (const bool cancel : {false, true}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         (cancel ? std::chrono::seconds(30) : std::chrono::seconds(1)));
    StreamingOutputCallRequest request;
    request.add_response_parameters()->set_size(1);
    auto* late = request.add_response_parameters();
    late->set_size(1);
    late->set_interval_us(60'000'000);
    auto reader = service->StreamingOutputCall(&context, request);
    StreamingOutputCallResponse response;
    CHECK(reader->Read(&response));
    if (cancel) context.TryCancel();
    CHECK_FALSE(reader->Read(&response));
    CHECK(reader->Finish().error_code() ==
          (cancel ? grpc::StatusCode::CANCELLED : grpc::StatusCode::DEADLINE_EXCEEDED));
  }
}

// TestService: the public gRPC interop service, as the interop descriptions say.
#pragma once

#include "interop.weft.h"

namespace interop {

using SimpleRequest = grpc::testing::SimpleRequest;
using SimpleResponse = grpc::testing::SimpleResponse;
using InputRequest = grpc::testing::StreamingInputCallRequest;
using InputResponse = grpc::testing::StreamingInputCallResponse;
using OutputRequest = grpc::testing::StreamingOutputCallRequest;
using OutputResponse = grpc::testing::StreamingOutputCallResponse;

struct TestService final : grpc::testing::TestService {
  weft::Task<grpc::testing::Empty> empty_call(grpc::testing::Empty request) override;
  weft::Task<SimpleResponse> unary_call(SimpleRequest request) override;
  weft::Task<SimpleResponse> cacheable_unary_call(SimpleRequest request) override;
  weft::Stream<OutputResponse> streaming_output_call(OutputRequest request) override;
  weft::Task<InputResponse> streaming_input_call(weft::Stream<InputRequest> requests) override;
  weft::Stream<OutputResponse> full_duplex_call(weft::Stream<OutputRequest> requests) override;
  weft::Stream<OutputResponse> half_duplex_call(weft::Stream<OutputRequest> requests) override;
  // UnimplementedCall is not implemented.
};

}  // namespace interop

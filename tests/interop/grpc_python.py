"""What the tests with Debian's grpcio share: the modules of interop.proto and of health and reflection, made by protoc
into a folder of their own, and the test service in Python."""

import pathlib
import subprocess
import sys
import tempfile
import time

import grpc

HERE = pathlib.Path(__file__).parent
folder = tempfile.TemporaryDirectory()
subprocess.run(["protoc", f"-I{HERE}", f"--python_out={folder.name}", str(HERE / "interop.proto")], check=True)
sys.path.insert(0, folder.name)
import interop_pb2 as pb  # noqa: E402

METHODS = {name: (service_method.input_type, service_method.output_type)
           for name, service_method in pb.DESCRIPTOR.services_by_name["TestService"].methods_by_name.items()}


def message_class(descriptor):
    return getattr(pb, descriptor.name)


def stub(channel, name, service="grpc.testing.TestService", kind=None):
    """A call of the test service, of the kind that it is declared with."""
    requests, replies = METHODS[name]
    kind = kind or {"StreamingOutputCall": "unary_stream", "StreamingInputCall": "stream_unary",
                    "FullDuplexCall": "stream_stream", "HalfDuplexCall": "stream_stream"}.get(name, "unary_unary")
    return getattr(channel, kind)(f"/{service}/{name}", request_serializer=message_class(requests).SerializeToString,
                                  response_deserializer=message_class(replies).FromString)


def payload(size):
    return pb.Payload(body=bytes(size))


class TestService:
    """grpc.testing.TestService, as the public descriptions say, by grpcio."""

    __test__ = False

    @staticmethod
    def echo_metadata(context):
        sent = dict(context.invocation_metadata())
        if "x-grpc-test-echo-initial" in sent:
            context.send_initial_metadata([("x-grpc-test-echo-initial", sent["x-grpc-test-echo-initial"])])
        if "x-grpc-test-echo-trailing-bin" in sent:
            context.set_trailing_metadata(
                [("x-grpc-test-echo-trailing-bin", sent["x-grpc-test-echo-trailing-bin"])])

    @staticmethod
    def end_as_wanted(request, context):
        if request.HasField("response_status") and request.response_status.code:
            code = next(c for c in grpc.StatusCode if c.value[0] == request.response_status.code)
            context.abort(code, request.response_status.message)

    def EmptyCall(self, request, context):
        self.echo_metadata(context)
        return pb.Empty()

    def UnaryCall(self, request, context):
        self.echo_metadata(context)
        self.end_as_wanted(request, context)
        return pb.SimpleResponse(payload=payload(request.response_size))

    def StreamingOutputCall(self, request, context):
        self.echo_metadata(context)
        yield from self.outputs(request, context)

    def outputs(self, request, context):
        for wish in request.response_parameters:
            time.sleep(wish.interval_us / 1e6)
            yield pb.StreamingOutputCallResponse(payload=payload(wish.size))
        self.end_as_wanted(request, context)

    def StreamingInputCall(self, requests, context):
        self.echo_metadata(context)
        return pb.StreamingInputCallResponse(aggregated_payload_size=sum(len(r.payload.body) for r in requests))

    def FullDuplexCall(self, requests, context):
        self.echo_metadata(context)
        for request in requests:
            yield from self.outputs(request, context)

    def handlers(self):
        def handler(name):
            requests, replies = METHODS[name]
            kind = {"StreamingOutputCall": "unary_stream", "StreamingInputCall": "stream_unary",
                    "FullDuplexCall": "stream_stream"}.get(name, "unary_unary")
            return getattr(grpc, f"{kind}_rpc_method_handler")(
                getattr(self, name), message_class(requests).FromString, message_class(replies).SerializeToString)

        names = ("EmptyCall", "UnaryCall", "StreamingOutputCall", "StreamingInputCall", "FullDuplexCall")
        return grpc.method_handlers_generic_handler("grpc.testing.TestService", {n: handler(n) for n in names})

"""Debian's grpcio calls interop-server."""

import sys
import threading
import time

import grpc

from cases import case, run_cases
from grpc_python import payload, pb, stub
from server import Server

server = Server(sys.argv[1], "--listen", "127.0.0.1:0")
channel = grpc.insecure_channel(f"127.0.0.1:{server.port}")
LIMIT = 20  # seconds; a call that hangs fails the case


def same(got, expected):
    assert got == expected, f"got {got!r}, not {expected!r}"


def fails(code, function, *arguments, **options):
    try:
        result = function(*arguments, timeout=options.pop("timeout", LIMIT), **options)
        if hasattr(result, "__next__"):
            list(result)
    except grpc.RpcError as failure:
        same(failure.code(), code)
        return failure
    raise AssertionError(f"{code} was expected")


@case("unary calls, of no bytes and of many")
def _():
    same(stub(channel, "EmptyCall")(pb.Empty(), timeout=LIMIT), pb.Empty())
    unary = stub(channel, "UnaryCall")
    for up, down in ((0, 0), (1, 1), (271_828, 314_159), (4_000_000, 4_000_000)):
        reply = unary(pb.SimpleRequest(response_size=down, payload=payload(up)), timeout=LIMIT)
        same(len(reply.payload.body), down)


@case("many unary calls at once over one connection")
def _():
    unary = stub(channel, "UnaryCall")
    calls = [unary.future(pb.SimpleRequest(response_size=size), timeout=LIMIT) for size in range(1000)]
    for size, call in enumerate(calls):
        same(len(call.result().payload.body), size)


@case("streams of replies, of requests, and of both")
def _():
    sizes = [31415, 9, 2653, 58979]
    wishes = [pb.ResponseParameters(size=size) for size in sizes]
    replies = stub(channel, "StreamingOutputCall")(pb.StreamingOutputCallRequest(response_parameters=wishes), timeout=LIMIT)
    same([len(reply.payload.body) for reply in replies], sizes)
    sent = (pb.StreamingInputCallRequest(payload=payload(size)) for size in sizes)
    same(stub(channel, "StreamingInputCall")(sent, timeout=LIMIT).aggregated_payload_size, sum(sizes))
    one_each = (pb.StreamingOutputCallRequest(response_parameters=[wish]) for wish in wishes)
    replies = stub(channel, "FullDuplexCall")(one_each, timeout=LIMIT)
    same([len(reply.payload.body) for reply in replies], sizes)
    same(list(stub(channel, "FullDuplexCall")(iter(()), timeout=LIMIT)), [])
    half = (pb.StreamingOutputCallRequest(response_parameters=[wish]) for wish in wishes)
    same([len(r.payload.body) for r in stub(channel, "HalfDuplexCall")(half, timeout=LIMIT)], sizes)


@case("a reply comes before the next request is sent")
def _():
    answered = threading.Event()

    def ask():
        for size in 10, 20, 30:
            yield pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=size)])
            assert answered.wait(LIMIT)
            answered.clear()

    got = []
    for reply in stub(channel, "FullDuplexCall")(ask(), timeout=LIMIT):
        got.append(len(reply.payload.body))
        answered.set()
    same(got, [10, 20, 30])


@case("metadata goes both ways, as text and as bytes")
def _():
    sent = [("x-grpc-test-echo-initial", "a value"), ("x-grpc-test-echo-trailing-bin", b"\x00\xab\xff")]
    call = stub(channel, "UnaryCall").with_call
    _, call = call(pb.SimpleRequest(), metadata=sent, timeout=LIMIT)
    same(dict(call.initial_metadata())["x-grpc-test-echo-initial"], "a value")
    same(dict(call.trailing_metadata())["x-grpc-test-echo-trailing-bin"], b"\x00\xab\xff")
    failure = fails(grpc.StatusCode.ABORTED, stub(channel, "UnaryCall"),
                    pb.SimpleRequest(response_status=pb.EchoStatus(code=10, message="no")), metadata=sent)
    same(dict(failure.trailing_metadata())["x-grpc-test-echo-trailing-bin"], b"\x00\xab\xff")


@case("a failure arrives with its code and its message, whatever that holds")
def _():
    for code in grpc.StatusCode:
        if code is grpc.StatusCode.OK:
            continue
        message = f"ünicode 🚀 100% \t\r\n {code.name}"
        failure = fails(code, stub(channel, "UnaryCall"),
                        pb.SimpleRequest(response_status=pb.EchoStatus(code=code.value[0], message=message)))
        same(failure.details(), message)
    wish = pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=5)],
                                         response_status=pb.EchoStatus(code=9, message="late"))
    same(fails(grpc.StatusCode.FAILED_PRECONDITION, stub(channel, "StreamingOutputCall"), wish).details(), "late")


@case("what is not there is unimplemented, and nothing else is disturbed")
def _():
    fails(grpc.StatusCode.UNIMPLEMENTED, stub(channel, "UnimplementedCall"), pb.Empty())
    fails(grpc.StatusCode.UNIMPLEMENTED, stub(channel, "EmptyCall", service="no.such.Service"), pb.Empty())
    fails(grpc.StatusCode.UNIMPLEMENTED, channel.unary_unary("/grpc.testing.TestService/emptycall"), b"")
    same(stub(channel, "EmptyCall")(pb.Empty(), timeout=LIMIT), pb.Empty())


@case("bad requests are refused: too large, not to be parsed, of an unknown type")
def _():
    fails(grpc.StatusCode.RESOURCE_EXHAUSTED, stub(channel, "UnaryCall"), pb.SimpleRequest(payload=payload(4 << 20)))
    fails(grpc.StatusCode.INTERNAL, channel.unary_unary("/grpc.testing.TestService/UnaryCall"), b"\x0a\xff\xff")
    fails(grpc.StatusCode.INVALID_ARGUMENT, stub(channel, "UnaryCall"), pb.SimpleRequest(response_type=7))


@case("a deadline ends a call, on both sides")
def _():
    wish = pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=1, interval_us=30_000_000)])
    start = time.monotonic()
    fails(grpc.StatusCode.DEADLINE_EXCEEDED, stub(channel, "StreamingOutputCall"), wish, timeout=0.2)
    assert time.monotonic() - start < 10


@case("a cancelled call leaves its connection in order")
def _():
    for _ in range(20):
        wish = pb.StreamingOutputCallRequest(
            response_parameters=[pb.ResponseParameters(size=1000), pb.ResponseParameters(size=1, interval_us=30_000_000)])
        call = stub(channel, "StreamingOutputCall")(wish, timeout=LIMIT)
        same(len(next(call).payload.body), 1000)
        call.cancel()
    same(stub(channel, "EmptyCall")(pb.Empty(), timeout=LIMIT), pb.Empty())


@case("compressed requests are read, and replies are compressed when they are asked to be")
def _():
    for compression in grpc.Compression.Gzip, grpc.Compression.Deflate:
        request = pb.SimpleRequest(response_size=100_000, payload=payload(100_000),
                                   expect_compressed=pb.BoolValue(value=True),
                                   response_compressed=pb.BoolValue(value=True))
        reply = stub(channel, "UnaryCall")(request, timeout=LIMIT, compression=compression)
        same(len(reply.payload.body), 100_000)
    fails(grpc.StatusCode.INVALID_ARGUMENT, stub(channel, "UnaryCall"),
          pb.SimpleRequest(payload=payload(1000), expect_compressed=pb.BoolValue(value=True)))


def health(method, service):
    request = b"\x0a" + bytes([len(service)]) + service.encode() if service else b""
    return getattr(channel, "unary_stream" if method == "Watch" else "unary_unary")(
        f"/grpc.health.v1.Health/{method}")(request, timeout=LIMIT)


@case("health is told of the server and of its services")
def _():
    for service in "", "grpc.testing.TestService", "grpc.health.v1.Health"[:0]:
        same(health("Check", service), b"\x08\x01")
    fails(grpc.StatusCode.NOT_FOUND, lambda timeout: health("Check", "no.such.Service"))
    watch = health("Watch", "no.such.Service")
    same(next(watch), b"\x08\x03")
    watch.cancel()


@case("reflection lists the services and knows their files, by both of its names")
def _():
    for version in "v1", "v1alpha":
        ask = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")

        def field(number, text):
            return bytes([number << 3 | 2, len(text)]) + text

        listed, found, missing = ask(iter([field(7, b""), field(4, b"grpc.health.v1.Health.Check"),
                                           field(4, b"no.such.Symbol")]), timeout=LIMIT)
        for name in b"grpc.testing.TestService", b"grpc.health.v1.Health", b"grpc.reflection.v1.ServerReflection":
            assert name in listed, f"{name} is not in {listed}"
        assert b"grpc/health/v1/health.proto" in found and b"SERVICE_UNKNOWN" in found
        assert b"no.such.Symbol" in missing


@case("at the end the server says that it does not serve, ends watches, and lets running calls end")
def _():
    wish = pb.StreamingOutputCallRequest(response_parameters=[pb.ResponseParameters(size=7, interval_us=1_000_000)])
    running = stub(channel, "StreamingOutputCall")(wish, timeout=LIMIT)
    watch = health("Watch", "")
    same(next(watch), b"\x08\x01")
    stopped = []
    stop = threading.Thread(target=lambda: stopped.append(server.stop()))
    stop.start()
    same(next(watch), b"\x08\x02")
    same([len(reply.payload.body) for reply in running], [7])
    stop.join(LIMIT)
    same(stopped, [0])


run_cases()

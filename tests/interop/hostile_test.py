"""Bytes that no honest client sends, on plain sockets against interop-server: it refuses them, and lives."""

import random
import struct
import sys

from cases import case, run_cases
from server import Server
from wire import BINARY, CALL, EXCEPTION, I64, INVALID_MESSAGE_TYPE, LIST, MAP, PROTOCOL_ERROR, REPLY, SET, STRUCT
from wire import call, exception_type, framed, is_closed, message, ping, pong, receive, text, varint

server = Server(sys.argv[1], "--listen", "127.0.0.1:0")


def expect_pong(sock, word="on", sequence=7):
    sock.sendall(ping(word, sequence))
    assert receive(sock) == (REPLY, sequence, "ping", pong(word))


def expect_closed(stream):
    """The connection that sends this is closed without a word; others are served."""
    with server.connect(timeout=5) as sock, server.connect() as other:
        try:
            sock.sendall(stream)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert is_closed(sock), stream[:40].hex()
        expect_pong(other)


def expect_exception(sock, request, type_, sequence=1):
    sock.sendall(request)
    kind, got, _, payload = receive(sock)
    assert (kind, got, exception_type(payload)) == (EXCEPTION, sequence, type_), request[:60].hex()


@case("lengths that are negative, zero or beyond the limit end the connection")
def _():
    for length in -1, -(2**31), -16, 0, 16_384_001, 16_777_216, 2**31 - 1:
        expect_closed(struct.pack(">i", length))
        expect_closed(struct.pack(">i", length) + b"x" * 100)


@case("a bad length after a good request: the request is still answered")
def _():
    with server.connect(timeout=5) as sock:
        sock.sendall(ping("first", 3) + struct.pack(">i", -5))
        assert receive(sock) == (REPLY, 3, "ping", pong("first"))
        assert is_closed(sock)


@case("a frame of exactly the limit is read")
def _():
    size = 16_384_000 - len(message(CALL, "echo_binary", b"\x18" + varint(16_000_000) + b"\0"))
    with server.connect() as sock:
        sock.sendall(call("nothing", b"\x18" + text(b"z" * size) + b"\0") + b"")
        assert receive(sock)[:3] == (REPLY, 1, "nothing")
        expect_pong(sock)


@case("another protocol or version ends the connection")
def _():
    for protocol, version in (0x81, 1), (0x80, 1), (0x00, 1), (0xFF, 1), (0x82, 0), (0x82, 2), (0x82, 31):
        expect_closed(framed(message(CALL, "ping", protocol=protocol, version=version)))
    expect_closed(framed(b"\x80\x01\0\x01\0\0\0\x04ping\0\0\0\0\0"))  # framed binary


@case("peers that speak something else altogether are let go")
def _():
    for stream in (
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(100),
        b"\x80\x01\0\x01\0\0\0\x04ping\0\0\0\0\0",
        message(CALL, "ping"),
        b"BIGF" + bytes(12),
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ):
        expect_closed(stream)


@case("truncated message headers end the connection")
def _():
    whole = message(CALL, "ping", sequence=300)
    for size in range(1, len(whole) - 1):
        expect_closed(framed(whole[:size]))


@case("message headers that lie about the name, or have an endless sequence id")
def _():
    start = b"\x82\x21"
    for rest in (
        b"\x01" + varint(2**31 - 1) + b"ping\0",
        b"\x01" + varint(2**35 + 4) + b"ping\0",
        b"\x01" + b"\xff" * 11 + b"ping\0",
        b"\x80" * 12 + b"\x04ping\0",
        b"\xff" * 9 + b"\x01\x04ping\0",
        b"\x01" + text("x" * 5000) + b"\0",
    ):
        expect_closed(framed(start + rest))


@case("message types that no client may send are refused, and the connection lives")
def _():
    with server.connect() as sock:
        for kind in 0, 2, 3, 5, 6, 7:
            expect_exception(sock, call("ping", b"\x18\x01a\0", 5, kind), INVALID_MESSAGE_TYPE, 5)
        expect_pong(sock)


@case("arguments that cannot be decoded are a protocol error, and the connection lives")
def _():
    bad = {
        "no stop byte": b"",
        "a string longer than the frame": b"\x18\x7fab\0",
        "a string of 2^31-1 bytes": b"\x18" + varint(2**31 - 1) + b"ab\0",
        "a string of 2^35 bytes": b"\x18" + varint(2**35) + b"\0",
        "a string of 2^63 bytes": b"\x18" + varint(2**63) + b"\0",
        "an endless varint": b"\x18" + b"\xff" * 11 + b"\0",
        "a varint that does not end": b"\x15" + b"\xff" * 4,
        "a type that does not exist": b"\x1e\0",
        "another one": b"\x1f\0",
        "a long field id that does not end": b"\x08\xff",
        "a field id beyond 16 bits": b"\x08" + varint(2**20) + b"\0\0",
        "elements of a type that does not exist": b"\x19\x1f\0\0",
        "an unknown double that is cut": b"\x57\0\0\0",
        "an unknown map of unknown types": b"\x5b\x01\xff\0\0",
    }
    with server.connect() as sock:
        for name, arguments in bad.items():
            try:
                expect_exception(sock, call("ping", arguments), PROTOCOL_ERROR)
            except (AssertionError, EOFError) as error:
                raise AssertionError(f"{name}: {error}") from error
        expect_pong(sock)


@case("a message that claims more than its frame does not read on into the next one")
def _():
    with server.connect() as sock:
        sock.sendall(call("ping", b"\x18\x20ab") + ping("the next frame", 2))
        assert receive(sock)[0] == EXCEPTION
        assert receive(sock) == (REPLY, 2, "ping", pong("the next frame"))


@case("containers that claim billions of elements in twenty bytes are refused")
def _():
    huge = varint(2**31 - 1)
    bombs = [("echo_nest", bytes([field << 4 | kind])) for field, kind in ((1, LIST), (4, SET), (11, LIST))]
    with server.connect() as sock:
        for element in STRUCT, LIST, MAP, I64, BINARY, 1:
            header = bytes([0xF0 | element])
            for name, field in [*bombs, ("sum", b"\x19"), ("echo_bools", b"\x19"), ("echo_set", b"\x1a"), ("ping", b"\x59")]:
                body = (b"\x1c" + field if name == "echo_nest" else field) + header + huge
                expect_exception(sock, call(name, body + b"\0\0\0"), PROTOCOL_ERROR)
        for types in 0x88, 0x86, 0xCC, 0xBB, 0x11:
            for name, field in ("echo_counts", b"\x1b"), ("ping", b"\x5b"):
                expect_exception(sock, call(name, field + huge + bytes([types]) + b"\0\0\0"), PROTOCOL_ERROR)
        # Negative as 32 bits, and zero when cut to them.
        for size in 2**32 - 1, 2**31, 2**32, 2**35, 2**64 - 1:
            expect_exception(sock, call("sum", b"\x19\xf6" + varint(size) + b"\0\0"), PROTOCOL_ERROR)
        expect_pong(sock)
    assert server.memory() < 200, f"{server.memory()} MB"


@case("nesting beyond the limit is refused, read or skipped, and 16 MB of it does not overflow the stack")
def _():
    def tree(depth):
        return b"\x1c" + b"\x15\x02\x19\x1c" * depth + b"\0" * (depth + 2)

    with server.connect() as sock:
        sock.sendall(call("echo_tree", tree(20)))
        assert receive(sock)[0] == REPLY
        for depth in 70, 10_000, 1_000_000:
            expect_exception(sock, call("echo_tree", tree(depth)), PROTOCOL_ERROR)
            expect_exception(sock, call("echo_pick", b"\x1c" + b"\x49\x1c" * depth + b"\0" * depth), PROTOCOL_ERROR)
        for step in b"\x5c", b"\x59\x19" + b"\x19" * 30, b"\x5b\x01\xbb" + b"\x01\xbb" * 30:
            expect_exception(sock, call("ping", step * (10_000_000 // len(step))), PROTOCOL_ERROR)
        expect_pong(sock)


@case("random bytes in whole frames, and random damage to good requests")
def _():
    generator = random.Random(20261)
    requests = [ping("seed"), call("sum", b"\x19\x36\x02\x04\x06\0"), call("echo_tree", b"\x1c\x15\x02\x19\x1c\x15\x04\x19\x0c\0\0\0")]
    for _ in range(400):
        request = bytearray(generator.choice(requests))
        if generator.random() < 0.3:
            request[4:] = generator.randbytes(len(request) - 4)
        for _ in range(generator.randrange(1, 4)):
            request[generator.randrange(4, len(request))] = generator.randrange(256)
        with server.connect(timeout=5) as sock:
            sock.sendall(bytes(request) + ping("after", 99))
            # Either it is refused and the connection ends, or whatever it was, the next one is answered.
            try:
                while receive(sock)[1:] != (99, "ping", pong("after")):
                    pass
            except (EOFError, ConnectionResetError):
                pass
    with server.connect() as sock:
        expect_pong(sock)


with server:
    run_cases()

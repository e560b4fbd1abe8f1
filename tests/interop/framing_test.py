"""Streams of frames that are legal and not what most clients send, on plain sockets against interop-server."""

import socket
import sys
import time

from cases import case, run_cases
from server import Server
from wire import CALL, EXCEPTION, INTERNAL_ERROR, ONEWAY, REPLY, UNKNOWN_METHOD
from wire import call, exception_type, is_closed, ping, pong, receive, zigzag

server = Server(sys.argv[1], "--listen", "127.0.0.1:0")


def slow(ms, token, sequence):
    return call("slow", b"\x15" + zigzag(ms) + b"\x16" + zigzag(token) + b"\0", sequence)


def slow_reply(token):
    return b"\x06\0" + zigzag(token) + b"\0"


def expect_pong(sock, word, sequence=1):
    assert receive(sock) == (REPLY, sequence, "ping", pong(word))


@case("a request that comes byte by byte")
def _():
    with server.connect() as sock:
        for word in "slow", "slower":
            for byte in ping(word):
                sock.sendall(bytes([byte]))
                time.sleep(0.001)
            expect_pong(sock, word)


@case("a thousand requests in one segment, answered in order")
def _():
    with server.connect() as sock:
        sock.sendall(b"".join(ping(str(i), i) for i in range(1000)))
        for i in range(1000):
            expect_pong(sock, str(i), i)


@case("segments that end anywhere in a frame")
def _():
    stream = b"".join(ping("x" * i, i) for i in range(50))
    for step in 3, 7, 41, 333:
        with server.connect() as sock:
            for at in range(0, len(stream), step):
                sock.sendall(stream[at : at + step])
            for i in range(50):
                expect_pong(sock, "x" * i, i)


@case("replies keep the order of their requests, even when a later one is ready first")
def _():
    with server.connect() as sock:
        sock.sendall(slow(300, 1, 10) + ping("a", 11) + slow(100, 2, 12) + call("nope", sequence=13) + ping("b", 14))
        assert receive(sock) == (REPLY, 10, "slow", slow_reply(1))
        expect_pong(sock, "a", 11)
        assert receive(sock) == (REPLY, 12, "slow", slow_reply(2))
        assert receive(sock)[:3] == (EXCEPTION, 13, "nope")
        expect_pong(sock, "b", 14)


@case("slow calls of one connection run side by side")
def _():
    with server.connect() as sock:
        start = time.monotonic()
        sock.sendall(b"".join(slow(400, i, i) for i in range(100)))
        for i in range(100):
            assert receive(sock) == (REPLY, i, "slow", slow_reply(i))
        assert time.monotonic() - start < 2


@case("sequence ids are copied: zero for all, negative, large")
def _():
    with server.connect() as sock:
        for sequence in 0, 0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF:
            sock.sendall(ping("s", sequence))
            expect_pong(sock, "s", sequence)


@case("two hundred connections at once, each answered its own")
def _():
    socks = [server.connect() for _ in range(200)]
    for round_ in range(3):
        for i, sock in enumerate(socks):
            sock.sendall(ping(f"{round_}:{i}", i))
        for i, sock in enumerate(socks):
            expect_pong(sock, f"{round_}:{i}", i)
    for sock in socks:
        sock.close()


@case("a client that ends its side gets its answers before the server ends its own")
def _():
    with server.connect() as sock:
        sock.sendall(slow(200, 5, 1) + ping("after", 2))
        sock.shutdown(socket.SHUT_WR)
        assert receive(sock) == (REPLY, 1, "slow", slow_reply(5))
        expect_pong(sock, "after", 2)
        assert is_closed(sock)


@case("an unknown method is an exception, and the connection lives")
def _():
    with server.connect() as sock:
        for name in "nope", "Ping", "ping ", "", "Annex", "Annex:", "annex:ping", "x" * 1000:
            sock.sendall(call(name, b"\x18\x03abc\x15\x02\0", 9))
            kind, sequence, echoed, payload = receive(sock)
            assert (kind, sequence, echoed) == (EXCEPTION, 9, name), (kind, sequence, echoed)
            assert exception_type(payload) == UNKNOWN_METHOD, name
        sock.sendall(ping("on"))
        expect_pong(sock, "on")


@case("oneway messages are never answered, whatever they ask for")
def _():
    with server.connect() as sock:
        token = b"\x16" + zigzag(5) + b"\0"
        sock.sendall(call("poke", token, 1, ONEWAY))
        sock.sendall(call("poke", token, 2, CALL))  # as older clients send it
        sock.sendall(call("nope", token, 3, ONEWAY))
        sock.sendall(call("may_throw", b"\x15\x02\0", 4, ONEWAY))
        sock.sendall(call("ping", b"\x18\x7f\0", 5, ONEWAY))  # undecodable
        sock.sendall(call("pokes", token, 6))
        assert receive(sock) == (REPLY, 6, "pokes", b"\x06\0" + zigzag(2) + b"\0")


@case("missing arguments have their defaults, unknown and mistyped ones are skipped")
def _():
    with server.connect() as sock:
        sock.sendall(call("ping", b"\0", 1))
        expect_pong(sock, "")
        nested = b"\x3c\x19\x2c\x15\x02\0\0\x1b\x01\x85\x01x\x02\0\0"  # a struct with a list of structs and a map
        sock.sendall(call("ping", b"\x18\x01a" + nested, 2))
        expect_pong(sock, "a", 2)
        sock.sendall(call("ping", b"\x15\x02\0", 3))
        expect_pong(sock, "", 3)


@case("what is behind the arguments in a frame is ignored")
def _():
    with server.connect() as sock:
        sock.sendall(call("ping", b"\x18\x01a\0" + ping("hidden"), 1) + ping("next", 2))
        expect_pong(sock, "a", 1)
        expect_pong(sock, "next", 2)


@case("a reply that no frame can hold is an internal error")
def _():
    with server.connect() as sock:
        sock.sendall(call("make_blob", b"\x15" + zigzag(15_728_641) + b"\0", 3) + ping("on", 4))
        kind, sequence, name, payload = receive(sock)
        assert (kind, sequence, name, exception_type(payload)) == (EXCEPTION, 3, "make_blob", INTERNAL_ERROR)
        expect_pong(sock, "on", 4)


@case("the server ends while calls run: they are answered first, and nobody new is let in")
def _():
    with server.connect() as busy, server.connect() as idle:
        busy.sendall(slow(600, 1, 1) + slow(300, 2, 2))
        time.sleep(0.1)
        server.process.terminate()
        assert receive(busy) == (REPLY, 1, "slow", slow_reply(1))
        assert receive(busy) == (REPLY, 2, "slow", slow_reply(2))
        assert is_closed(busy) and is_closed(idle)


with server:
    run_cases()

"""Weft's client, as thrift-probe, against peers that misbehave: what it makes of each."""

import re
import socket
import struct
import subprocess
import sys
import time

from cases import case, run_cases
from scripted_peer import Peer, hang, later, replies, reply
from wire import CALL, EXCEPTION, framed, message, pong, text, varint, zigzag

PROBE = sys.argv[1]


def run(port, what, timeout_ms=1500, transport="framed"):
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--transport", transport, "--timeout-ms", str(timeout_ms)]
    done = subprocess.run([PROBE, *arguments, what], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"exit status {done.returncode}: {done.stderr}"
    assert done.stdout.count("\n") == 1 and done.stdout.endswith("\n"), done.stdout
    return done.stdout[:-1]


def expect(script, pattern, what="ping", **options):
    with Peer(script) as peer:
        line = run(peer.port, what, **options)
    assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"
    return peer


def word(payload):
    return payload[2 : 2 + payload[1]].decode()


def right(sequence, name, payload):
    return reply(sequence, name, pong(word(payload)))


def exception(type_, words="why"):
    return b"\x18" + text(words) + b"\x15" + zigzag(type_) + b"\0"


def closes_after(count_of_bytes):
    """Sends the start of a right reply, and hangs up."""

    def script(sock, _, next_request):
        _, sequence, name, payload = next_request()
        sock.sendall(right(sequence, name, payload)[:count_of_bytes])

    return script


@case("a right reply")
def _():
    expect(replies(right), "OK pong:hello")


@case("nobody listens")
def _():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert run(port, "ping").startswith("ERR transport")


@case("a peer that says nothing is a timeout, and takes no longer than that")
def _():
    start = time.monotonic()
    expect(hang, "ERR timeout", timeout_ms=300)
    assert time.monotonic() - start < 2


@case("a peer that hangs up, before the request, in its reply's length or in its reply")
def _():
    expect(lambda *_: None, "ERR transport .*")
    for size in 0, 1, 3, 4, 5, 10, 20:
        expect(closes_after(size), "ERR transport .*")


@case("a reply byte by byte")
def _():
    def script(sock, _, next_request):
        _, sequence, name, payload = next_request()
        for byte in right(sequence, name, payload):
            sock.sendall(bytes([byte]))
            time.sleep(0.002)
        hang(sock)

    expect(script, "OK pong:hello")


@case("lengths that no frame has")
def _():
    for length in -1, -(2**31), 0, 16_384_001, 2**31 - 1:
        expect(replies(lambda *_: struct.pack(">i", length) + b"x" * 20), "ERR protocol .*")


@case("garbage")
def _():
    for junk in b"\0" * 100, b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 100, framed(b"\xff" * 50), framed(b"\x82"), framed(b"{}"):
        expect(replies(lambda *_: junk), "ERR protocol .*")
    expect(replies(lambda sequence, name, payload: framed(message(2, name, b"\0", sequence, version=2))), "ERR protocol .*")
    expect(replies(lambda sequence, name, payload: framed(message(2, name, b"\0", sequence, protocol=0x80))), "ERR protocol .*")


@case("a reply to another call: its sequence id, its name")
def _():
    expect(replies(lambda sequence, name, payload: right(sequence + 1, name, payload)), "ERR application 4 .*")
    expect(replies(lambda sequence, name, payload: reply(sequence, "pong", pong("hello"))), "ERR application 3 .*")
    expect(replies(lambda sequence, name, payload: reply(sequence, "Ping", pong("hello"))), "ERR application 3 .*")


@case("messages that are no replies")
def _():
    for kind in 0, CALL, 4, 5, 7:
        expect(replies(lambda sequence, name, payload: reply(sequence, name, pong("hello"), kind)), "ERR application 2 .*")


@case("application exceptions, also with fields missing or unknown")
def _():
    for type_ in 0, 1, 5, 6, 7, 10, 99, -4:
        expect(replies(lambda sequence, name, _: reply(sequence, name, exception(type_), EXCEPTION)), f"ERR application {type_} why")
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\0", EXCEPTION)), "ERR application 0 .*")
    odd = b"\x15\x0c" + b"\x3c\x15\x02\0" + b"\0"  # a number where the text should be; an unknown struct
    expect(replies(lambda sequence, name, _: reply(sequence, name, odd, EXCEPTION)), "ERR application 0 .*")
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\x18\x7f", EXCEPTION)), "ERR protocol .*")


@case("a result that is missing, of another type, cut, or too long for its frame")
def _():
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\0")), "ERR application 5 .*")
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\x05\0\x02\0")), "ERR (application 5|protocol) .*")
    for result in b"", b"\x08\0", b"\x08\0\x7fabc\0", b"\x08\0" + varint(2**31 - 1) + b"a\0", b"\x0e\0\0":
        expect(replies(lambda sequence, name, _: reply(sequence, name, result)), "ERR protocol .*")


@case("a void reply may be empty, and holds no more than that")
def _():
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\0")), "OK", "nothing")
    expect(replies(lambda sequence, name, _: reply(sequence, name, b"\x05\0\x02\0")), "OK", "nothing")


@case("declared exceptions, and one that this method does not declare")
def _():
    not_found = b"\x1c\x18" + text("k") + b"\x15\x02\0\0"
    expect(replies(lambda sequence, name, _: reply(sequence, name, not_found)), "ERR declared NotFound", "throw1")
    expect(replies(lambda sequence, name, _: reply(sequence, name, not_found)), "ERR declared NotFound", "voidthrow")
    expect(replies(lambda sequence, name, _: reply(sequence, name, not_found)), "ERR application 5 .*", "ping")


@case("a late reply is not taken for the next call's")
def _():
    def script(sock, number, next_request):
        _, sequence, name, payload = next_request()
        time.sleep(0.6)  # the client has given it up
        sock.sendall(right(sequence, name, payload))
        replies(right)(sock, number, next_request)

    expect(script, "ERR timeout; OK pong:second", "twice", timeout_ms=400)


@case("after a loss the next call connects again")
def _():
    def script(sock, number, next_request):
        if number == 1:
            next_request()
        else:
            replies(right)(sock, number, next_request)

    peer = expect(script, "ERR transport .*; OK pong:second", "twice")
    assert peer.connections == 2


@case("after a broken reply the next call connects again")
def _():
    def script(sock, number, next_request):
        if number == 1:
            next_request()
            sock.sendall(b"\xff" * 20)
            hang(sock)
        else:
            replies(right)(sock, number, next_request)

    peer = expect(script, "ERR protocol .*; OK pong:second", "twice")
    assert peer.connections == 2


@case("two calls in flight, answered in either order and in one segment")
def _():
    for first, second in (0, 1), (1, 0):

        def script(sock, _, next_request):
            requests = [next_request()[1:], next_request()[1:]]
            sock.sendall(right(*requests[first]) + right(*requests[second]))
            hang(sock)

        expect(script, "OK pong:a; OK pong:b", "pair")


@case("one reply answers one call, not two")
def _():
    def script(sock, _, next_request):
        first = next_request()[1:]
        next_request()
        sock.sendall(right(*first) + right(*first))
        hang(sock)

    expect(script, "OK pong:a; ERR application 4 .*", "pair", timeout_ms=800)


@case("a peer that answers slowly is waited for")
def _():
    expect(later(0.3, right), "OK pong:first; OK pong:second", "twice", timeout_ms=1000)


@case("a peer that reads nothing while a hundred calls wait")
def _():
    expect(lambda sock, *_: time.sleep(1.2), "ERR timeout", "many", timeout_ms=500)


@case("THeader is not spoken yet, and the probe says so")
def _():
    assert run(1, "ping", transport="header") == "ERR transport header is not supported yet"


run_cases()

"""Peers that want interop-server's memory: it grows by less than 300 MB, and goes on serving others meanwhile."""

import functools
import threading
import time
from contextlib import ExitStack

from cases import case, run_cases
from watched import many, watched
from wire import LIST, MAP, PROTOCOL_ERROR, REPLY, STRUCT, call, exception_type, receive, varint, zigzag

GROWTH_MAX = 300  # MB
FRAME_MAX = 16_384_000
watched = functools.partial(watched, growth_max=GROWTH_MAX)


@case("frames of 16 MB that two hundred connections announce and never send")
def _():
    with watched("announced") as server, ExitStack() as stack:
        for sock in many(server, stack, 200):
            sock.sendall(FRAME_MAX.to_bytes(4, "big") + b"\x82\x21\x01\x04ping\x18")
        time.sleep(1)


@case("frames of 16 MB of which two hundred connections send one megabyte each")
def _():
    with watched("begun") as server, ExitStack() as stack:
        socks = many(server, stack, 200)
        piece = FRAME_MAX.to_bytes(4, "big") + b"\x82\x21\x01\x04ping\x18" + varint(15_000_000) + bytes(1 << 20)
        for sock in socks:
            sock.setblocking(False)
        for at in range(0, len(piece), 65536):
            for sock in socks:
                try:
                    sock.send(piece[at : at + 65536])
                except BlockingIOError:
                    pass  # the server does not read it; so much the better
        time.sleep(1)


@case("large frames that come slowly and side by side are all answered")
def _():
    with watched("slow writers") as server, ExitStack() as stack:
        socks = many(server, stack, 8, timeout=30)
        size = 4_000_000
        frame = call("echo_binary", b"\x18" + varint(size) + bytes(size) + b"\0")

        def send_slowly(sock):
            for at in range(0, len(frame), 100_000):
                sock.sendall(frame[at : at + 100_000])
                time.sleep(0.02)

        threads = [threading.Thread(target=send_slowly, args=(sock,)) for sock in socks]
        for thread in threads:
            thread.start()
        for sock, thread in zip(socks, threads):
            assert receive(sock)[0] == REPLY
            thread.join()


@case("large frames from many at once, more than the server holds, are all answered in the end")
def _():
    with watched("many large frames") as server, ExitStack() as stack:
        socks = many(server, stack, 24, timeout=40)
        size = 12_000_000
        frame = call("nothing", b"\x18" + varint(size) + bytes(size) + b"\0")
        threads = [threading.Thread(target=sock.sendall, args=(frame,)) for sock in socks]
        for thread in threads:
            thread.start()
        for sock, thread in zip(socks, threads):
            assert receive(sock)[:3] == (REPLY, 1, "nothing")
            thread.join()


@case("fifteen megabytes for each of a hundred peers that do not read")
def _():
    with watched("untaken replies") as server, ExitStack() as stack:
        for sock in many(server, stack, 100, receive_buffer=4096):
            sock.sendall(call("make_blob", b"\x15" + zigzag(15 << 20) + b"\0") * 20)
        time.sleep(6)


@case("small requests without end from peers that do not read")
def _():
    with watched("untaken small replies") as server, ExitStack() as stack:
        socks = many(server, stack, 20, receive_buffer=4096)
        piece = b"".join(call("echo_string", b"\x18" + varint(1000) + b"e" * 1000 + b"\0", i) for i in range(60))
        for sock in socks:
            sock.setblocking(False)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            for sock in socks:
                try:
                    sock.send(piece)
                except OSError:
                    pass  # full, or disconnected
            time.sleep(0.001)


@case("a peer that reads slowly gets all of what it asked for")
def _():
    with watched("slow reader") as server, server.connect(timeout=30, receive_buffer=65536) as sock:
        sock.sendall(call("make_blob", b"\x15" + zigzag(8_000_000) + b"\0") * 4)
        for _ in range(4):
            time.sleep(0.5)
            kind, _, _, payload = receive(sock)
            assert kind == REPLY and len(payload) > 8_000_000 and payload.endswith(b"\x5a" * 1000 + b"\0")


def bombs():
    """Legal frames of 16 MB whose values want far more memory than their bytes."""
    count = 16_000_000

    def elements(kind, data=None, number=count):
        return bytes([0xF0 | kind]) + varint(number) + (data or bytes(number))

    yield "empty structs", "echo_nest", b"\x1c\xb9" + elements(STRUCT) + b"\0\0"
    yield "trees", "echo_tree", b"\x1c\x15\0\x19" + elements(STRUCT) + b"\0\0"
    yield "unions", "echo_pick", b"\x1c\x49" + elements(STRUCT) + b"\0\0"
    yield "strings", "echo_nest", b"\x1c\xa9" + elements(8) + b"\0\0"
    yield "lists", "echo_nest", b"\x1c\x19" + elements(LIST) + b"\0\0"
    yield "maps", "echo_nest", b"\x1c\x39" + elements(MAP) + b"\0\0"
    yield "numbers", "sum", b"\x19" + elements(6) + b"\0"
    yield "set elements", "echo_set", b"\x1a\xf5" + varint(4_000_000) + b"".join(zigzag(i) for i in range(4_000_000)) + b"\0"
    pairs = b"".join(b"\x04" + i.to_bytes(4, "big") + b"\0" for i in range(2_500_000))
    yield "map entries", "echo_counts", b"\x1b" + varint(2_500_000) + b"\x86" + pairs + b"\0"
    yield "skipped structs", "ping", b"\x59" + elements(STRUCT) + b"\0"
    each = elements(LIST, b"\x05" * 1, 15_000_000)
    yield "lists that each claim the rest", "echo_nest", b"\x1c\x19\xf9" + varint(1000) + (each * 1000) + b"\0\0"


for name, method, arguments in bombs():

    @case(f"a legal frame that holds millions of {name}")
    def _(name=name, method=method, arguments=arguments):
        with watched(name) as server, server.connect(timeout=30) as sock:
            assert len(arguments) < FRAME_MAX - 100
            for sequence in 1, 2:
                sock.sendall(call(method, arguments, sequence))
                kind, got, _, payload = receive(sock)
                assert got == sequence
                assert kind == REPLY or exception_type(payload) in (6, PROTOCOL_ERROR), (kind, payload[:50])


if __name__ == "__main__":
    run_cases()

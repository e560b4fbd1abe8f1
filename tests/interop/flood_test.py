"""Peers that want interop-server's memory: it grows by less than 300 MB, and goes on serving others meanwhile."""

import os
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

from cases import case, run_cases
from server import Server
from wire import LIST, MAP, PROTOCOL_ERROR, REPLY, STRUCT, call, exception_type, ping, pong, receive, varint, zigzag

GROWTH_MAX = 300  # MB
FRAME_MAX = 16_384_000
# Memory that the server only reserves must not count: meson asks malloc to fill all of it. And the address sanitizer
# would keep up to 256 MB of what was freed.
os.environ.pop("MALLOC_PERTURB_", None)
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=16"


class Witness:
    """Another client, on a connection of its own: pings until it is told to stop, and notes the longest wait."""

    def __init__(self, server):
        self.server, self.count, self.longest, self.failure = server, 0, 0, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while not self.over.wait(0.02):
                start = time.monotonic()
                with self.server.connect() as sock:
                    sock.sendall(ping("witness"))
                    assert receive(sock) == (REPLY, 1, "ping", pong("witness"))
                self.count, self.longest = self.count + 1, max(self.longest, time.monotonic() - start)
        except Exception as failure:
            self.failure = failure

    def stop(self, patience):
        self.over.set()
        self.thread.join(20)
        assert not self.failure, f"after {self.count} pings: {self.failure!r}"
        assert self.count > 5 and self.longest < patience, f"{self.count} pings, the longest took {self.longest:.2f} s"


class Memory:
    """Notes the most memory that the server took."""

    def __init__(self, server):
        self.server, self.peak = server, server.memory()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over.wait(0.005):
            self.peak = max(self.peak, self.server.memory())


@contextmanager
def watched(name, patience=10):
    """A server of its own for each case: what one leaves behind must not hide what the next one takes.
    Others may be served slowly meanwhile, but `patience` seconds say that they were not served."""
    with Server(sys.argv[1], "--listen", "127.0.0.1:0") as server:
        with server.connect() as sock:
            sock.sendall(ping("warm"))
            receive(sock)
        before = server.memory()
        memory, witness = Memory(server), Witness(server)
        try:
            yield server
            time.sleep(0.2)
        finally:
            memory.over.set()
            memory.thread.join()
            witness.over.set()
        witness.stop(patience)
        growth = memory.peak - before
        print(f"  {name}: {growth:.0f} MB more at most, a ping took {witness.longest * 1000:.0f} ms at most", flush=True)
        assert growth < GROWTH_MAX, f"{growth:.0f} MB"


def many(server, stack, count, **options):
    return [stack.enter_context(server.connect(**options)) for _ in range(count)]


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

"""A server under attack: how much memory it takes, and whether it goes on serving others meanwhile."""

import os
import sys
import threading
import time
from contextlib import contextmanager

from http2 import Peer, request, turns
from server import Server
from wire import REPLY, ping, pong, receive

# Memory that the server only reserves must not count: meson asks malloc to fill all of it. And the address sanitizer
# would keep up to 256 MB of what was freed.
os.environ.pop("MALLOC_PERTURB_", None)
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=16"


def thrift_ping(server):
    with server.connect() as sock:
        sock.sendall(ping("witness"))
        assert receive(sock) == (REPLY, 1, "ping", pong("witness"))


def grpc_ping(server):
    with server.connect() as sock:
        peer = Peer(sock)
        peer.put(request(1, "EmptyCall"))
        turns([peer], 10, until=lambda: peer.closed or 1 in peer.ended)
        assert 1 in peer.ended and 1 in peer.answered, f"goaway {peer.goaway}, closed: {peer.closed}"


class Witness:
    """Another client, each time on a connection of its own: pings until it is told to stop, notes the longest wait."""

    def __init__(self, server, ping_once):
        self.server, self.ping_once, self.count, self.longest, self.failure = server, ping_once, 0, 0, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        try:
            while not self.over.wait(0.02):
                start = time.monotonic()
                self.ping_once(self.server)
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
def watched(name, growth_max, patience=10, ping_once=thrift_ping, options=()):
    """A server of its own for each case: what one leaves behind must not hide what the next one takes.
    Others may be served slowly meanwhile, but `patience` seconds say that they were not served."""
    with Server(sys.argv[1], "--listen", "127.0.0.1:0", *options) as server:
        ping_once(server)
        before = server.memory()
        memory, witness = Memory(server), Witness(server, ping_once)
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
        assert growth < growth_max, f"{growth:.0f} MB"


def many(server, stack, count, **options):
    return [stack.enter_context(server.connect(**options)) for _ in range(count)]

"""Weft's client calls Apache's Python servers."""

import logging
import sys
import threading
from collections import Counter
from contextlib import contextmanager

import apache  # first: it makes the modules below
from thrift.protocol.TCompactProtocol import TCompactProtocolFactory
from thrift.server.TServer import TSimpleServer, TThreadedServer
from thrift.transport.TSocket import TServerSocket
from thrift.transport.TTransport import TFramedTransportFactory
from weft_kitchen import Annex
from weft_kitchen.ttypes import Denied, NotFound
from weft_kitchen_shared.ttypes import Item, Trouble

import probe_cases
from cases import case, run_cases


logging.disable()  # Apache's server logs what a handler raises


class Handler:
    def __init__(self):
        self.counts = Counter()

    def ping(self, msg):
        return "pong:" + msg

    def poke(self, token):
        self.counts[token] += 1

    def pokes(self, token):
        return self.counts[token]

    def nothing(self):
        pass

    def add(self, a, b):
        return a + b

    def make_blob(self, n):
        return b"\x5a" * n

    def echo_every(self, v):
        return v

    echo_nest = echo_pick = echo_every

    def may_throw(self, which):
        if which == 0:
            return 7
        raise {
            1: NotFound(key="key", code=404),
            2: Denied(reason="because", quota={"left": 0}),
            3: Trouble(why="shared", items=[Item(label="one", at=1)]),
        }.get(which, RuntimeError("not declared"))

    def void_throw(self, which):
        raise NotFound(key="void", code=-1)


@contextmanager
def serving(kind):
    socket = TServerSocket("127.0.0.1", 0)
    socket.listen()
    port = socket.handle.getsockname()[1]
    socket.listen = lambda: None  # it does already
    server = kind(Annex.Processor(Handler()), socket, TFramedTransportFactory(), TCompactProtocolFactory())
    server.daemon = True  # the threads that serve
    threading.Thread(target=server.serve, daemon=True).start()
    yield port


for kind in TThreadedServer, TSimpleServer:

    @case(f"Weft's client calls Apache's Python {kind.__name__}")
    def _(kind=kind):
        with serving(kind) as port:
            probe_cases.check(sys.argv[1], port)


run_cases()

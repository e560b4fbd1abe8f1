"""Peers that want interop-server's memory by HTTP/2: it grows by less than a limit, and goes on serving others."""

import functools
import gzip
import sys
import time
from contextlib import ExitStack

from cases import case, run_cases
from http2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, RST_STREAM, SETTINGS,
                   WINDOW_UPDATE, Peer, begin, block, frame, grpc_message, request, string, turns)
from watched import grpc_ping, many, watched
from wire import varint

GROWTH_MAX = int(sys.argv[2]) if len(sys.argv) > 2 else 64  # MB
MESSAGE_MAX = 4 << 20
STREAMS = range(1, 200, 2)
# What lets the server send without end.
OPEN_WINDOWS = (4).to_bytes(2, "big") + (2**31 - 1).to_bytes(4, "big")
MORE = frame(WINDOW_UPDATE, 0, 0, (2**31 - 1 - 65535).to_bytes(4, "big"))
watched = functools.partial(watched, growth_max=GROWTH_MAX, ping_once=grpc_ping)


def peers_of(server, stack, count, receive_buffer=None, **options):
    return [Peer(sock, **options) for sock in many(server, stack, count, receive_buffer=receive_buffer)]


def with_payload(size):
    """A SimpleRequest."""
    payload = b"\x12" + varint(size) + bytes(size)
    return b"\x1a" + varint(len(payload)) + payload


def begun(peers, seconds, method, streams, share=0.5, size=MESSAGE_MAX):
    """Sends that share of a message on each stream, as far as the server's windows go, and keeps silent then."""
    body = grpc_message(bytes(size))
    most = int(len(body) * share)
    sent = {}
    for peer in peers:
        for stream in streams:
            peer.put(begin(stream, method))

    def each(peer):
        for stream in streams:
            at = sent.get((peer, stream), 0)
            part = min(peer.room(stream), most - at)
            if part > 0 and stream not in peer.ended:
                peer.data(stream, body[at : at + part])
                sent[peer, stream] = at + part

    turns(peers, seconds, each)
    return sum(sent.values())


for method in "UnaryCall", "StreamingInputCall":

    @case(f"half of 4 MB on a hundred streams of ten connections, to {method}")
    def _(method=method):
        with watched(f"halves to {method}") as server, ExitStack() as stack:
            begun(peers_of(server, stack, 10), 8, method, STREAMS)


@case("half of 4 MB on each of a thousand connections, which stay")
def _():
    with watched("a thousand halves") as server, ExitStack() as stack:
        begun(peers_of(server, stack, 1000), 8, "UnaryCall", [1])


@case("half of 20 KB on each of a thousand connections, which stay")
def _():
    with watched("a thousand small halves") as server, ExitStack() as stack:
        begun(peers_of(server, stack, 1000), 4, "UnaryCall", [1], size=20_000)


@case("requests of 4 MB from many at once are all answered, though the server cannot hold them all")
def _():
    with watched("whole messages", patience=20) as server, ExitStack() as stack:
        peers = peers_of(server, stack, 10)
        streams = range(1, 17, 2)
        body = grpc_message(with_payload(MESSAGE_MAX - 100))
        sent = {}
        for peer in peers:
            for stream in streams:
                peer.put(begin(stream, "UnaryCall"))

        def each(peer):
            for stream in streams:
                at = sent.get((peer, stream), 0)
                part = min(peer.room(stream), len(body) - at)
                if part > 0:
                    peer.data(stream, body[at : at + part], END_STREAM if at + part == len(body) else 0)
                    sent[peer, stream] = at + part

        turns(peers, 60, each, until=lambda: all(len(peer.ended) == len(streams) or peer.closed for peer in peers))
        for peer in peers:
            assert not peer.closed and len(peer.answered) == len(streams), (peer.goaway, peer.closed, peer.answered)


@case("large replies that nobody reads")
def _():
    with watched("untaken replies") as server, ExitStack() as stack:
        peers = peers_of(server, stack, 50, receive_buffer=4096, settings=OPEN_WINDOWS)
        for peer in peers:
            peer.put(MORE)
            for stream in STREAMS:
                peer.put(request(stream, "UnaryCall", b"\x10" + varint(4_000_000)))
        turns(peers, 6, read=False)


@case("streams of large replies that nobody reads")
def _():
    with watched("untaken streams") as server, ExitStack() as stack:
        wish = b"\x08" + varint(1_000_000)
        wishes = (b"\x12" + varint(len(wish)) + wish) * 50
        peers = peers_of(server, stack, 50, receive_buffer=4096, settings=OPEN_WINDOWS)
        for peer in peers:
            peer.put(MORE)
            for stream in STREAMS:
                peer.put(request(stream, "StreamingOutputCall", wishes))
        turns(peers, 6, read=False)


@case("small messages that wait for a busy handler, each in a large piece")
def _():
    with watched("small messages that wait") as server, ExitStack() as stack:
        wish = b"\x08\x01\x10" + varint(20_000_000)  # a reply after twenty seconds
        busy = grpc_message(b"\x12" + varint(len(wish)) + wish)
        peers = peers_of(server, stack, 20)
        for peer in peers:
            for stream in STREAMS:
                peer.put(begin(stream, "FullDuplexCall") + frame(DATA, 0, stream, busy))
        state = {}

        def each(peer):
            at = state.get(peer, 0)
            id = 1001 + 2 * at
            if at > 3000 or peer.window < 60_000:
                return
            waits = STREAMS[at % len(STREAMS)]
            if peer.room(waits) > 5:
                peer.data(waits, grpc_message(b""))
            body = grpc_message(with_payload(40_000))
            peer.put(begin(id, "UnaryCall"))
            for piece in range(0, len(body), 16_000):
                peer.room(id)
                peer.data(id, body[piece : piece + 16_000], END_STREAM if piece + 16_000 >= len(body) else 0)
            state[peer] = at + 1

        turns(peers, 6, each)


@case("messages without bytes, as many as windows let through, wait for a busy handler")
def _():
    with watched("empty messages that wait") as server, ExitStack() as stack:
        wish = b"\x08\x01\x10" + varint(20_000_000)
        busy = grpc_message(b"\x12" + varint(len(wish)) + wish)
        peers = peers_of(server, stack, 10)
        for peer in peers:
            for stream in STREAMS:
                peer.put(begin(stream, "FullDuplexCall") + frame(DATA, 0, stream, busy))
        empty = bytes(5 * 3000)

        def each(peer):
            for stream in STREAMS:
                if peer.room(stream) >= len(empty) and stream not in peer.ended:
                    peer.data(stream, empty)

        turns(peers, 5, each)


def endless(one, opening=b""):
    """Ten peers that read nothing send this until they are sent away, and come again."""

    def attack(server):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            with ExitStack() as stack:
                peers = peers_of(server, stack, 10, acknowledge=False)
                for peer in peers:
                    peer.put(opening)

                def each(peer):
                    peer.put(one(peer) if callable(one) else one)

                turns(peers, min(1, end - time.monotonic()), each, read=False)

    return attack


def resets(peer):
    first = getattr(peer, "next", 1)
    peer.next = first + 400
    return b"".join(
        begin(stream, "FullDuplexCall") + frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big"))
        for stream in range(first, first + 400, 2))


def made_resets(peer):
    first = getattr(peer, "next", 1)
    peer.next = first + 400
    return b"".join(
        begin(stream, "UnaryCall") + frame(WINDOW_UPDATE, 0, stream, bytes(4)) for stream in range(first, first + 400, 2))


FLOODS = {
    "SETTINGS": endless(frame(SETTINGS) * 5000),
    "PINGs": endless(frame(PING, 0, 0, b"12345678") * 5000),
    "empty DATA": endless(frame(DATA, 0, 1) * 5000, begin(1, "StreamingInputCall")),
    "PRIORITY": endless(frame(PRIORITY, 0, 1, bytes(5)) * 5000),
    "WINDOW_UPDATE": endless(frame(WINDOW_UPDATE, 0, 0, b"\0\0\0\1") * 5000),
    "CONTINUATION": endless(frame(CONTINUATION, 0, 1, b"") * 5000, frame(HEADERS, 0, 1, block("EmptyCall"))),
    "full CONTINUATION": endless(frame(CONTINUATION, 0, 1, (b"\0" + string(b"x") + string(b"y" * 16_000))) * 10,
                                 frame(HEADERS, 0, 1, block("EmptyCall"))),
    "streams that are reset at once": endless(resets),
    "streams that the server must reset": endless(made_resets),
}
for name, attack in FLOODS.items():

    @case(f"a flood: {name}")
    def _(name=name, attack=attack):
        with watched(name) as server:
            attack(server)


@case("headers that inflate, of calls that stay")
def _():
    with watched("inflating headers") as server, ExitStack() as stack:
        peers = peers_of(server, stack, 50)
        entry = b"\x40" + string(b"bomb") + string(b"b" * 3900)
        for peer in peers:
            for stream in STREAMS:
                fields = block("FullDuplexCall") + (entry if stream == 1 else b"\xbe") + b"\xbe"
                peer.put(frame(HEADERS, END_HEADERS, stream, fields))
        turns(peers, 3)


@case("headers that inflate without end")
def _():
    with watched("endless headers") as server, ExitStack() as stack:
        peers = peers_of(server, stack, 20)
        entry = b"\x40" + string(b"bomb") + string(b"b" * 3900)
        for peer in peers:
            for stream in STREAMS:
                fields = block("FullDuplexCall") + (entry if stream == 1 else b"") + b"\xbe" * 12_000
                peer.put(frame(HEADERS, END_HEADERS, stream, fields))
        turns(peers, 3)


@case("messages that inflate without end")
def _():
    with watched("gzip bombs") as server, ExitStack() as stack:
        peers = peers_of(server, stack, 20)
        bomb = grpc_message(gzip.compress(bytes(50_000_000)), 1)
        for peer in peers:
            for stream in STREAMS:
                peer.room(stream)
                peer.put(begin(stream, "UnaryCall", grpc_encoding="gzip"))
        sent = {}

        def each(peer):
            for stream in STREAMS:
                at = sent.get((peer, stream), 0)
                part = min(peer.room(stream), len(bomb) - at)
                if part > 0 and stream not in peer.ended:
                    peer.data(stream, bomb[at : at + part], END_STREAM if at + part == len(bomb) else 0)
                    sent[peer, stream] = at + part

        turns(peers, 6, each)


if __name__ == "__main__":
    run_cases()

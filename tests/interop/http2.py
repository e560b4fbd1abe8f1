"""HTTP/2 by hand, for what no library would send: frames, header blocks without compression, and windows."""

import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 1
END_HEADERS = 4
ENHANCE_YOUR_CALM = 11
SERVICE = "/grpc.testing.TestService/"


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def string(value):
    """A string of HPACK, as it is."""
    out, size = bytearray(), len(value)
    if size < 127:
        return bytes([size]) + value
    out.append(127)
    size -= 127
    while size >= 128:
        out.append(size & 127 | 128)
        size >>= 7
    return bytes(out) + bytes([size]) + value


def field(name, value):
    """One that no table remembers."""
    return b"\0" + string(name.encode()) + string(value.encode())


def block(method, **more):
    fields = {":method": "POST", ":scheme": "http", ":path": SERVICE + method, ":authority": "flood"}
    fields |= {"te": "trailers", "content-type": "application/grpc"}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    return b"".join(field(name, value) for name, value in fields.items())


def begin(stream, method, **more):
    return frame(HEADERS, END_HEADERS, stream, block(method, **more))


def grpc_message(payload, compressed=0):
    return struct.pack(">BI", compressed, len(payload)) + payload


def request(stream, method, payload=b""):
    return begin(stream, method) + frame(DATA, END_STREAM, stream, grpc_message(payload))


class Peer:
    """A connection that obeys the server's windows, and acknowledges nothing but what `acknowledge` says."""

    def __init__(self, sock, settings=b"", acknowledge=True):
        self.sock, self.acknowledge, self.received = sock, acknowledge, bytearray()
        self.window, self.streams, self.initial = 65535, {}, 65535
        self.goaway, self.closed = None, False
        self.answered, self.ended = set(), set()
        sock.setblocking(False)
        self.queue = bytearray(PREFACE + frame(SETTINGS, payload=settings))

    def put(self, piece):
        self.queue += piece

    def room(self, stream):
        return min(self.window, self.streams.setdefault(stream, self.initial), 16384)

    def data(self, stream, payload, flags=0):
        """At most `room` bytes."""
        self.window -= len(payload)
        self.streams[stream] -= len(payload)
        self.put(frame(DATA, flags, stream, payload))

    def turn(self, read=True):
        """Sends and receives what can be without waiting."""
        try:
            while self.queue and not self.closed:
                del self.queue[: self.sock.send(self.queue[: 1 << 18])]
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True
        while read and not self.closed:
            try:
                piece = self.sock.recv(1 << 18)
            except BlockingIOError:
                break
            except OSError:
                piece = b""
            self.closed = not piece
            self.received += piece
        at = 0
        while len(self.received) - at >= 9:
            size = int.from_bytes(self.received[at : at + 3], "big")
            if len(self.received) - at < 9 + size:
                break
            kind, flags = self.received[at + 3], self.received[at + 4]
            stream = int.from_bytes(self.received[at + 5 : at + 9], "big")
            self.frame(kind, flags, stream, bytes(self.received[at + 9 : at + 9 + size]))
            at += 9 + size
        del self.received[:at]

    def frame(self, kind, flags, stream, payload):
        if kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload), 6):
                name, value = struct.unpack(">HI", payload[at : at + 6])
                if name == 4:
                    self.streams = {id: window + value - self.initial for id, window in self.streams.items()}
                    self.initial = value
            if self.acknowledge:
                self.put(frame(SETTINGS, ACK))
        elif kind == PING and not flags & ACK and self.acknowledge:
            self.put(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            more = int.from_bytes(payload, "big")
            if stream:
                self.streams[stream] = self.streams.get(stream, self.initial) + more
            else:
                self.window += more
        elif kind == DATA:
            self.answered.add(stream)
        elif kind == GOAWAY:
            self.goaway = int.from_bytes(payload[4:8], "big")
        if stream and (kind == RST_STREAM or flags & END_STREAM and kind in (DATA, HEADERS)):
            self.ended.add(stream)


def turns(peers, seconds, each=None, read=True, until=None):
    """Lets all peers send and receive for so long; `each` is asked for more of every one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not (until and until()):
        for peer in peers:
            if each and len(peer.queue) < 1 << 18 and not peer.closed:
                each(peer)
            peer.turn(read)
        time.sleep(0.001)

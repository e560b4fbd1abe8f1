"""Thrift's compact protocol by hand, for bytes that no library would send."""

import struct

CALL, REPLY, EXCEPTION, ONEWAY = 1, 2, 3, 4
# Types of fields and elements.
TRUE, FALSE, I8, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
# What an EXCEPTION says.
UNKNOWN_METHOD, INVALID_MESSAGE_TYPE, INTERNAL_ERROR, PROTOCOL_ERROR = 1, 2, 6, 7


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def zigzag(number):
    return varint((number << 1 ^ number >> 63) & 0xFFFFFFFFFFFFFFFF)


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return varint(len(value)) + value


def message(kind, name, arguments=b"\0", sequence=1, version=1, protocol=0x82):
    return bytes([protocol, kind << 5 | version]) + varint(sequence & 0xFFFFFFFF) + text(name) + arguments


def framed(payload):
    return struct.pack(">i", len(payload)) + payload


def call(name, arguments=b"\0", sequence=1, kind=CALL):
    return framed(message(kind, name, arguments, sequence))


def ping(word, sequence=1):
    return call("ping", b"\x18" + text(word) + b"\0", sequence)


def pong(word):
    return b"\x08\0" + text("pong:" + word) + b"\0"


def receive_exactly(sock, size):
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError(f"closed after {len(data)} of {size} bytes")
        data += piece
    return bytes(data)


def receive_frame(sock):
    return receive_exactly(sock, struct.unpack(">i", receive_exactly(sock, 4))[0])


def read_varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return number, at


def parse(frame):
    """The kind, sequence id, name and payload of a message."""
    assert frame[0] == 0x82 and frame[1] & 31 == 1, frame[:16].hex()
    sequence, at = read_varint(frame, 2)
    size, at = read_varint(frame, at)
    return frame[1] >> 5, sequence, frame[at : at + size].decode(errors="replace"), frame[at + size :]


def receive(sock):
    return parse(receive_frame(sock))


def exception_type(payload):
    """Of a TApplicationException: {1: string message, 2: i32 type}."""
    assert payload[0] == 0x18, payload.hex()
    size, at = read_varint(payload, 1)
    assert payload[at + size] == 0x15, payload.hex()
    number, _ = read_varint(payload, at + size + 1)
    return number >> 1 ^ -(number & 1)


def is_closed(sock):
    """Whether the peer ends the connection, without a word, within the socket's timeout."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False

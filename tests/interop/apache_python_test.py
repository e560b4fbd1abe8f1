"""Apache's Python client calls interop-server."""

import sys
import time

import apache  # first: it makes the modules below
from apache import Connection
from thrift.protocol.TMultiplexedProtocol import TMultiplexedProtocol
from thrift.Thrift import TApplicationException
from weft_kitchen import Annex, Kitchen, constants
from weft_kitchen.ttypes import Color, Denied, Every, Item, Later, Nest, NotFound, Optionals, Pick, Point, Req, Tree
from weft_kitchen_shared import Base
from weft_kitchen_shared.ttypes import Color as OtherColor
from weft_kitchen_shared.ttypes import Item as OtherItem
from weft_kitchen_shared.ttypes import Trouble

from cases import case, run_cases
from server import Server

server = Server(sys.argv[1], "--listen", "127.0.0.1:0")


def annex():
    return Connection(Annex, server.port)


def fails(exception, function, *arguments):
    try:
        function(*arguments)
    except exception as failure:
        return failure
    raise AssertionError(f"{exception.__name__} was expected")


def same(got, expected):
    assert got == expected, f"got {got!r}, not {expected!r}"


@case("methods of a service and of those that it extends")
def _():
    with Connection(Base, server.port) as base, Connection(Kitchen, server.port) as kitchen, annex() as client:
        for each in base, kitchen, client:
            same(each.ping("wörld 🚀"), "pong:wörld 🚀")
        same(kitchen.add(2, 3), 5)
        same(client.annex(), "annex")


@case("base types come back as they were sent, to their limits")
def _():
    with annex() as client:
        same(client.nothing(), None)
        for a, b, total in ((2**62, 5, 2**62 + 5), (2**63 - 1, 1, -(2**63)), (-(2**63), -1, 2**63 - 1), (0, 0, 0)):
            same(client.add(a, b), total)
        for word in "", "a", "x" * 127, "x" * 128, "nul\0inside", constants.UTF8, "y" * 100_000:
            same(client.echo_string(word), word)
        for blob in b"", bytes(range(256)), b"\xff\xfe", b"z" * 5_000_000:
            same(client.echo_binary(blob), blob)
        same((client.negate(True), client.negate(False)), (False, True))
        for number in 0.0, -1.5, 1e300, 5e-324, float("inf"), float("-inf"):
            same(client.echo_double(number), number)
        same(str(client.echo_double(-0.0)), "-0.0")
        assert client.echo_double(float("nan")) != client.echo_double(float("nan"))


@case("enums go round, and unknown numbers survive")
def _():
    with annex() as client:
        order = [Color.RED, Color.GREEN, Color.BLUE, Color.HEX, Color.NEG, Color.AFTER_NEG, Color.MAXI, Color.MINI]
        same([client.next_color(color) for color in order], order[1:] + order[:1])
        same(client.next_color(12345), 12345)


@case("containers come back, empty, short and long")
def _():
    with annex() as client:
        for size in 0, 1, 14, 15, 16, 1000:
            same(client.echo_bools([i % 3 == 0 for i in range(size)]), [i % 3 == 0 for i in range(size)])
            same(client.echo_counts({str(i): -i for i in range(size)}), {str(i): -i for i in range(size)})
            same(client.echo_set(set(range(-size, size))), set(range(-size, size)))
            same(client.sum(list(range(size))), sum(range(size)))
        same(client.sum([2**63 - 1, 1]), -(2**63))


@case("a struct with every kind of field")
def _():
    value = Every(
        yes=True, tiny=-128, small=-32768, medium=-(2**31), wide=-(2**63), real=0.1, text=constants.ESC, blob=b"\0\xff",
        color=Color.MINI, ints=[1, -1], words={"", "w"}, counts={"": 2**63 - 1}, point=Point(x=1, y=-2), no=False,
        admin=constants.ROOT, bools=[True, False],
    )
    with annex() as client:
        same(client.echo_every(value), value)


@case("optional fields, each alone, none and all")
def _():
    fields = {
        "b": False, "i8v": 0, "i16v": -1, "i32v": 0, "i64v": 2**40, "d": 0.0, "s": "", "bin": b"", "l": [], "st": {1, 2},
        "m": {1: -1}, "p": Point(x=0, y=0), "c": Color.RED, "u": Pick(flag=False),
    }
    with annex() as client:
        for name, value in fields.items():
            same(client.echo_optionals(Optionals(**{name: value})), Optionals(**{name: value}))
        same(client.echo_optionals(Optionals()), Optionals())
        same(client.echo_optionals(Optionals(**fields)), Optionals(**fields))


@case("unions, each alternative and nested")
def _():
    each = [Pick(number=-5), Pick(text=""), Pick(point=Point(x=1, y=2)), Pick(many=[]), Pick(flag=True), Pick(blob=b"b")]
    with annex() as client:
        for value in [*each, Pick(many=each), Pick(many=[Pick(many=each)])]:
            same(client.echo_pick(value), value)


@case("recursive and nested types")
def _():
    tree = Tree(v=0, kids=[])
    for depth in range(1, 20):
        tree = Tree(v=depth, kids=[tree, Tree(v=-depth, kids=[])])
    nest = Nest(
        cube=[[[1, 2], []], []], deep={"x": {-7: [{1: [{"p", "q"}, set()], -2: []}]}}, rows=[{"far": Point(x=-1000000, y=7)}],
        points={Point(x=1, y=2), Point(x=-1, y=2)}, by_point={Point(x=5, y=6): "five"}, table={-1: {2**60: 0.5}, 0: {}},
        sets=[{1, 2}, set()], truth={True: False, False: True}, rosters={"staff": {"ann": [1, 2]}}, blobs=[b"", b"\0"],
        nothings=[], palette={Color.RED: [Color.MAXI, Color.MINI]}, reals=[-0.5, 1e308], bytes=[-128, 127], bset={True, False},
        by_real={-0.5: "half", 2.0: "two"},
    )
    with annex() as client:
        same(client.echo_tree(tree), tree)
        same(client.echo_nest(nest), nest)


@case("types of two files with the same name do not mix, and required fields arrive")
def _():
    item = Item(
        item=1, color=Color.BLUE, shared=OtherItem(label="l", at=2), other_color=OtherColor.BLUE,
        more=[OtherItem(label="m", at=-1)], later=Later(n=9),
    )
    with annex() as client:
        same(client.echo_item(item), item)
        same(client.echo_req(Req(must=1, may=0, dflt=2, where=Point(x=3, y=4))), Req(1, 0, 2, Point(3, 4)))
        same(client.echo_req(Req(must=1, dflt=2, where=Point(x=3, y=4))), Req(1, None, 2, Point(3, 4)))


@case("arguments without ids, and with ids out of order")
def _():
    with annex() as client:
        same(client.odd_args(1, 2, 3), 123)
        same(client.odd_args(-1, 0, 7), -93)


@case("declared exceptions arrive as they were thrown, and the connection lives")
def _():
    with annex() as client:
        same(client.may_throw(0), 7)
        same(fails(NotFound, client.may_throw, 1), NotFound(key="key", code=404))
        same(fails(Denied, client.may_throw, 2), Denied(reason="because", quota={"left": 0}))
        trouble = Trouble(why="shared", items=[OtherItem(label="one", at=1), OtherItem(label="two", at=-2)])
        same(fails(Trouble, client.may_throw, 3), trouble)
        same(client.void_throw(0), None)
        same(fails(NotFound, client.void_throw, 1), NotFound(key="void", code=-1))
        same(client.ping("on"), "pong:on")


@case("an undeclared failure is an internal error, and the connection lives")
def _():
    with annex() as client:
        same(fails(TApplicationException, client.may_throw, 4).type, TApplicationException.INTERNAL_ERROR)
        same(fails(TApplicationException, client.make_blob, -1).type, TApplicationException.INTERNAL_ERROR)
        same(client.ping("on"), "pong:on")


@case("oneway calls are counted for all connections, and nobody answers them")
def _():
    with annex() as one, annex() as other:
        for client in one, other, one:
            for _ in range(100):
                client.poke(77)
            client.drop("dropped", [1, 2])
        end = time.monotonic() + 5
        while other.pokes(77) < 300 and time.monotonic() < end:
            time.sleep(0.01)
        same((one.pokes(77), other.pokes(77), one.pokes(78)), (300, 300, 0))


@case("pokes are counted before the next question of their connection")
def _():
    for token in range(1000, 1020):
        with annex() as client:
            client.poke(token)
            same(client.pokes(token), 1)


@case("large replies, up to 15 MiB")
def _():
    with annex() as client:
        for size in 0, 1, 16_000, 1 << 20, 15 << 20:
            same(client.make_blob(size), b"\x5a" * size)


@case("multiplexed clients say the service's name")
def _():
    with Connection(Annex, server.port, lambda protocol: TMultiplexedProtocol(protocol, "Annex")) as client:
        same(client.ping("m"), "pong:m")
        same(client.annex(), "annex")
        same(fails(NotFound, client.may_throw, 1).code, 404)
    with Connection(Annex, server.port, lambda protocol: TMultiplexedProtocol(protocol, "Nobody")) as client:
        same(fails(TApplicationException, client.ping, "m").type, TApplicationException.UNKNOWN_METHOD)


@case("a slow call holds up nobody on other connections")
def _():
    with annex() as slow, annex() as quick:
        slow.send_slow(700, 9)
        start = time.monotonic()
        for _ in range(20):
            same(quick.ping("q"), "pong:q")
        assert time.monotonic() - start < 0.5, "the pings waited"
        same(slow.recv_slow(), 9)


with server:
    run_cases()

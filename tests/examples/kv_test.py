"""Runs examples/kv as a user would: kv_test.py KV_SERVER KV_CLIENT. The server gets four cores, so keys have several
owners on every machine."""

import os
import re
import subprocess
import time

from cases import case, run_cases
from kv_programs import CLIENT, SECONDS, Server, contains, finish, same

server = Server("4")
start, call, scan = server.start, server.call, server.scan


@case("what was put is what one gets, until it is replaced or removed")
def values():
    call("put", "fruit", "apple")
    same(call("get", "fruit"), b"apple\n")
    call("put", "fruit", "")
    same(call("get", "fruit"), b"\n")
    call("remove", "fruit")
    contains(call("get", "fruit", status=1), 'no key "fruit"')
    contains(call("remove", "fruit", status=1), 'no key "fruit"')


@case("keys and values are bytes, whatever they say")
def binary():
    key, value = b"\xff\xfe \xc3(", b"\x80\x01\x7f"
    call("put", key, value)
    same(call("get", key), value + b"\n")
    call("remove", key)


@case("what is too large or empty is refused with a clear message")
def limits():
    contains(call("put", "", "x", status=2), "the key is empty")
    contains(call("get", "k" * 1025, status=2), "the key has 1025 bytes; at most 1024 are allowed")
    contains(call("put", "k", "v" * 65537, status=2), "the value has 65537 bytes; at most 65536 are allowed")
    contains(call("cas", "k", "v" * 65537, status=2), "the value has 65537 bytes")
    contains(call("scan", "", "0", status=2), "a scan's limit is 1 to 200, not 0")
    contains(call("scan", "", "201", status=2), "a scan's limit is 1 to 200, not 201")
    call("put", "k" * 1024, "v" * 65536)
    same(len(call("get", "k" * 1024)), 65537)
    call("remove", "k" * 1024)


@case("the largest scan fits one reply")
def large_scan():
    writers = [start("put", f"{i:03}" + "k" * 1021, "v" * 65536) for i in range(200)]
    for writer in writers:
        same(finish(writer)[0], 0)
    same(len(call("scan", "", "200", "")), 200 * (1024 + 65536 + 2))
    for key in scan("", "200"):
        call("remove", key)


@case("compare_and_swap swaps only what is as expected, and says what is there")
def swaps():
    call("cas", "door", "open")
    contains(call("cas", "door", "open", status=1), 'the value is "open"')
    contains(call("cas", "door", "ajar", "shut", status=1), 'the value is "open"')
    call("cas", "door", "open", "shut")
    same(call("get", "door"), b"shut\n")
    call("remove", "door")
    contains(call("cas", "door", "shut", "open", status=1), "there is no such key")


@case("clients that swap side by side count exactly")
def counting():
    counters = [start("count", "visits", "250") for _ in range(4)]
    for counter in counters:
        status, _, error = finish(counter)
        assert status == 0, error
    same(call("get", "visits"), b"1000\n")
    call("remove", "visits")


@case("a scan merges all cores in the order of the keys")
def order():
    keys = [b"%03d" % i for i in range(0, 150, 3)]
    for key in reversed(keys):
        call("put", key, b"value of " + key)
    same(scan("", "200"), keys)
    same(scan("", "7"), keys[:7])
    same(scan("060", "5"), keys[20:25])
    same(scan("061", "5"), keys[21:26])
    same(scan("", "200", "01"), [b"012", b"015", b"018"])
    same(scan("015", "200", "01"), [b"015", b"018"])
    same(scan("2", "200"), [])
    for key in keys:
        call("remove", key)
    same(scan("", "200"), [])


@case("load writes and reads all keys, shows its progress and says how fast it was")
def load():
    status, out, error = finish(start("load", "3000", "100"))
    same(status, 0)
    assert re.fullmatch(rb"6000 calls in [\d.]+ s: \d+ calls/s, p50 \d+ us, p99 \d+ us\n", out), out
    contains(error, "3000 of 3000 keys\n")
    assert "\r" not in error, error
    same(len(scan("load/", "200")), 200)
    same(call("get", "load/00002999"), b"value of load/00002999\n")


@case("on a terminal the progress is one line that is written again and again")
def terminal():
    ours, theirs = os.openpty()
    client = start("load", "200", "10", stderr=theirs)
    same(finish(client)[0], 0)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert shown.startswith("\r") and shown.endswith("\r200 of 200 keys\r\n") and shown.count("\n") == 1, shown


@case("a wrong command is answered by the usage, an absent server by what was tried")
def wrong():
    for arguments in (["frob"], ["get"], ["get", "a", "b"], ["cas", "a"]):
        contains(call(*arguments, status=2), "usage: kv_client ADDRESS[,ADDRESS...] COMMAND")
    contains(call("load", "many", status=2), '"many" is no number')
    contains(call("load", "5", "0", status=2), "nothing to do")
    absent = subprocess.run([CLIENT, "127.0.0.1:1", "get", "a"], capture_output=True, timeout=SECONDS)
    same(absent.returncode, 2)
    contains(absent.stderr.decode(), "127.0.0.1:1")


@case("a server that is told to stop while calls are in flight drains and ends with 0, and clients learn of it")
def drains():
    clients = [start("load", "100000000", "200") for _ in range(2)]
    time.sleep(0.5)
    for client in clients:
        same(client.poll(), None)
    server.terminate()
    for client in clients:
        status, _, error = finish(client)
        same(status, 2)
        contains(error, "unavailable")


try:
    run_cases()
finally:
    server.kill()

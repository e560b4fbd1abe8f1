"""Kills examples/kv while it keeps its keys in a folder, and looks for what it had acknowledged:
kv_durable_test.py KV_SERVER KV_CLIENT."""

import contextlib
import os
import subprocess
import tempfile
import threading
import time

from cases import case, run_cases
from kv_programs import SECONDS, SERVER, Server, contains, finish, same


@contextlib.contextmanager
def serving(folder, cores="4"):
    server = Server(cores, folder)
    try:
        yield server
    finally:
        server.kill()


def refusal(folder):
    """Why a server does not start there."""
    ran = subprocess.run([SERVER, "127.0.0.1:0", "4", folder], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=SECONDS)
    same(ran.returncode, 1)
    return ran.stderr


def logs(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".log"))


@case("what was put, swapped and removed is so after the server was killed")
def survives():
    with tempfile.TemporaryDirectory() as folder:
        with serving(folder) as server:
            server.call("put", "fruit", "apple")
            server.call("put", "gone", "soon")
            server.call("remove", "gone")
            server.call("cas", "door", "open")
            server.call("cas", "door", "open", "shut")
            server.call("put", b"\xff\x01\n", "")
        for _ in range(2):
            with serving(folder) as server:
                same(server.call("get", "fruit"), b"apple\n")
                same(server.call("get", "door"), b"shut\n")
                same(server.call("get", b"\xff\x01\n"), b"\n")
                contains(server.call("get", "gone", status=1), "no key")


@case("killed again and again under load, it never loses what it acknowledged")
def under_load():
    acknowledged, maybe, counts = {}, {}, []  # maybe: nobody knows what became of it

    def put_until_killed(server, writer, round):
        for number in range(1_000_000):
            key, value = f"{writer}/{number % 50}", f"{round}.{number}"
            if finish(server.start("put", key, value))[0] != 0:
                maybe[key] = value
                counts.append(number)
                return
            acknowledged[key] = value

    with tempfile.TemporaryDirectory() as folder:
        for round in range(4):
            maybe.clear()
            counts.clear()
            with serving(folder) as server:
                load = server.start("load", "100000000", "100", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                writers = [threading.Thread(target=put_until_killed, args=(server, writer, round)) for writer in range(6)]
                for writer in writers:
                    writer.start()
                time.sleep(0.8)
                server.kill()
                for writer in writers:
                    writer.join()
                same(load.wait(SECONDS), 2)
                assert sum(counts) > 0, "nothing was acknowledged"
            with serving(folder) as server:
                for key, value in acknowledged.items():
                    got = server.call("get", key).decode().rstrip("\n")
                    assert got in (value, maybe.get(key)), f"{key}: {value} was acknowledged, {got} is there"
                    acknowledged[key] = got


@case("another number of cores finds the same keys")
def cores():
    keys = [b"%03d" % number for number in range(60)]
    with tempfile.TemporaryDirectory() as folder:
        with serving(folder, "4") as server:
            for key in keys:
                server.call("put", key, b"value of " + key)
            server.call("remove", "007")
            keys.remove(b"007")
        for count in "1", "3", "4":
            with serving(folder, count) as server:
                same(server.scan("", "200"), keys)
                same(server.call("get", "059"), b"value of 059\n")
                server.call("put", "cores", count)
                server.call("remove", "cores")
            same(len(logs(folder)), int(count))


@case("a log that ends in the middle of a write is cut off there, and says so")
def torn():
    with tempfile.TemporaryDirectory() as folder:
        with serving(folder, "1") as server:
            server.call("put", "a", "1")
            server.call("put", "b", "2")
        log, = logs(folder)
        os.truncate(log, os.path.getsize(log) - 1)
        with serving(folder, "1") as server:
            contains(server.text(), f"{log} ends in a write that was not finished: ")
            same(server.call("get", "a"), b"1\n")
            contains(server.call("get", "b", status=1), "no key")
            server.call("put", "b", "3")
        with serving(folder, "1") as server:
            assert "not finished" not in server.text(), server.text()
            same(server.call("get", "b"), b"3\n")


@case("a log that is damaged in the middle is refused with its name and the place")
def damaged():
    with tempfile.TemporaryDirectory() as folder:
        with serving(folder, "4") as server:
            for number in range(40):
                server.call("put", str(number), "value")
        log = max(logs(folder), key=os.path.getsize)
        with open(log, "r+b") as file:
            file.seek(20)
            file.write(b"?")
        contains(refusal(folder), f"data_loss: {log} is damaged at byte 0 of {os.path.getsize(log)}")


@case("a folder that is not there, or that another server has, is refused")
def refused():
    with tempfile.TemporaryDirectory() as folder:
        contains(refusal(os.path.join(folder, "absent")), "not_found: ")
        with serving(folder):
            contains(refusal(folder), "somebody else has locked it")
        with serving(folder):
            pass


@case("a log does not grow much beyond what it stands for")
def compacts():
    with tempfile.TemporaryDirectory() as folder:
        with serving(folder, "1") as server:
            for number in range(60):
                server.call("put", "large", str(number % 10) * 60_000)
            server.call("put", "small", "x")
            log, = logs(folder)
            assert os.path.getsize(log) < 2_000_000, f"{os.path.getsize(log)} bytes of 3,600,000 that were put"
        with serving(folder, "1") as server:
            same(server.call("get", "large"), b"9" * 60_000 + b"\n")
            same(server.call("get", "small"), b"x\n")


run_cases()

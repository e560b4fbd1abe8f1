"""The programs of examples/kv, as their tests run them: TEST KV_SERVER KV_CLIENT."""

import re
import signal
import subprocess
import sys
import tempfile
import time

SERVER, CLIENT = sys.argv[1:3]
SECONDS = 30  # for anything to end


class Server:
    """On a port of its own, with the given arguments behind its address."""

    def __init__(self, *arguments):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([SERVER, "127.0.0.1:0", *arguments], stdin=subprocess.DEVNULL, stderr=self.log)
        until = time.monotonic() + SECONDS
        while not (found := re.search(r"listening on (\S+)", self.text())):
            assert self.process.poll() is None and time.monotonic() < until, f"the server did not start:\n{self.text()}"
            time.sleep(0.02)
        self.address = found[1]

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert status == 0, f"the server ended with {status}:\n{self.text()}"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def start(self, *arguments, **streams):
        return subprocess.Popen([CLIENT, self.address, *arguments], stdin=subprocess.DEVNULL,
                                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams})

    def call(self, *arguments, status=0):
        got, out, error = finish(self.start(*arguments))
        assert got == status, f"{arguments}: ended with {got}, not {status}: {error}"
        return error if status else out

    def scan(self, *arguments):
        return [line.split(b"\t")[0] for line in self.call("scan", *arguments).splitlines()]


def finish(client):
    """The client's status, what it printed and what it complained of."""
    try:
        out, error = client.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        client.kill()
        raise
    return client.returncode, out, (error or b"").decode()


def same(actual, expected):
    assert actual == expected, f"{actual!r} is not {expected!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"
